/**
 * Writes a change into the text of a zone's file: the lines of its records, and no other octet. The
 * text may have part of the change already, or all of it: what is there is not added again, and what
 * is gone need not go, so that after a crash the same change can be written once more.
 *
 * Only the parts of the text around what changes become a syntax tree: a million lines are read once,
 * not kept. Not here: records out of `$INCLUDE` and `$GENERATE`, which stand on no line.
 */
import { RecordTypeCode } from '@riad/dns/iana/record-types';
import { type Name, nameKey } from '@riad/dns/name';
import { readZoneFile } from '@riad/dns/zonefile/reader';
import type { ReaderState } from '@riad/dns/zonefile/reader-state';
import { readZoneTree, type ZoneEntry, type ZoneTree } from '@riad/dns/zonefile/syntax-tree';
import { compareOctets, foldTable } from '@riad/octets/ascii';
import { joinOctets } from '@riad/octets/join';
import { canonicalKey } from '../update/zone-contents.ts';
import type { ZoneChange } from '../zone-history/zone-change.ts';
import type { ZoneRecord } from '../zone-image/zone-commit.ts';

/** About how many octets of the text become a tree at a time. */
const partOctets = 65536;

export type TextEdit =
  | { readonly ok: true; readonly text: Uint8Array }
  /** The text is not what the change was made for. */
  | { readonly ok: false; readonly sentence: string };

/** `origin`: what the text's first line is relative to; the zone's name, save where it is the root. */
export function editZoneText(
  text: Uint8Array,
  file: string,
  origin: Name,
  change: Pick<ZoneChange, 'removals' | 'additions'>,
): TextEdit {
  const owners = editsByOwner(change);
  const found = findOwners(text, file, origin, owners);
  if (!found.ok) return found;
  const { parts, states } = found;
  const pieces: Uint8Array[] = [];
  let at = 0;
  for (const { from, to, owners: here } of parts) {
    const start = states[from]!;
    const end = states[to]!.offset;
    const options = { file, origin, state: start, endOffset: end };
    const { tree, errors } = readZoneTree(text, options);
    const [error] = errors;
    if (error !== undefined) return { ok: false, sentence: error.message };
    editPart(tree, here, (edit) => Math.max(...edit.parts) < to);
    pieces.push(text.subarray(at, start.offset), tree.print());
    at = end;
  }
  pieces.push(text.subarray(at));
  for (const { additions, written } of owners.values()) {
    for (const [key, { type }] of additions)
      if (type === RecordTypeCode.SOA && !written.has(key))
        return { ok: false, sentence: 'the text has no SOA record' };
  }
  return { ok: true, text: joinOctets(pieces) };
}

type OwnerEdit = {
  readonly owner: Name;
  readonly removals: Map<string, ZoneRecord>;
  readonly additions: Map<string, ZoneRecord>;
  /** Parts of the text with records of this owner; what is new comes to the last of them. */
  readonly parts: Set<number>;
  /** Keys of the records that the text has. */
  readonly present: Set<string>;
  /** Keys of additions that have a line now. */
  readonly written: Set<string>;
};

function editsByOwner({
  removals,
  additions,
}: Pick<ZoneChange, 'removals' | 'additions'>): Map<string, OwnerEdit> {
  const owners = new Map<string, OwnerEdit>();
  const editOf = (owner: Name): OwnerEdit => {
    const key = nameKey(owner);
    let edit = owners.get(key);
    if (edit === undefined) {
      edit = {
        owner,
        removals: new Map(),
        additions: new Map(),
        parts: new Set(),
        present: new Set(),
        written: new Set(),
      };
      owners.set(key, edit);
    }
    return edit;
  };
  for (const record of removals)
    editOf(record.owner).removals.set(canonicalKey(record.type, record.rdata), record);
  for (const record of additions)
    editOf(record.owner).additions.set(canonicalKey(record.type, record.rdata), record);
  return owners;
}

type Part = { from: number; to: number; readonly owners: OwnerEdit[] };
type Found =
  | { readonly ok: true; readonly parts: readonly Part[]; readonly states: readonly ReaderState[] }
  | { readonly ok: false; readonly sentence: string };

/** Reads the text once for where the owners stand; owners that have no line yet come at its end. */
function findOwners(
  text: Uint8Array,
  file: string,
  origin: Name,
  owners: ReadonlyMap<string, OwnerEdit>,
): Found {
  const states: ReaderState[] = [
    {
      offset: 0,
      line: 1,
      origin,
      owner: undefined,
      defaultTtlSeconds: undefined,
      lastTtlSeconds: undefined,
    },
  ];
  const wanted = new Map<number, OwnerEdit[]>();
  for (const edit of owners.values()) {
    const hash = hashOf(edit.owner, edit.owner.length);
    wanted.set(hash, [...(wanted.get(hash) ?? []), edit]);
  }
  let current: OwnerEdit | undefined;
  const [error] = readZoneFile(
    text,
    {
      file,
      origin,
      maxErrors: 1,
      checkpointEveryOctets: partOctets,
      checkpoint: (state) => {
        if (state.offset > states.at(-1)!.offset) states.push(state);
      },
    },
    {
      record: (owner, length, same, type, _class, _ttl, rdata, start, end) => {
        if (!same) {
          current = wanted
            .get(hashOf(owner, length))
            ?.find((edit) => isOwner(edit.owner, owner, length));
        }
        current?.parts.add(states.length - 1);
        current?.present.add(canonicalKey(type, rdata.subarray(start, end)));
      },
    },
  );
  if (error !== undefined) return { ok: false, sentence: error.message };
  const last = Math.max(0, states.length - 2);
  const byPart = new Map<number, OwnerEdit[]>();
  for (const edit of owners.values()) {
    if (edit.parts.size === 0) edit.parts.add(last);
    for (const part of edit.parts) byPart.set(part, [...(byPart.get(part) ?? []), edit]);
  }
  if (states.length === 1) states.push({ ...states[0]! }); // an empty text
  return { ok: true, parts: joinParts(byPart, last), states };
}

/** What is taken away or added may have to be told to the line below it, which may be the next part's. */
function joinParts(byPart: ReadonlyMap<number, OwnerEdit[]>, last: number): Part[] {
  const parts: Part[] = [];
  for (const number of [...byPart.keys()].sort((a, b) => a - b)) {
    const to = Math.min(number + 1, last) + 1;
    const before = parts.at(-1);
    if (before !== undefined && before.to > number) {
      before.to = to;
      for (const edit of byPart.get(number)!)
        if (!before.owners.includes(edit)) before.owners.push(edit);
    } else parts.push({ from: number, to, owners: [...byPart.get(number)!] });
  }
  return parts;
}

/** `isLast`: whether no later part has records of this owner. */
function editPart(
  tree: ZoneTree,
  owners: readonly OwnerEdit[],
  isLast: (edit: OwnerEdit) => boolean,
): void {
  const byOwner = new Map<string, ZoneEntry[]>();
  for (const { owner } of owners) byOwner.set(nameKey(owner), []);
  for (const entry of tree.entries) {
    if (entry.record !== undefined) byOwner.get(nameKey(entry.record.owner))?.push(entry);
  }
  for (const edit of owners) {
    editLines(tree, edit, byOwner.get(nameKey(edit.owner))!);
    if (isLast(edit)) addLines(tree, edit);
  }
}

/** What stands there already: goes, changes its data or TTL, or stays. */
function editLines(tree: ZoneTree, edit: OwnerEdit, entries: readonly ZoneEntry[]): void {
  const { removals, additions, written } = edit;
  for (const entry of entries) {
    const { type, rdata, ttlSeconds } = entry.record!;
    const key = canonicalKey(type, rdata);
    const wanted = additions.get(key);
    if (wanted !== undefined) {
      written.add(key);
      if (wanted.ttlSeconds !== ttlSeconds || compareOctets(wanted.rdata, rdata) !== 0)
        tree.replace(entry, wanted.rdata, wanted.ttlSeconds);
    } else if (removals.has(key) || type === RecordTypeCode.SOA) {
      const next = successorOf(type, edit);
      if (next !== undefined) tree.replace(entry, next.rdata, next.ttlSeconds);
      else if (type !== RecordTypeCode.SOA) tree.remove(entry);
    }
  }
}

/**
 * Where one record goes and one of the same type comes, the line stays, with its comment, and gets the
 * other's data. The SOA there is, whatever it says, becomes the one that is wanted.
 */
function successorOf(
  type: number,
  { additions, present, written }: OwnerEdit,
): ZoneRecord | undefined {
  for (const [key, candidate] of additions) {
    if (candidate.type !== type || written.has(key) || present.has(key)) continue;
    written.add(key);
    return candidate;
  }
  return undefined;
}

function addLines(tree: ZoneTree, { additions, present, written }: OwnerEdit): void {
  for (const [key, record] of additions) {
    if (written.has(key) || present.has(key) || record.type === RecordTypeCode.SOA) continue;
    tree.add({ ...record, recordClass: 1 });
  }
}

function hashOf(owner: Uint8Array, length: number): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < length; i++) hash = Math.imul(hash ^ foldTable[owner[i]!]!, 0x01000193);
  return hash;
}

function isOwner(name: Name, owner: Uint8Array, length: number): boolean {
  if (name.length !== length) return false;
  for (let i = 0; i < length; i++) if (foldTable[name[i]!] !== foldTable[owner[i]!]) return false;
  return true;
}
