/** All record types that have a layout of their own, by number; any other is opaque (RFC 3597). */
import { RecordClass } from '../iana/classes.ts';
import { mx } from './mx.ts';
import { opaque } from './opaque.ts';
import type { RecordType } from './record-type.ts';

// biome-ignore lint/suspicious/noExplicitAny: record types of every value stand in one table
type AnyRecordType = RecordType<any>;

export const recordTypes: readonly AnyRecordType[] = [mx];

const byCode = new Map<number, AnyRecordType>();
for (const type of recordTypes) byCode.set(type.code, type);
const opaqueTypes = new Map<number, AnyRecordType>(); // at most 65,536: one for each number

/** How data of this type is laid out in this class. */
export function recordTypeOf(code: number, recordClass: number = RecordClass.IN): AnyRecordType {
  const known = byCode.get(code);
  if (known !== undefined) {
    const only = known.onlyClass;
    if (only === undefined || only === recordClass) return known;
  }
  let unknown = opaqueTypes.get(code);
  if (unknown === undefined) {
    unknown = opaque(code);
    opaqueTypes.set(code, unknown);
  }
  return unknown;
}
