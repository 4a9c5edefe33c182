/** EID: an endpoint identifier of Nimrod, written in hexadecimal. */
import { RecordClass } from '../iana/classes.ts';
import { hexRest } from './hex-field.ts';
import { type RecordType, recordType } from './record-type.ts';

export type Eid = {
  readonly identifier: Uint8Array;
};

export const eid: RecordType<Eid> = recordType({
  code: 31,
  mnemonic: 'EID',
  reference: 'draft-ietf-nimrod-dns',
  onlyClass: RecordClass.IN,
  fields: [hexRest('identifier')],
});
