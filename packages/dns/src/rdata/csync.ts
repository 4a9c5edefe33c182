/** CSYNC: which records the parent is asked to copy (RFC 7477 §2). */
import { uint16, uint32 } from './number-field.ts';
import { type RecordType, recordType } from './record-type.ts';
import { typeBitmap } from './type-bitmap.ts';

export type Csync = {
  readonly serial: number;
  readonly flags: number;
  readonly types: readonly number[];
};

export const csync: RecordType<Csync> = recordType({
  code: 62,
  mnemonic: 'CSYNC',
  reference: 'RFC 7477 §2',
  fields: [uint32('serial'), uint16('flags'), typeBitmap('types', true)],
});
