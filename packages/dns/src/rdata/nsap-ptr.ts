/** NSAP-PTR: the name of an NSAP address, historic (RFC 1348). */
import { RecordClass } from '../iana/classes.ts';
import type { Name } from '../name.ts';
import { plainName } from './name-field.ts';
import { type RecordType, recordType } from './record-type.ts';

export type NsapPtr = {
  readonly target: Name;
};

export const nsapPtr: RecordType<NsapPtr> = recordType({
  code: 23,
  mnemonic: 'NSAP-PTR',
  reference: 'RFC 1348',
  onlyClass: RecordClass.IN,
  fields: [plainName('target')],
});
