/**
 * Brings two texts of a zone together that both come from a third one, record by record. RRsets that
 * only one side changed are taken from it; where both changed one, differently, the texts are in
 * conflict and nothing is decided here. Of comments and layout, those of `theirs` stay: people edit
 * texts, and our side writes records into them.
 */

import { RecordTypeCode } from '@riad/dns/iana/record-types';
import { type Name, nameKey } from '@riad/dns/name';
import { serialOfSoa, soaWithSerial } from '@riad/dns/rdata/soa';
import { isNewerSerial, nextSerial } from '@riad/dns/serial';
import { readZoneFile } from '@riad/dns/zonefile/reader';
import { canonicalKey } from '../update/zone-contents.ts';
import type { ZoneRecord } from '../zone-image/zone-commit.ts';
import { editZoneText } from './edit-zone-text.ts';

export type TextMerge =
  | { readonly kind: 'merged'; readonly text: Uint8Array }
  /** `sentences`: which RRsets both sides changed, or what cannot be read. */
  | { readonly kind: 'conflict'; readonly sentences: readonly string[] };

/** Conflicts that are named; more would not be read. */
const namedConflicts = 20;

type RecordSet = {
  readonly owner: Name;
  readonly type: number;
  readonly records: Map<string, ZoneRecord>;
};
type Sets = Map<string, RecordSet>;

/** `origin`: see `editZoneText`. `describe` names an RRset for people. */
export function mergeZoneTexts(
  texts: { readonly base: Uint8Array; readonly ours: Uint8Array; readonly theirs: Uint8Array },
  file: string,
  origin: Name,
  describe: (owner: Name, type: number) => string,
): TextMerge {
  const read: Record<string, Sets> = {};
  for (const [side, text] of Object.entries(texts)) {
    const { sets, error } = readSets(text, file, origin);
    if (error !== undefined) return { kind: 'conflict', sentences: [error] };
    read[side] = sets;
  }
  const { base, ours, theirs } = read as { base: Sets; ours: Sets; theirs: Sets };
  const removals: ZoneRecord[] = [];
  const additions: ZoneRecord[] = [];
  const conflicts: string[] = [];
  for (const [key, { owner, type }] of new Map([...base, ...ours])) {
    if (type === RecordTypeCode.SOA) continue;
    const before = base.get(key);
    const mine = ours.get(key);
    if (sameSet(before, mine)) continue;
    const yours = theirs.get(key);
    if (sameSet(mine, yours)) continue;
    if (!sameSet(before, yours))
      conflicts.push(`${describe(owner, type)} was changed on both sides`);
    else difference(before, mine, removals, additions);
  }
  if (conflicts.length > 0)
    return { kind: 'conflict', sentences: conflicts.slice(0, namedConflicts) };
  const soa = mergedSoa(base, ours, theirs);
  if (typeof soa === 'string') return { kind: 'conflict', sentences: [soa] };
  additions.push(soa);
  const edit = editZoneText(texts.theirs, file, origin, { removals, additions });
  return edit.ok
    ? { kind: 'merged', text: edit.text }
    : { kind: 'conflict', sentences: [edit.sentence] };
}

function readSets(
  text: Uint8Array,
  file: string,
  origin: Name,
): { sets: Sets; error: string | undefined } {
  const sets: Sets = new Map();
  let foreign = false;
  const note = (): undefined => {
    foreign = true;
  };
  const [error] = readZoneFile(
    text,
    { file, origin, maxErrors: 1, include: note, generate: note },
    {
      record: (owner, length, _same, type, _class, ttlSeconds, rdata, start, end) => {
        const name = owner.slice(0, length);
        const key = `${nameKey(name)} ${type}`;
        let set = sets.get(key);
        if (set === undefined) {
          set = { owner: name, type, records: new Map() };
          sets.set(key, set);
        }
        const data = rdata.slice(start, end);
        set.records.set(canonicalKey(type, data), { owner: name, type, ttlSeconds, rdata: data });
      },
    },
  );
  if (foreign)
    return { sets, error: `${file} uses $INCLUDE or $GENERATE, whose records stand on no line` };
  return { sets, error: error?.message };
}

function sameSet(a: RecordSet | undefined, b: RecordSet | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  if (a.records.size !== b.records.size) return false;
  for (const [key, { ttlSeconds }] of a.records)
    if (b.records.get(key)?.ttlSeconds !== ttlSeconds) return false;
  return true;
}

function difference(
  before: RecordSet | undefined,
  after: RecordSet | undefined,
  removals: ZoneRecord[],
  additions: ZoneRecord[],
): void {
  for (const [key, record] of before?.records ?? [])
    if (after?.records.get(key)?.ttlSeconds !== record.ttlSeconds) removals.push(record);
  for (const [key, record] of after?.records ?? [])
    if (before?.records.get(key)?.ttlSeconds !== record.ttlSeconds) additions.push(record);
}

/** Their SOA, unless only we changed more of it than the serial; its serial newer than either side's. */
function mergedSoa(base: Sets, ours: Sets, theirs: Sets): ZoneRecord | string {
  const mine = soaOf(ours);
  const yours = soaOf(theirs);
  if (mine === undefined || yours === undefined) return 'one side has no SOA record';
  const before = soaOf(base);
  const chosen =
    before !== undefined &&
    fieldsOf(yours) === fieldsOf(before) &&
    fieldsOf(mine) !== fieldsOf(before)
      ? mine
      : yours;
  const [a, b] = [serialOfSoa(mine.rdata), serialOfSoa(yours.rdata)];
  const serial = nextSerial(isNewerSerial(b, a) ? b : a);
  return { ...chosen, rdata: soaWithSerial(chosen.rdata, serial) };
}

function soaOf(sets: Sets): ZoneRecord | undefined {
  for (const { type, records } of sets.values())
    if (type === RecordTypeCode.SOA) return records.values().next().value;
  return undefined;
}

/** All of a SOA besides its serial. */
function fieldsOf({ rdata, ttlSeconds }: ZoneRecord): string {
  return `${ttlSeconds} ${soaWithSerial(rdata, 0).toHex()}`;
}
