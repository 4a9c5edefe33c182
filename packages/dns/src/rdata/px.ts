/** PX: mail domains of the Internet and of X.400 (RFC 2163 §4). */
import { RecordClass } from '../iana/classes.ts';
import type { Name } from '../name.ts';
import { decompressibleName } from './name-field.ts';
import { uint16 } from './number-field.ts';
import { type RecordType, recordType } from './record-type.ts';

export type Px = {
  readonly preference: number;
  readonly map822: Name;
  readonly mapX400: Name;
};

export const px: RecordType<Px> = recordType({
  code: 26,
  mnemonic: 'PX',
  reference: 'RFC 2163 §4',
  onlyClass: RecordClass.IN,
  fields: [uint16('preference'), decompressibleName('map822'), decompressibleName('mapX400')],
});
