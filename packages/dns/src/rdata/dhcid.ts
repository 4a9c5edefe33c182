/** DHCID: which DHCP client a name belongs to (RFC 4701 §3). */
import { RecordClass } from '../iana/classes.ts';
import { base64Rest } from './base64-field.ts';
import { type RecordType, recordType } from './record-type.ts';

export type Dhcid = {
  readonly identifier: Uint8Array;
};

export const dhcid: RecordType<Dhcid> = recordType({
  code: 49,
  mnemonic: 'DHCID',
  reference: 'RFC 4701 §3',
  onlyClass: RecordClass.IN,
  fields: [base64Rest('identifier')],
});
