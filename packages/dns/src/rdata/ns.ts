/** NS: a server with authority over the zone (RFC 1035 §3.3.11). */
import type { Name } from '../name.ts';
import { compressibleName } from './name-field.ts';
import { type RecordType, recordType } from './record-type.ts';

export type Ns = {
  readonly server: Name;
};

export const ns: RecordType<Ns> = recordType({
  code: 2,
  mnemonic: 'NS',
  reference: 'RFC 1035 §3.3.11',
  fields: [compressibleName('server')],
});
