/** L32: a 32-bit locator of ILNP, written as an IPv4 address (RFC 6742 §2.2). */
import type { Ipv4Address } from '@riad/octets/ip-address';
import { ipv4 } from './address-field.ts';
import { uint16 } from './number-field.ts';
import { type RecordType, recordType } from './record-type.ts';

export type L32 = {
  readonly preference: number;
  readonly locator: Ipv4Address;
};

export const l32: RecordType<L32> = recordType({
  code: 105,
  mnemonic: 'L32',
  reference: 'RFC 6742 §2.2',
  fields: [uint16('preference'), ipv4('locator')],
});
