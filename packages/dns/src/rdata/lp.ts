/** LP: a name that has locators of ILNP (RFC 6742 §2.4). */
import type { Name } from '../name.ts';
import { plainName } from './name-field.ts';
import { uint16 } from './number-field.ts';
import { type RecordType, recordType } from './record-type.ts';

export type Lp = {
  readonly preference: number;
  readonly target: Name;
};

export const lp: RecordType<Lp> = recordType({
  code: 107,
  mnemonic: 'LP',
  reference: 'RFC 6742 §2.4',
  fields: [uint16('preference'), plainName('target')],
});
