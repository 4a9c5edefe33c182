/** MINFO: who answers for a mailbox, experimental (RFC 1035 §3.3.7). */
import type { Name } from '../name.ts';
import { compressibleName } from './name-field.ts';
import { type RecordType, recordType } from './record-type.ts';

export type Minfo = {
  readonly responsible: Name;
  readonly errors: Name;
};

export const minfo: RecordType<Minfo> = recordType({
  code: 14,
  mnemonic: 'MINFO',
  reference: 'RFC 1035 §3.3.7',
  fields: [compressibleName('responsible'), compressibleName('errors')],
});
