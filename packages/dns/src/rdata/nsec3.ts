/** NSEC3: the next hash of the zone, and the types at the name with this one (RFC 5155 §3). */
import { hashedOwner, nsec3Salt } from './nsec3-hash-field.ts';
import { uint8, uint16 } from './number-field.ts';
import { type RecordType, recordType } from './record-type.ts';
import { typeBitmap } from './type-bitmap.ts';

export type Nsec3 = {
  readonly algorithm: number;
  readonly flags: number;
  readonly iterations: number;
  readonly salt: Uint8Array;
  readonly next: Uint8Array;
  readonly types: readonly number[];
};

export const nsec3: RecordType<Nsec3> = recordType({
  code: 50,
  mnemonic: 'NSEC3',
  reference: 'RFC 5155 §3',
  fields: [
    uint8('algorithm'),
    uint8('flags'),
    uint16('iterations'),
    nsec3Salt('salt'),
    hashedOwner('next'),
    typeBitmap('types', true),
  ],
});
