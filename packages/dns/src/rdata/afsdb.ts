/** AFSDB: a server of the Andrew file system (RFC 1183 §1). */
import type { Name } from '../name.ts';
import { decompressibleName } from './name-field.ts';
import { uint16 } from './number-field.ts';
import { type RecordType, recordType } from './record-type.ts';

export type Afsdb = {
  readonly subtype: number;
  readonly host: Name;
};

export const afsdb: RecordType<Afsdb> = recordType({
  code: 18,
  mnemonic: 'AFSDB',
  reference: 'RFC 1183 §1',
  fields: [uint16('subtype'), decompressibleName('host')],
});
