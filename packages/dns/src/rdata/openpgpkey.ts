/** OPENPGPKEY: the OpenPGP key of a mail user (RFC 7929 §2). */
import { base64Rest } from './base64-field.ts';
import { type RecordType, recordType } from './record-type.ts';

export type Openpgpkey = {
  readonly key: Uint8Array;
};

export const openpgpkey: RecordType<Openpgpkey> = recordType({
  code: 61,
  mnemonic: 'OPENPGPKEY',
  reference: 'RFC 7929 §2',
  fields: [base64Rest('key')],
});
