/** CERT: a certificate of whatever kind (RFC 4398 §2). */
import { certificateTypes } from '../iana/certificate-types.ts';
import { base64Rest } from './base64-field.ts';
import { algorithm, mnemonic16 } from './mnemonic-field.ts';
import { uint16 } from './number-field.ts';
import { type RecordType, recordType } from './record-type.ts';

export type Cert = {
  readonly type: number;
  readonly keyTag: number;
  readonly algorithm: number;
  readonly certificate: Uint8Array;
};

export const cert: RecordType<Cert> = recordType({
  code: 37,
  mnemonic: 'CERT',
  reference: 'RFC 4398 §2',
  fields: [
    mnemonic16('type', certificateTypes),
    uint16('keyTag'),
    algorithm('algorithm'),
    base64Rest('certificate'),
  ],
});
