/** HHIT: the certificates of a drone’s hierarchical identity (RFC 9886 §5), as CBOR. */
import { base64Rest } from './base64-field.ts';
import { type RecordType, recordType } from './record-type.ts';

export type Hhit = { readonly data: Uint8Array };

export const hhit: RecordType<Hhit> = recordType({
  code: 67,
  mnemonic: 'HHIT',
  reference: 'RFC 9886 §5',
  fields: [base64Rest('data')],
});
