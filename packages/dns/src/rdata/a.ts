/** A: an IPv4 address (RFC 1035 §3.4.1). */
import type { Ipv4Address } from '@riad/octets/ip-address';
import { ipv4 } from './address-field.ts';
import { type RecordType, recordType } from './record-type.ts';

export type A = {
  readonly address: Ipv4Address;
};

export const a: RecordType<A> = recordType({
  code: 1,
  mnemonic: 'A',
  reference: 'RFC 1035 §3.4.1',
  fields: [ipv4('address')],
});
