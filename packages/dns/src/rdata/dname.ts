/** DNAME: the name whose descendants stand for those of this one (RFC 6672 §2). */
import type { Name } from '../name.ts';
import { loweredName } from './name-field.ts';
import { type RecordType, recordType } from './record-type.ts';

export type Dname = {
  readonly target: Name;
};

export const dname: RecordType<Dname> = recordType({
  code: 39,
  mnemonic: 'DNAME',
  reference: 'RFC 6672 §2',
  fields: [loweredName('target')],
});
