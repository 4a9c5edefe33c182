/** TSIG: the signature over a message with a shared secret (RFC 8945 §4.2); never in a zone. */
import { signatureErrors } from '../iana/rcodes.ts';
import type { Name } from '../name.ts';
import { mnemonic16 } from './mnemonic-field.ts';
import { plainName } from './name-field.ts';
import { uint16 } from './number-field.ts';
import { type RecordType, recordType } from './record-type.ts';
import { sizedBase64 } from './sized-base64-field.ts';
import { time48 } from './time-field.ts';

export type Tsig = {
  readonly algorithm: Name;
  readonly timeSigned: number;
  readonly fudge: number;
  readonly mac: Uint8Array;
  readonly originalId: number;
  readonly error: number;
  readonly other: Uint8Array;
};

export const tsig: RecordType<Tsig> = recordType({
  code: 250,
  mnemonic: 'TSIG',
  reference: 'RFC 8945 §4.2',
  fields: [
    plainName('algorithm'),
    time48('timeSigned'),
    uint16('fudge'),
    sizedBase64('mac'),
    uint16('originalId'),
    mnemonic16('error', signatureErrors),
    sizedBase64('other'),
  ],
});
