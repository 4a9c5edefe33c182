/** RRSIG: the signature over an RRset (RFC 4034 §3). */
import type { Name } from '../name.ts';
import { base64Rest } from './base64-field.ts';
import { algorithm, typeNumber } from './mnemonic-field.ts';
import { loweredName } from './name-field.ts';
import { uint8, uint16 } from './number-field.ts';
import { type RecordType, recordType } from './record-type.ts';
import { duration, time } from './time-field.ts';

export type Rrsig = {
  readonly covered: number;
  readonly algorithm: number;
  readonly labels: number;
  readonly originalTtl: number;
  readonly expiration: number;
  readonly inception: number;
  readonly keyTag: number;
  readonly signer: Name;
  readonly signature: Uint8Array;
};

export const rrsig: RecordType<Rrsig> = recordType({
  code: 46,
  mnemonic: 'RRSIG',
  reference: 'RFC 4034 §3',
  fields: [
    typeNumber('covered'),
    algorithm('algorithm'),
    uint8('labels'),
    duration('originalTtl'),
    time('expiration'),
    time('inception'),
    uint16('keyTag'),
    loweredName('signer'),
    base64Rest('signature'),
  ],
});
