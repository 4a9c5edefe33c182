/**
 * What to ask two versions of a zone so that nothing which differs stays unseen: every type at every name,
 * and, where a name came, went or changed what it covers, the names that it covers: below it, and
 * those that a wildcard stands for (RFC 4592).
 */
import { RecordTypeCode } from '@riad/dns/iana/record-types';
import {
  appendName,
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
  readonly #types = new Map<string, number[]>();
  /** Names that exist, those without records of their own among them. */
  readonly #existing = new Map<string, Name>();
  /** Of names that others are answered by: wildcards, and owners of DNAME. */
  readonly #contents = new Map<string, string[]>();
  readonly wildcards: Name[] = [];
  records = 0;
  soa: ZoneRecord | undefined;

  constructor(image: ZoneImage | undefined, apexName: Name) {
    const zone = image?.zoneOf(apexName) ?? 0;
    if (image === undefined || zone === 0) return;
    const apexLabels = labelCount(apexName);
    let last: Name | undefined;
    let key = '';
    forEachRecord(image, zone, (record) => {
      // Records of a set come one after the other, and share their owner.
      if (record.owner !== last) key = nameKey(record.owner);
      last = record.owner;
      this.#take(record, key, apexLabels);
    });
  }

  #take({ owner, type, ttlSeconds, rdata }: ZoneRecord, key: string, apexLabels: number): void {
    this.records++;
    if (type === SOA) this.soa = { owner, type, ttlSeconds, rdata };
    // A signer makes them anew at each signing, and nobody asks for them.
    if (type === RRSIG || type === NSEC || type === NSEC3) return;
    const types = this.#types.get(key);
    if (types === undefined) {
      this.#types.set(key, [type]);
      this.#exist(owner, key, apexLabels);
    } else if (!types.includes(type)) types.push(type);
    if (type !== DNAME && !isWildcard(owner)) return;
    const contents = this.#contents.get(key) ?? [];
    contents.push(`${type} ${ttlSeconds} ${rdata.toHex()}`);
    this.#contents.set(key, contents);
  }

  /** With a name all names above it exist, up to the apex. */
  #exist(owner: Name, ownerKey: string, apexLabels: number): void {
    let key = ownerKey;
    let labels = -1;
    for (let at: Name | undefined = owner; at !== undefined && !this.#existing.has(key); ) {
      this.#existing.set(key, at);
      // One that exists only by names below it stands for others all the same (RFC 4592 §4.9).
      if (isWildcard(at)) this.wildcards.push(at);
      labels = labels === -1 ? labelCount(at) : labels - 1;
      if (labels <= apexLabels) return;
      at = parentName(at);
      if (at !== undefined) key = nameKey(at);
    }
  }

  exists(key: string): boolean {
    return this.#existing.has(key);
  }

  existing(): Iterable<[string, Name]> {
    return this.#existing;
  }

  typesAt(key: string): readonly number[] {
    return this.#types.get(key) ?? noTypes;
  }

  has(key: string, type: number): boolean {
    return this.typesAt(key).includes(type);
  }

  /** The same for names that own the same records; of wildcards and owners of DNAME alone. */
  contentsAt(key: string): string {
    return this.#contents.get(key)?.toSorted().join('\n') ?? '';
  }
}

const noTypes: readonly number[] = [];

/** Those about one name follow each other. */
export function* zoneQuestions(before: ZoneNames, after: ZoneNames): Generator<ZoneQuestion> {
  const wildcardTypes = new Set<number>();
  for (const wildcard of [...before.wildcards, ...after.wildcards]) {
    const key = nameKey(wildcard);
    wildcardTypes.add(typeOfNothing);
    for (const type of [...before.typesAt(key), ...after.typesAt(key)]) wildcardTypes.add(type);
  }
  for (const [key, name] of before.existing()) {
    yield* questionsAbout(key, name, before, after, wildcardTypes);
  }
  for (const [key, name] of after.existing()) {
    if (!before.exists(key)) yield* questionsAbout(key, name, before, after, wildcardTypes);
  }
}

function* questionsAbout(
  key: string,
  name: Name,
  before: ZoneNames,
  after: ZoneNames,
  wildcardTypes: ReadonlySet<number>,
): Generator<ZoneQuestion> {
  const types = new Set(before.typesAt(key));
  for (const type of after.typesAt(key)) types.add(type);
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
