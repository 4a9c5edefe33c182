/** The storage contract in memory, as literally as it can be put: for tests of the engine. */
import { createHash } from 'node:crypto';
import type {
  CandidateQuery,
  Changes,
  Collection,
  Facts,
  Member,
  MemberChange,
  Metadata,
  Operation,
  Path,
  Requirement,
  Resource,
  Storage,
  StoredAce,
  View,
  WriteRequest,
  WriteResult,
} from '../storage/storage.ts';

type StoredMember = { member: Member; octets: Uint8Array; facts: Facts | undefined };
type LogEntry = { sequence: number } & MemberChange;

type StoredCollection = {
  collection: Collection;
  incarnation: number;
  members: Map<string, StoredMember>;
  /** Names of collections in it. */
  collections: Set<string>;
  log: readonly LogEntry[];
};

type State = ReadonlyMap<string, StoredCollection>;

const keyOf = (path: Path): string => path.join('/');
const nameOf = (path: Path): string => path.at(-1)!;
const parentOf = (path: Path): Path => path.slice(0, -1);
const noMetadata: Metadata = { properties: [], acl: [] };

export function blobId(octets: Uint8Array): string {
  return createHash('sha1').update(`blob ${octets.length}\0`).update(octets).digest('hex');
}

export class MemoryStorage implements Storage {
  #state: State = new Map();
  #counter = 0;
  nowSeconds = 1_800_000_000;
  /** Every write that was made. */
  readonly history: WriteRequest[] = [];
  refuse: 'full' | 'read-only' | undefined;
  /** Called before a write is judged; tests let another writer be quicker. */
  beforeWrite: (() => Promise<void>) | undefined;

  async view(): Promise<View> {
    return new MemoryView(this.#state);
  }

  async write(request: WriteRequest): Promise<WriteResult> {
    const before = this.beforeWrite;
    this.beforeWrite = undefined;
    await before?.();
    if (this.refuse)
      return { type: 'refused', reason: this.refuse, message: 'refused by the test' };
    for (const requirement of request.requirements) {
      if (!this.#holds(requirement)) return { type: 'conflict', requirement };
    }
    const draft = new Map(this.#state);
    for (const operation of request.operations) this.#apply(draft, operation);
    this.#state = draft;
    this.history.push(request);
    return { type: 'written', view: new MemoryView(draft) };
  }

  #holds(requirement: Requirement): boolean {
    const find = (path: Path): Resource | undefined => findResource(this.#state, path);
    switch (requirement.type) {
      case 'absent':
        return find(requirement.path) === undefined;
      case 'etag': {
        const found = find(requirement.path);
        return found?.type === 'member' && found.etag === requirement.etag;
      }
      case 'collection':
        return find(requirement.path)?.type === 'collection';
      case 'metadata':
        return find(requirement.path)?.metadataVersion === requirement.version;
      case 'sync-state': {
        const found = find(requirement.path);
        return found?.type === 'collection' && found.syncState === requirement.syncState;
      }
      case 'uid-free': {
        const members = this.#state.get(keyOf(requirement.collection))?.members ?? new Map();
        return ![...members].some(
          ([name, { facts }]) => facts?.uid === requirement.uid && name !== requirement.except,
        );
      }
    }
  }

  #apply(draft: Map<string, StoredCollection>, operation: Operation): void {
    const { path } = operation;
    if (path.length < 2) throw new RangeError('paths have two segments at least');
    const name = nameOf(path);
    switch (operation.type) {
      case 'put': {
        const parent = this.#touch(draft, parentOf(path));
        const old = parent.members.get(name)?.member;
        if (parent.collections.has(name)) throw new RangeError(`${keyOf(path)} is a collection`);
        const member: Member = {
          type: 'member',
          path,
          kind: parent.collection.kind,
          owner: path[1]!,
          etag: blobId(operation.octets),
          sizeOctets: operation.octets.length,
          contentType: operation.contentType,
          metadata: operation.metadata ?? old?.metadata ?? noMetadata,
          metadataVersion: `m${++this.#counter}`,
          createdSeconds: old?.createdSeconds ?? this.nowSeconds,
          modifiedSeconds: this.nowSeconds,
        };
        parent.members.set(name, { member, octets: operation.octets, facts: operation.facts });
        this.#log(parent, { name, what: 'member', change: 'changed' });
        return;
      }
      case 'make-collection': {
        if (findResource(draft, path)) throw new RangeError(`${keyOf(path)} is there`);
        if (path.length > 2) {
          const parent = this.#touch(draft, parentOf(path));
          parent.collections.add(name);
          this.#log(parent, { name, what: 'collection', change: 'changed' });
        }
        const incarnation = ++this.#counter;
        draft.set(keyOf(path), {
          collection: {
            type: 'collection',
            path,
            kind: operation.kind,
            owner: path[1]!,
            components: operation.components,
            metadata: operation.metadata,
            metadataVersion: `m${incarnation}`,
            syncState: `${incarnation}-0`,
            createdSeconds: this.nowSeconds,
            modifiedSeconds: this.nowSeconds,
          },
          incarnation,
          members: new Map(),
          collections: new Set(),
          log: [],
        });
        return;
      }
      case 'delete': {
        const what = draft.has(keyOf(path)) ? 'collection' : 'member';
        if (findResource(draft, path) === undefined)
          throw new RangeError(`${keyOf(path)}: nothing`);
        for (const key of [...draft.keys()]) {
          if (key === keyOf(path) || key.startsWith(`${keyOf(path)}/`)) draft.delete(key);
        }
        if (path.length === 2) return;
        const parent = this.#touch(draft, parentOf(path));
        parent.members.delete(name);
        parent.collections.delete(name);
        this.#log(parent, { name, what, change: 'removed' });
        return;
      }
      case 'set-metadata': {
        const { metadata } = operation;
        const metadataVersion = `m${++this.#counter}`;
        const own = draft.get(keyOf(path));
        if (own !== undefined) {
          const collection = { ...own.collection, metadata, metadataVersion };
          draft.set(keyOf(path), { ...own, collection });
          if (path.length === 2) return;
          const parent = this.#touch(draft, parentOf(path));
          this.#log(parent, { name, what: 'collection', change: 'changed' });
          return;
        }
        const parent = this.#touch(draft, parentOf(path));
        const stored = parent.members.get(name);
        if (stored === undefined) throw new RangeError(`${keyOf(path)}: nothing`);
        parent.members.set(name, {
          ...stored,
          member: { ...stored.member, metadata, metadataVersion },
        });
        return;
      }
    }
  }

  /** A collection that may be changed in the draft without the views seeing it. */
  #touch(draft: Map<string, StoredCollection>, path: Path): StoredCollection {
    const found = draft.get(keyOf(path));
    if (found === undefined) throw new RangeError(`${keyOf(path)} is no collection`);
    if (this.#state.get(keyOf(path)) !== found) return found;
    const copy: StoredCollection = {
      ...found,
      collection: { ...found.collection },
      members: new Map(found.members),
      collections: new Set(found.collections),
      log: [...found.log],
    };
    draft.set(keyOf(path), copy);
    return copy;
  }

  #log(parent: StoredCollection, change: MemberChange): void {
    const sequence = (parent.log.at(-1)?.sequence ?? 0) + 1;
    (parent.log as LogEntry[]).push({ sequence, ...change });
    parent.collection = {
      ...parent.collection,
      syncState: `${parent.incarnation}-${sequence}`,
      modifiedSeconds: this.nowSeconds,
    };
  }
}

function findResource(state: State, path: Path): Resource | undefined {
  const own = state.get(keyOf(path));
  if (own !== undefined) return own.collection;
  return state.get(keyOf(parentOf(path)))?.members.get(nameOf(path))?.member;
}

class MemoryView implements View {
  readonly #state: State;

  constructor(state: State) {
    this.#state = state;
  }

  async resource(path: Path): Promise<Resource | undefined> {
    return findResource(this.#state, path);
  }

  async named(
    collection: Path,
    names: readonly string[],
  ): Promise<readonly (Member | undefined)[]> {
    return names.map((name) => {
      const found = findResource(this.#state, [...collection, name]);
      return found?.type === 'member' ? found : undefined;
    });
  }

  async *members(path: Path, limit: number): AsyncGenerator<readonly Resource[], void> {
    const found = this.#state.get(keyOf(path));
    if (found === undefined) return;
    const names = [...found.members.keys(), ...found.collections].sort().slice(0, limit);
    yield names.map((name) => findResource(this.#state, [...path, name])!);
  }

  async content(member: Member): Promise<Uint8Array | undefined> {
    return this.#state.get(keyOf(parentOf(member.path)))?.members.get(nameOf(member.path))?.octets;
  }

  async *candidates(path: Path, query: CandidateQuery): AsyncGenerator<readonly Member[], void> {
    const found = this.#state.get(keyOf(path));
    const page: Member[] = [];
    for (const name of [...(found?.members.keys() ?? [])].sort()) {
      const { member, facts } = found!.members.get(name)!;
      if (facts === undefined) continue;
      const { component, uid, fromSeconds, toSeconds } = query;
      if (component !== undefined && facts.component !== component) continue;
      if (uid !== undefined && facts.uid !== uid) continue;
      if (fromSeconds !== undefined && (facts.latestSeconds ?? Infinity) < fromSeconds) continue;
      if (toSeconds !== undefined && (facts.earliestSeconds ?? -Infinity) > toSeconds) continue;
      page.push(member);
    }
    yield page;
  }

  async changes(
    path: Path,
    since: string | undefined,
    limit: number,
  ): Promise<Changes | 'unknown'> {
    const found = this.#state.get(keyOf(path));
    if (found === undefined) return 'unknown';
    const [incarnation, sequence] = (since ?? `${found.incarnation}-0`).split('-').map(Number);
    const last = found.log.at(-1)?.sequence ?? 0;
    if (incarnation !== found.incarnation || sequence === undefined || !(sequence <= last)) {
      return 'unknown';
    }
    const latest = new Map<string, LogEntry>();
    for (const entry of found.log) {
      if (entry.sequence <= sequence) continue;
      latest.delete(entry.name);
      latest.set(entry.name, entry);
    }
    const all = [...latest.values()].filter(
      ({ change }) => since !== undefined || change === 'changed',
    );
    const truncated = all.length > limit;
    const changes = all.slice(0, limit);
    const reached = truncated ? (changes.at(-1)?.sequence ?? sequence) : last;
    return { changes, syncState: `${found.incarnation}-${reached}`, truncated };
  }

  async *sharedWith(
    principals: readonly StoredAce['principal'][],
  ): AsyncGenerator<Collection, void> {
    const named = new Set(principals.map((one) => JSON.stringify(one)));
    for (const key of [...this.#state.keys()].sort()) {
      const { collection } = this.#state.get(key)!;
      if (collection.kind === 'folder') continue;
      if (collection.metadata.acl.some(({ principal }) => named.has(JSON.stringify(principal)))) {
        yield collection;
      }
    }
  }

  async usedOctets(owner: string): Promise<number> {
    let octets = 0;
    for (const { collection, members } of this.#state.values()) {
      if (collection.owner !== owner) continue;
      for (const { member } of members.values()) octets += member.sizeOctets;
    }
    return octets;
  }
}
