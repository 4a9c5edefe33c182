/** MD: a mail destination, obsolete (RFC 1035 §3.3.4). */
import type { Name } from '../name.ts';
import { compressibleName } from './name-field.ts';
import { type RecordType, recordType } from './record-type.ts';

export type Md = {
  readonly host: Name;
};

export const md: RecordType<Md> = recordType({
  code: 3,
  mnemonic: 'MD',
  reference: 'RFC 1035 §3.3.4',
  fields: [compressibleName('host')],
});
