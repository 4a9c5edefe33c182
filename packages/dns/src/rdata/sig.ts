/** SIG: a signature; today over whole messages (RFC 2535 §4, RFC 2931). */
import type { Name } from '../name.ts';
import { base64Rest } from './base64-field.ts';
import { algorithm, typeNumber } from './mnemonic-field.ts';
import { decompressibleName } from './name-field.ts';
import { uint8, uint16 } from './number-field.ts';
import { type RecordType, recordType } from './record-type.ts';
import { duration, time } from './time-field.ts';

export type Sig = {
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

export const sig: RecordType<Sig> = recordType({
  code: 24,
  mnemonic: 'SIG',
  reference: 'RFC 2535 §4',
  fields: [
    typeNumber('covered'),
    algorithm('algorithm'),
    uint8('labels'),
    duration('originalTtl'),
    time('expiration'),
    time('inception'),
    uint16('keyTag'),
    decompressibleName('signer'),
    base64Rest('signature'),
  ],
});
