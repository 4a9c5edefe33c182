/** NIMLOC: a locator of Nimrod, written in hexadecimal. */
import { RecordClass } from '../iana/classes.ts';
import { hexRest } from './hex-field.ts';
import { type RecordType, recordType } from './record-type.ts';

export type Nimloc = {
  readonly locator: Uint8Array;
};

export const nimloc: RecordType<Nimloc> = recordType({
  code: 32,
  mnemonic: 'NIMLOC',
  reference: 'draft-ietf-nimrod-dns',
  onlyClass: RecordClass.IN,
  fields: [hexRest('locator')],
});
