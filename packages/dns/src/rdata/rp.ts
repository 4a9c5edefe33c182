/** RP: the person responsible (RFC 1183 §2.2). */
import type { Name } from '../name.ts';
import { decompressibleName } from './name-field.ts';
import { type RecordType, recordType } from './record-type.ts';

export type Rp = {
  readonly mailbox: Name;
  readonly text: Name;
};

export const rp: RecordType<Rp> = recordType({
  code: 17,
  mnemonic: 'RP',
  reference: 'RFC 1183 §2.2',
  fields: [decompressibleName('mailbox'), decompressibleName('text')],
});
