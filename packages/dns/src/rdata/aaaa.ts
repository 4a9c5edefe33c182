/** AAAA: an IPv6 address (RFC 3596 §2). */
import type { Ipv6Address } from '@riad/octets/ip-address';
import { RecordClass } from '../iana/classes.ts';
import { ipv6 } from './address-field.ts';
import { type RecordType, recordType } from './record-type.ts';

export type Aaaa = {
  readonly address: Ipv6Address;
};

export const aaaa: RecordType<Aaaa> = recordType({
  code: 28,
  mnemonic: 'AAAA',
  reference: 'RFC 3596 §2',
  onlyClass: RecordClass.IN,
  fields: [ipv6('address')],
});
