/** TKEY: the exchange of a shared secret (RFC 2930 §2); never in a zone. */
import { signatureErrors } from '../iana/rcodes.ts';
import type { Name } from '../name.ts';
import { mnemonic16 } from './mnemonic-field.ts';
import { plainName } from './name-field.ts';
import { uint16 } from './number-field.ts';
import { type RecordType, recordType } from './record-type.ts';
import { sizedBase64 } from './sized-base64-field.ts';
import { time } from './time-field.ts';

export type Tkey = {
  readonly algorithm: Name;
  readonly inception: number;
  readonly expiration: number;
  readonly mode: number;
  readonly error: number;
  readonly key: Uint8Array;
  readonly other: Uint8Array;
};

export const tkey: RecordType<Tkey> = recordType({
  code: 249,
  mnemonic: 'TKEY',
  reference: 'RFC 2930 §2',
  fields: [
    plainName('algorithm'),
    time('inception'),
    time('expiration'),
    uint16('mode'),
    mnemonic16('error', signatureErrors),
    sizedBase64('key'),
    sizedBase64('other'),
  ],
});
