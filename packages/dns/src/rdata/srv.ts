/** SRV: the host and port of a service (RFC 2782). */
import { RecordClass } from '../iana/classes.ts';
import type { Name } from '../name.ts';
import { decompressibleName } from './name-field.ts';
import { uint16 } from './number-field.ts';
import { type RecordType, recordType } from './record-type.ts';

export type Srv = {
  readonly priority: number;
  readonly weight: number;
  readonly port: number;
  readonly target: Name;
};

export const srv: RecordType<Srv> = recordType({
  code: 33,
  mnemonic: 'SRV',
  reference: 'RFC 2782',
  onlyClass: RecordClass.IN,
  fields: [uint16('priority'), uint16('weight'), uint16('port'), decompressibleName('target')],
});
