/** ISDN: an ISDN number, and a subaddress perhaps (RFC 1183 §3.2). */
import { characterString, optionalCharacterString } from './character-string.ts';
import { type RecordType, recordType } from './record-type.ts';

export type Isdn = {
  readonly address: Uint8Array;
  readonly subaddress: Uint8Array | undefined;
};

export const isdn: RecordType<Isdn> = recordType({
  code: 20,
  mnemonic: 'ISDN',
  reference: 'RFC 1183 §3.2',
  fields: [characterString('address'), optionalCharacterString('subaddress')],
});
