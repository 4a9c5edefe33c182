/** L64: a 64-bit locator of ILNP (RFC 6742 §2.3). */
import { locator64 } from './fixed-octets-field.ts';
import { uint16 } from './number-field.ts';
import { type RecordType, recordType } from './record-type.ts';

export type L64 = {
  readonly preference: number;
  readonly locator: string;
};

export const l64: RecordType<L64> = recordType({
  code: 106,
  mnemonic: 'L64',
  reference: 'RFC 6742 §2.3',
  fields: [uint16('preference'), locator64('locator')],
});
