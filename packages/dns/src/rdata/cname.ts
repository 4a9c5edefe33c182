/** CNAME: the name that this one is an alias of (RFC 1035 §3.3.1). */
import type { Name } from '../name.ts';
import { compressibleName } from './name-field.ts';
import { type RecordType, recordType } from './record-type.ts';

export type Cname = {
  readonly target: Name;
};

export const cname: RecordType<Cname> = recordType({
  code: 5,
  mnemonic: 'CNAME',
  reference: 'RFC 1035 §3.3.1',
  fields: [compressibleName('target')],
});
