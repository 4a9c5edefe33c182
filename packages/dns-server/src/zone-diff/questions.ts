/**
 * What to ask two versions of a zone so that nothing which differs stays unseen: every type at every name,
 * and, where a name came, went or changed what it covers, the names that it covers: below it, and
 * those that a wildcard stands for (RFC 4592).
 */
import { RecordTypeCode } from '@riad/dns/iana/record-types';
import {
  appendName,
  compareNames,
  isWildcard,
  labelCount,
  type Name,
  nameFromLabels,
  nameKey,
  parentName,
} from '@riad/dns/name';
import type { ZoneRecord } from '../zone-image/zone-commit.ts';
import type { ZoneImage } from '../zone-image/zone-image.ts';
import { forEachRecord } from '../zone-image/zone-records.ts';

const { A, AAAA, NS, SOA, CNAME, DNAME, RRSIG, NSEC, NSEC3 } = RecordTypeCode;

/** No name has a record of it: what is said to it tells whether the name exists. Of RFC 6895 §3.1’s private ones. */
export const typeOfNothing = 65_534;

/** How the name that is asked for stands to the one that the question is about. */
export type Aspect =
  /** It is that name. */
  | 'name'
  /** It does not exist and lies directly below it: it stands for all such names. */
  | 'below';

export type ZoneQuestion = {
  readonly name: Name;
  readonly type: number;
  readonly aspect: Aspect;
  /** The name that the question is about. */
  readonly about: Name;
};

/** What stands at the names of a zone. */
export class ZoneNames {
  readonly #names = new Map<
    string,
    { readonly name: Name; readonly types: Map<number, string[]> }
  >();
  /** Names that exist, those without records of their own among them. */
  readonly #existing = new Map<string, Name>();
  readonly wildcards: Name[] = [];
  records = 0;
  soa: ZoneRecord | undefined;

  constructor(image: ZoneImage | undefined, apexName: Name) {
    const zone = image?.zoneOf(apexName) ?? 0;
    if (image === undefined || zone === 0) return;
    forEachRecord(image, zone, (record) => this.#take(record, apexName));
  }

  #take(record: ZoneRecord, apexName: Name): void {
    const { owner, type, ttlSeconds, rdata } = record;
    this.records++;
    if (type === SOA) this.soa = record;
    // A signer makes them anew at each signing, and nobody asks for them.
    if (type === RRSIG || type === NSEC || type === NSEC3) return;
    const key = nameKey(owner);
    let entry = this.#names.get(key);
    if (entry === undefined) {
      entry = { name: owner, types: new Map() };
      this.#names.set(key, entry);
      const apexLabels = labelCount(apexName);
      for (let at: Name | undefined = owner; at !== undefined; at = parentName(at)) {
        const existing = nameKey(at);
        if (this.#existing.has(existing)) break;
        this.#existing.set(existing, at);
        // One that exists only by names below it stands for others all the same (RFC 4592 §4.9).
        if (isWildcard(at)) this.wildcards.push(at);
        if (labelCount(at) <= apexLabels) break;
      }
    }
    const set = entry.types.get(type);
    const text = `${ttlSeconds} ${rdata.toHex()}`;
    if (set === undefined) entry.types.set(type, [text]);
    else set.push(text);
  }

  exists(key: string): boolean {
    return this.#existing.has(key);
  }

  existing(): Iterable<[string, Name]> {
    return this.#existing;
  }

  typesAt(key: string): readonly number[] {
    return [...(this.#names.get(key)?.types.keys() ?? [])];
  }

  has(key: string, type: number): boolean {
    return this.#names.get(key)?.types.has(type) === true;
  }

  /** The same for names that own the same records. */
  contentsAt(key: string): string {
    const entry = this.#names.get(key);
    if (entry === undefined) return '';
    return [...entry.types]
      .map(([type, set]) => `${type} ${[...set].sort().join(' ')}`)
      .sort()
      .join('\n');
  }
}

/** In canonical order of the names they are about (RFC 4034 §6.1). */
export function* zoneQuestions(before: ZoneNames, after: ZoneNames): Generator<ZoneQuestion> {
  const names = new Map([...before.existing(), ...after.existing()]);
  const wildcardTypes = new Set<number>();
  for (const wildcard of [...before.wildcards, ...after.wildcards]) {
    const key = nameKey(wildcard);
    wildcardTypes.add(typeOfNothing);
    for (const type of [...before.typesAt(key), ...after.typesAt(key)]) wildcardTypes.add(type);
  }
  for (const [key, name] of [...names].sort(([, a], [, b]) => compareNames(a, b))) {
    const types = new Set([...before.typesAt(key), ...after.typesAt(key)]);
    const came = before.exists(key) !== after.exists(key);
    // An alias answers for every type: its target’s show what it leads to.
    if (types.has(CNAME)) for (const type of [A, AAAA]) types.add(type);
    if (came) {
      for (const type of wildcardTypes) types.add(type);
      types.add(typeOfNothing);
    }
    for (const type of inOrder(types)) {
      yield { name, type, aspect: 'name', about: name };
    }
    const changes = (type: number): boolean => before.has(key, type) !== after.has(key, type);
    const below = new Set<number>();
    if (came) for (const type of wildcardTypes) below.add(type);
    if (
      changes(NS) ||
      changes(DNAME) ||
      (before.has(key, DNAME) && before.contentsAt(key) !== after.contentsAt(key))
    ) {
      below.add(typeOfNothing);
      if (changes(DNAME) || types.has(DNAME)) below.add(A);
      for (const type of wildcardTypes) below.add(type);
    }
    if (isWildcard(name) && (came || before.contentsAt(key) !== after.contentsAt(key))) {
      yield* coveredBy(name, types, before, after);
    }
    const child = below.size > 0 ? childOf(name, before, after) : undefined;
    if (child !== undefined) {
      for (const type of inOrder(below)) yield { name: child, type, aspect: 'below', about: name };
    }
  }
}

/** Names that a wildcard stands for, if nothing else does. */
function* coveredBy(
  wildcard: Name,
  types: ReadonlySet<number>,
  before: ZoneNames,
  after: ZoneNames,
): Generator<ZoneQuestion> {
  const child = childOf(parentName(wildcard)!, before, after);
  if (child === undefined) return;
  for (const type of inOrder(new Set([...types, typeOfNothing]))) {
    yield { name: child, type, aspect: 'below', about: wildcard };
  }
}

/** `typeOfNothing` comes last: what other types tell of a name makes it needless. */
function inOrder(types: ReadonlySet<number>): number[] {
  return [...types].sort((a, b) => a - b);
}

/** A name directly below that neither version has; undefined where no name fits there any more. */
function childOf(parent: Name, before: ZoneNames, after: ZoneNames): Name | undefined {
  for (let i = 0; ; i++) {
    const label = Uint8Array.from(`any-other${i === 0 ? '' : `-${i}`}`, (c) => c.charCodeAt(0));
    const child = appendName(nameFromLabels([label]), parent);
    if (child === undefined) return undefined;
    const key = nameKey(child);
    if (!before.exists(key) && !after.exists(key)) return child;
  }
}
