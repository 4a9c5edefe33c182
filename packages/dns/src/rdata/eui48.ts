/** EUI48: a 48-bit hardware address (RFC 7043 §3). */
import { eui48 as eui48Field } from './fixed-octets-field.ts';
import { type RecordType, recordType } from './record-type.ts';

export type Eui48 = {
  readonly address: string;
};

export const eui48: RecordType<Eui48> = recordType({
  code: 108,
  mnemonic: 'EUI48',
  reference: 'RFC 7043 §3',
  fields: [eui48Field('address')],
});
