/** NSEC: the next name of the zone, and the types at this one (RFC 4034 §4). */
import type { Name } from '../name.ts';
import { plainName } from './name-field.ts';
import { type RecordType, recordType } from './record-type.ts';
import { typeBitmap } from './type-bitmap.ts';

export type Nsec = {
  readonly next: Name;
  readonly types: readonly number[];
};

export const nsec: RecordType<Nsec> = recordType({
  code: 47,
  mnemonic: 'NSEC',
  reference: 'RFC 4034 §4',
  fields: [plainName('next'), typeBitmap('types', false)],
});
