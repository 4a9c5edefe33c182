/** MB: the host of a mailbox, experimental (RFC 1035 §3.3.3). */
import type { Name } from '../name.ts';
import { compressibleName } from './name-field.ts';
import { type RecordType, recordType } from './record-type.ts';

export type Mb = {
  readonly host: Name;
};

export const mb: RecordType<Mb> = recordType({
  code: 7,
  mnemonic: 'MB',
  reference: 'RFC 1035 §3.3.3',
  fields: [compressibleName('host')],
});
