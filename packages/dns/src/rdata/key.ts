/** KEY: a public key, today of SIG(0) (RFC 2535 §3, RFC 3445); none where its flags say so. */

import { formatBase64 } from '@riad/octets/base64';
import type { Reader } from '@riad/octets/reader';
import type { Writer } from '@riad/octets/writer';
import { codes } from '../codes.ts';
import { dnssecAlgorithms } from '../iana/dnssec-algorithms.ts';
import { Mnemonics } from '../iana/mnemonics.ts';
import { parseBase64Tokens } from './base64-field.ts';
import { NamelessCodec } from './codec.ts';
import { parseUnsigned, requireUnsigned } from './number-field.ts';
import { type RecordType, wholeRecordType } from './record-type.ts';
import type { TokenReader } from './token-reader.ts';

export type Key = {
  readonly flags: number;
  readonly protocol: number;
  readonly algorithm: number;
  readonly key: Uint8Array;
};

const noKey = 0xc000; // both type bits set, RFC 2535 §3.1.2

const protocols = new Mnemonics(
  { NONE: 0, TLS: 1, EMAIL: 2, DNSSEC: 3, IPSEC: 4, ALL: 255 }, // RFC 2535 §3.1.3
  '',
  0xff,
);

class KeyCodec extends NamelessCodec<Key> {
  decode(reader: Reader): Key {
    const flags = reader.uint16('flags');
    const protocol = reader.uint8('protocol');
    const algorithm = reader.uint8('algorithm');
    const key = reader.rest();
    if ((key.length === 0) !== ((flags & noKey) === noKey)) {
      reader.fail('rdata.value', 'a key against what the flags say');
    }
    return { flags, protocol, algorithm, key };
  }

  encode(value: Key, writer: Writer): void {
    if ((value.key.length === 0) !== ((value.flags & noKey) === noKey)) {
      throw new RangeError('a key against what the flags say');
    }
    writer.uint16(requireUnsigned(value.flags, 0xffff, 'flags'));
    writer.uint8(requireUnsigned(value.protocol, 0xff, 'protocol'));
    writer.uint8(requireUnsigned(value.algorithm, 0xff, 'algorithm'));
    writer.octets(value.key);
  }

  parse(tokens: TokenReader, writer: Writer): void {
    const flags = parseUnsigned(tokens, 0xffff);
    writer.uint16(flags);
    tokens.require('protocol');
    const protocol = protocols.find(tokens.buffer, tokens.start, tokens.end);
    if (protocol < 0) tokens.fail('text.mnemonic', `${codes['text.mnemonic']} (protocol)`);
    writer.uint8(protocol);
    tokens.require('algorithm');
    const algorithm = dnssecAlgorithms.find(tokens.buffer, tokens.start, tokens.end);
    if (algorithm < 0) tokens.fail('text.mnemonic', `${codes['text.mnemonic']} (algorithm)`);
    writer.uint8(algorithm);
    if ((flags & noKey) === noKey) return;
    tokens.require('key');
    parseBase64Tokens(tokens, writer);
  }

  format(reader: Reader): string {
    const { flags, protocol, algorithm, key } = this.decode(reader);
    return `${flags} ${protocol} ${algorithm} ${formatBase64(key)}`.trimEnd();
  }
}

export const key: RecordType<Key> = wholeRecordType({
  code: 25,
  mnemonic: 'KEY',
  reference: 'RFC 2535 §3',
  codec: new KeyCodec(),
});
