/** BRID: what a drone broadcasts of itself (RFC 9886 §6), as CBOR. */
import { base64Rest } from './base64-field.ts';
import { type RecordType, recordType } from './record-type.ts';

export type Brid = { readonly data: Uint8Array };

export const brid: RecordType<Brid> = recordType({
  code: 68,
  mnemonic: 'BRID',
  reference: 'RFC 9886 §6',
  fields: [base64Rest('data')],
});
