/** MX: where mail for a domain goes (RFC 1035 §3.3.9). */
import type { Name } from '../name.ts';
import { compressibleName } from './name-field.ts';
import { uint16 } from './number-field.ts';
import { type RecordType, recordType } from './record-type.ts';

export type Mx = { readonly preference: number; readonly exchange: Name };

export const mx: RecordType<Mx> = recordType({
  code: 15,
  mnemonic: 'MX',
  reference: 'RFC 1035 §3.3.9',
  fields: [uint16('preference'), compressibleName('exchange')],
});
