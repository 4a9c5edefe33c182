/** ZONEMD: a digest over a whole zone (RFC 8976 §2). */
import { formatHex } from '@riad/octets/hex';
import type { Reader } from '@riad/octets/reader';
import type { Writer } from '@riad/octets/writer';
import { NamelessCodec } from './codec.ts';
import { parseHexTokens } from './hex-field.ts';
import { parseUnsigned, requireUnsigned } from './number-field.ts';
import { type RecordType, wholeRecordType } from './record-type.ts';
import type { TokenReader } from './token-reader.ts';

export type Zonemd = {
  readonly serial: number;
  readonly scheme: number;
  readonly hashAlgorithm: number;
  readonly digest: Uint8Array;
};

const leastDigestOctets = 12; // RFC 8976 §2.2.4
const digestOctets = new Map([
  [1, 48], // SHA-384, §2.2.3
  [2, 64], // SHA-512
]);

function fits(hashAlgorithm: number, length: number): boolean {
  const expected = digestOctets.get(hashAlgorithm);
  return expected === undefined ? length >= leastDigestOctets : length === expected;
}

class ZonemdCodec extends NamelessCodec<Zonemd> {
  decode(reader: Reader): Zonemd {
    const serial = reader.uint32('serial');
    const scheme = reader.uint8('scheme');
    const hashAlgorithm = reader.uint8('hash algorithm');
    const at = reader.position;
    const digest = reader.rest();
    if (!fits(hashAlgorithm, digest.length)) {
      reader.fail('rdata.value', `a digest of ${digest.length} octets`, at);
    }
    return { serial, scheme, hashAlgorithm, digest };
  }

  encode(value: Zonemd, writer: Writer): void {
    writer.uint32(requireUnsigned(value.serial, 0xffff_ffff, 'serial'));
    writer.uint8(requireUnsigned(value.scheme, 0xff, 'scheme'));
    writer.uint8(requireUnsigned(value.hashAlgorithm, 0xff, 'hashAlgorithm'));
    if (!fits(value.hashAlgorithm, value.digest.length)) {
      throw new RangeError(`a digest of ${value.digest.length} octets`);
    }
    writer.octets(value.digest);
  }

  parse(tokens: TokenReader, writer: Writer): void {
    writer.uint32(parseUnsigned(tokens, 0xffff_ffff));
    tokens.require('scheme');
    writer.uint8(parseUnsigned(tokens, 0xff));
    tokens.require('hash algorithm');
    const hashAlgorithm = parseUnsigned(tokens, 0xff);
    writer.uint8(hashAlgorithm);
    tokens.require('digest');
    const start = writer.position;
    parseHexTokens(tokens, writer);
    if (!fits(hashAlgorithm, writer.position - start)) {
      tokens.fail('text.hex', `a digest of ${writer.position - start} octets is not of this hash`);
    }
  }

  format(reader: Reader): string {
    const { serial, scheme, hashAlgorithm, digest } = this.decode(reader);
    return `${serial} ${scheme} ${hashAlgorithm} ${formatHex(digest).toUpperCase()}`;
  }
}

export const zonemd: RecordType<Zonemd> = wholeRecordType({
  code: 63,
  mnemonic: 'ZONEMD',
  reference: 'RFC 8976 §2',
  codec: new ZonemdCodec(),
});
