/** RT: a host that routes towards this one (RFC 1183 §3.3). */
import type { Name } from '../name.ts';
import { decompressibleName } from './name-field.ts';
import { uint16 } from './number-field.ts';
import { type RecordType, recordType } from './record-type.ts';

export type Rt = {
  readonly preference: number;
  readonly intermediate: Name;
};

export const rt: RecordType<Rt> = recordType({
  code: 21,
  mnemonic: 'RT',
  reference: 'RFC 1183 §3.3',
  fields: [uint16('preference'), decompressibleName('intermediate')],
});
