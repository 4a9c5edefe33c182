/** KX: a host that exchanges keys for this one (RFC 2230 §3). */
import { RecordClass } from '../iana/classes.ts';
import type { Name } from '../name.ts';
import { loweredName } from './name-field.ts';
import { uint16 } from './number-field.ts';
import { type RecordType, recordType } from './record-type.ts';

export type Kx = {
  readonly preference: number;
  readonly exchanger: Name;
};

export const kx: RecordType<Kx> = recordType({
  code: 36,
  mnemonic: 'KX',
  reference: 'RFC 2230 §3',
  onlyClass: RecordClass.IN,
  fields: [uint16('preference'), loweredName('exchanger')],
});
