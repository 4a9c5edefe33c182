/** EUI64: a 64-bit hardware address (RFC 7043 §4). */
import { eui64 as eui64Field } from './fixed-octets-field.ts';
import { type RecordType, recordType } from './record-type.ts';

export type Eui64 = {
  readonly address: string;
};

export const eui64: RecordType<Eui64> = recordType({
  code: 109,
  mnemonic: 'EUI64',
  reference: 'RFC 7043 §4',
  fields: [eui64Field('address')],
});
