/** MG: a member of a mail group, experimental (RFC 1035 §3.3.6). */
import type { Name } from '../name.ts';
import { compressibleName } from './name-field.ts';
import { type RecordType, recordType } from './record-type.ts';

export type Mg = {
  readonly mailbox: Name;
};

export const mg: RecordType<Mg> = recordType({
  code: 8,
  mnemonic: 'MG',
  reference: 'RFC 1035 §3.3.6',
  fields: [compressibleName('mailbox')],
});
