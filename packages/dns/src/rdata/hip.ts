/** HIP: the identity of a host and its rendezvous servers (RFC 8005 §5 and §6). */
import { formatBase64 } from '@riad/octets/base64';
import { formatHex } from '@riad/octets/hex';
import type { Reader } from '@riad/octets/reader';
import type { Writer } from '@riad/octets/writer';
import { checkName, decodeName, formatName, type Name } from '../name.ts';
import { parseBase64Tokens } from './base64-field.ts';
import { NamelessCodec } from './codec.ts';
import { parseHexToken } from './hex-field.ts';
import { parseNameToken } from './name-token.ts';
import { parseUnsigned, requireUnsigned } from './number-field.ts';
import { type RecordType, wholeRecordType } from './record-type.ts';
import type { TokenReader } from './token-reader.ts';

export type Hip = {
  readonly algorithm: number;
  readonly identityTag: Uint8Array;
  readonly publicKey: Uint8Array;
  readonly rendezvousServers: readonly Name[];
};

class HipCodec extends NamelessCodec<Hip> {
  decode(reader: Reader): Hip {
    const at = reader.position;
    const tagLength = reader.uint8('length of the identity tag');
    const algorithm = reader.uint8('algorithm');
    const keyLength = reader.uint16('length of the public key');
    if (tagLength === 0 || keyLength === 0) {
      reader.fail('rdata.value', 'an identity without tag or key', at);
    }
    const identityTag = reader.octets(tagLength, 'identity tag');
    const publicKey = reader.octets(keyLength, 'public key');
    const rendezvousServers: Name[] = [];
    while (reader.remaining > 0) {
      rendezvousServers.push(decodeName(reader, 'rendezvous server', false)); // RFC 8005 §5
    }
    return { algorithm, identityTag, publicKey, rendezvousServers };
  }

  encode(value: Hip, writer: Writer): void {
    const { identityTag, publicKey } = value;
    if (identityTag.length === 0 || publicKey.length === 0) {
      throw new RangeError('an identity without tag or key');
    }
    writer.uint8(requireUnsigned(identityTag.length, 0xff, 'length of the identity tag'));
    writer.uint8(requireUnsigned(value.algorithm, 0xff, 'algorithm'));
    writer.uint16(requireUnsigned(publicKey.length, 0xffff, 'length of the public key'));
    writer.octets(identityTag);
    writer.octets(publicKey);
    for (const server of value.rendezvousServers) writer.octets(checkName(server));
  }

  parse(tokens: TokenReader, writer: Writer): void {
    const algorithm = parseUnsigned(tokens, 0xff);
    const start = writer.position;
    writer.uint8(0);
    writer.uint8(algorithm);
    writer.uint16(0);
    tokens.require('identity tag');
    parseHexToken(tokens, writer);
    const tagLength = writer.position - start - 4;
    if (tagLength === 0 || tagLength > 0xff) {
      tokens.fail('text.hex', 'an identity tag has 1 to 255 octets');
    }
    tokens.require('public key');
    parseBase64Tokens(tokens, writer, false); // RFC 8005 §6: one token, for names follow
    const keyLength = writer.position - start - 4 - tagLength;
    if (keyLength === 0 || keyLength > 0xffff) {
      tokens.fail('text.base64', 'a public key has 1 to 65535 octets');
    }
    writer.buffer[start] = tagLength;
    writer.patchUint16(start + 2, keyLength);
    while (tokens.next()) parseNameToken(tokens, writer);
  }

  format(reader: Reader): string {
    const { algorithm, identityTag, publicKey, rendezvousServers } = this.decode(reader);
    return [
      algorithm,
      formatHex(identityTag).toUpperCase(),
      formatBase64(publicKey),
      ...rendezvousServers.map(formatName),
    ].join(' ');
  }
}

export const hip: RecordType<Hip> = wholeRecordType({
  code: 55,
  mnemonic: 'HIP',
  reference: 'RFC 8005 §5',
  codec: new HipCodec(),
});
