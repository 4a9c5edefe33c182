/** MF: a mail forwarder, obsolete (RFC 1035 §3.3.5). */
import type { Name } from '../name.ts';
import { compressibleName } from './name-field.ts';
import { type RecordType, recordType } from './record-type.ts';

export type Mf = {
  readonly host: Name;
};

export const mf: RecordType<Mf> = recordType({
  code: 4,
  mnemonic: 'MF',
  reference: 'RFC 1035 §3.3.5',
  fields: [compressibleName('host')],
});
