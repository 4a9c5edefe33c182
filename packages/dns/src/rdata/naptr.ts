/** NAPTR: a rule that rewrites a name (RFC 3403 §4). */
import type { Name } from '../name.ts';
import { characterString } from './character-string.ts';
import { decompressibleName } from './name-field.ts';
import { uint16 } from './number-field.ts';
import { type RecordType, recordType } from './record-type.ts';

export type Naptr = {
  readonly order: number;
  readonly preference: number;
  readonly flags: Uint8Array;
  readonly services: Uint8Array;
  readonly regexp: Uint8Array;
  readonly replacement: Name;
};

export const naptr: RecordType<Naptr> = recordType({
  code: 35,
  mnemonic: 'NAPTR',
  reference: 'RFC 3403 §4',
  fields: [
    uint16('order'),
    uint16('preference'),
    characterString('flags'),
    characterString('services'),
    characterString('regexp'),
    decompressibleName('replacement'),
  ],
});
