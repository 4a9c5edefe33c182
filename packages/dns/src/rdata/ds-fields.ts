/** The digest of a key, as DS (RFC 4034 §5), CDS (RFC 7344 §3.1), DLV (RFC 4431) and TA carry it. */
import { formatHex } from '@riad/octets/hex';
import type { Reader } from '@riad/octets/reader';
import type { Writer } from '@riad/octets/writer';
import { codes } from '../codes.ts';
import { digestOctets, digestTypes } from '../iana/digest-types.ts';
import { dnssecAlgorithms } from '../iana/dnssec-algorithms.ts';
import { NamelessCodec } from './codec.ts';
import { parseHexTokens } from './hex-field.ts';
import { parseUnsigned, requireUnsigned } from './number-field.ts';
import type { TokenReader } from './token-reader.ts';

export type KeyDigest = {
  readonly keyTag: number;
  readonly algorithm: number;
  readonly digestType: number;
  readonly digest: Uint8Array;
};

export class KeyDigestCodec extends NamelessCodec<KeyDigest> {
  decode(reader: Reader): KeyDigest {
    const keyTag = reader.uint16('key tag');
    const algorithm = reader.uint8('algorithm');
    const digestType = reader.uint8('digest type');
    const at = reader.position;
    const digest = reader.rest();
    if (digest.length === 0 || digest.length !== (digestOctets.get(digestType) ?? digest.length)) {
      reader.fail('rdata.value', `a digest of ${digest.length} octets, type ${digestType}`, at);
    }
    return { keyTag, algorithm, digestType, digest };
  }

  encode(value: KeyDigest, writer: Writer): void {
    writer.uint16(requireUnsigned(value.keyTag, 0xffff, 'keyTag'));
    writer.uint8(requireUnsigned(value.algorithm, 0xff, 'algorithm'));
    writer.uint8(requireUnsigned(value.digestType, 0xff, 'digestType'));
    const { length } = value.digest;
    if (length === 0 || length !== (digestOctets.get(value.digestType) ?? length)) {
      throw new RangeError(`a digest of ${length} octets, type ${value.digestType}`);
    }
    writer.octets(value.digest);
  }

  parse(tokens: TokenReader, writer: Writer): void {
    writer.uint16(parseUnsigned(tokens, 0xffff));
    tokens.require('algorithm');
    const algorithm = dnssecAlgorithms.find(tokens.buffer, tokens.start, tokens.end);
    if (algorithm < 0) tokens.fail('text.mnemonic', `${codes['text.mnemonic']} (algorithm)`);
    writer.uint8(algorithm);
    tokens.require('digest type');
    const digestType = digestTypes.find(tokens.buffer, tokens.start, tokens.end);
    if (digestType < 0) tokens.fail('text.mnemonic', `${codes['text.mnemonic']} (digest type)`);
    writer.uint8(digestType);
    tokens.require('digest');
    const start = writer.position;
    parseHexTokens(tokens, writer);
    const length = writer.position - start;
    const expected = digestOctets.get(digestType);
    if (length === 0 || length !== (expected ?? length)) {
      tokens.fail('text.hex', `the digest has ${length} octets, not ${expected ?? 'one or more'}`);
    }
  }

  format(reader: Reader): string {
    const { keyTag, algorithm, digestType, digest } = this.decode(reader);
    return `${keyTag} ${algorithm} ${digestType} ${formatHex(digest).toUpperCase()}`;
  }
}
