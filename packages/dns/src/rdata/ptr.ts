/** PTR: a name, most often that of an address (RFC 1035 §3.3.12). */
import type { Name } from '../name.ts';
import { compressibleName } from './name-field.ts';
import { type RecordType, recordType } from './record-type.ts';

export type Ptr = {
  readonly target: Name;
};

export const ptr: RecordType<Ptr> = recordType({
  code: 12,
  mnemonic: 'PTR',
  reference: 'RFC 1035 §3.3.12',
  fields: [compressibleName('target')],
});
