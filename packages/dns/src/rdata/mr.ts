/** MR: the new name of a mailbox, experimental (RFC 1035 §3.3.8). */
import type { Name } from '../name.ts';
import { compressibleName } from './name-field.ts';
import { type RecordType, recordType } from './record-type.ts';

export type Mr = {
  readonly mailbox: Name;
};

export const mr: RecordType<Mr> = recordType({
  code: 9,
  mnemonic: 'MR',
  reference: 'RFC 1035 §3.3.8',
  fields: [compressibleName('mailbox')],
});
