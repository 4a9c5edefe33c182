/**
 * Reads what is durable. Each call sees one state, that of the moment it is made (of an iteration, each page of
 * it): what comes later may be newer than what came before, and never older. So who asks for a sync state first
 * and for members afterwards misses nothing, and learns at worst of a change twice. `changes` gives members and
 * sync state out of one moment.
 */
import type {
  CandidateQuery,
  Changes,
  Collection,
  Member,
  MemberChange,
  Path,
  Resource,
  StoredAce,
  View,
} from '@riad/webdav/storage/storage';
import type { Collections } from './index/collections.ts';
import { type IndexDatabase, textOf } from './index/index-database.ts';
import {
  type ListedRow,
  listedColumns,
  memberOfRow,
  memberOfState,
  nameOfRow,
  whatOfRow,
} from './index/listed-members.ts';
import { type CollectionState, type MemberState, syncStateOf } from './index/state.ts';
import { keyOf } from './layout/paths.ts';
import { parseSyncState, partialSyncState } from './sync-state.ts';

/** Rows that are read before others have their turn. */
export const pageRows = 256;

export type Reading = {
  readonly index: () => IndexDatabase;
  readonly collections: Collections;
  readonly content: (blob: string) => Promise<Uint8Array | undefined>;
  /** Lets others have their turn between two pages. */
  readonly pause: () => Promise<void>;
  /** Throws while there is nothing to read. */
  readonly check: () => void;
};

export class DurableView implements View {
  readonly #reading: Reading;

  constructor(reading: Reading) {
    this.#reading = reading;
  }

  async resource(path: Path): Promise<Resource | undefined> {
    this.#reading.check();
    const { collections } = this.#reading;
    const state = collections.get(keyOf(path));
    if (state !== undefined) return collectionOf(state);
    const parent = collections.get(keyOf(path.slice(0, -1)));
    if (parent === undefined) return undefined;
    const found = this.#reading.index().name(parent.id, path.at(-1)!);
    return found?.type === 'member' ? memberOfState(parent, found.member) : undefined;
  }

  async named(
    collection: Path,
    names: readonly string[],
  ): Promise<readonly (Member | undefined)[]> {
    this.#reading.check();
    const state = this.#reading.collections.get(keyOf(collection));
    if (state === undefined) return names.map(() => undefined);
    return this.#reading
      .index()
      .names(state.id, names)
      .map((found) => (found?.type === 'member' ? memberOfState(state, found.member) : undefined));
  }

  async *members(collection: Path, limit: number): AsyncGenerator<readonly Resource[]> {
    for await (const { state, rows } of this.#pages(collection, 'what > 0', [], limit)) {
      const page: Resource[] = [];
      for (const row of rows) {
        if (whatOfRow(row) === 1) page.push(memberOfRow(state, row));
        else {
          const inner = this.#reading.collections.get(keyOf([...state.path, nameOfRow(row)]));
          if (inner !== undefined) page.push(collectionOf(inner));
        }
      }
      yield page;
    }
  }

  async content(member: Member): Promise<Uint8Array | undefined> {
    this.#reading.check();
    return this.#reading.content(member.etag);
  }

  async *candidates(collection: Path, query: CandidateQuery): AsyncGenerator<readonly Member[]> {
    if (query.uid !== undefined) {
      yield this.#withUid(collection, query, query.uid);
      return;
    }
    const { condition, values } = conditionOf(query);
    const pages = this.#pages(collection, condition, values, Infinity);
    for await (const { state, rows } of pages) yield rows.map((row) => memberOfRow(state, row));
  }

  /** At most a few. */
  #withUid(collection: Path, query: CandidateQuery, uid: string): Member[] {
    this.#reading.check();
    const state = this.#reading.collections.get(keyOf(collection));
    if (state === undefined) return [];
    const index = this.#reading.index();
    const members: Member[] = [];
    for (const name of index.namesWithUid(state.id, uid)) {
      const found = index.name(state.id, name);
      if (found?.type === 'member' && isCandidate(found.member, query))
        members.push(memberOfState(state, found.member));
    }
    return members;
  }

  async changes(
    collection: Path,
    since: string | undefined,
    limit: number,
  ): Promise<Changes | 'unknown'> {
    this.#reading.check();
    const state = this.#reading.collections.get(keyOf(collection));
    if (state === undefined) return 'unknown';
    const from =
      since === undefined ? { sequence: 0, listedFrom: state.sequence } : this.#since(state, since);
    if (from === undefined) return 'unknown';
    const { sequence, listedFrom } = from;
    // Who is still on the way through a first list has never heard of what had gone before it began.
    const sql =
      'SELECT name, sequence, what FROM members WHERE collection = ? AND sequence > ? AND (what > 0 OR sequence > ?) ORDER BY sequence LIMIT ?';
    const rows = this.#reading.index().rows(sql, state.id, sequence, listedFrom ?? 0, limit + 1);
    const shown = rows.slice(0, limit);
    const truncated = rows.length > limit;
    const changes = shown.map((row): MemberChange => {
      const what = Number(row['what']);
      const change = what < 0 ? 'removed' : 'changed';
      const kind = Math.abs(what) === 2 ? 'collection' : 'member';
      return { name: textOf(row, 'name'), what: kind, change };
    });
    if (!truncated) return { changes, truncated, syncState: syncStateOf(state) };
    const last = Number(shown.at(-1)?.['sequence'] ?? sequence);
    const first8 = this.#first8(state, last)!;
    return { changes, truncated, syncState: partialSyncState(state, last, first8, listedFrom) };
  }

  async usedOctets(owner: string): Promise<number> {
    this.#reading.check();
    return this.#reading.collections.usedOctets(owner);
  }

  async *sharedWith(principals: readonly StoredAce['principal'][]): AsyncGenerator<Collection> {
    this.#reading.check();
    const wanted = new Set(principals.map(principalKey));
    const found = [...this.#reading.collections.withAcl()].filter(
      ({ kind, metadata }) =>
        kind !== 'folder' &&
        metadata.acl.some(({ principal }) => wanted.has(principalKey(principal))),
    );
    for (const { key } of found.sort((a, b) => (a.key < b.key ? -1 : 1))) {
      const state = this.#reading.collections.get(key);
      if (state !== undefined) yield collectionOf(state);
    }
  }

  /** Undefined: not a state that this collection has been in. */
  #since(
    state: CollectionState,
    since: string,
  ): { sequence: number; listedFrom: number | undefined } | undefined {
    const parsed = parseSyncState(since);
    if (parsed === undefined || parsed.incarnation !== state.incarnation) return undefined;
    if (parsed.sequence > state.sequence) return undefined;
    return this.#first8(state, parsed.sequence) === parsed.first8 ? parsed : undefined;
  }

  #first8(state: CollectionState, sequence: number): string | undefined {
    if (sequence === 0) return state.made8;
    if (sequence === state.sequence) return state.first8;
    const sql =
      'SELECT coalesce(first8, lower(hex(substr(revision, 1, 4)))) AS first8 FROM changes JOIN commits ON number = commit_number WHERE collection = ? AND sequence = ?';
    return this.#reading.index().row(sql, state.id, sequence)?.['first8'] as string | undefined;
  }

  async *#pages(
    collection: Path,
    condition: string,
    values: readonly (string | number)[],
    limit: number,
  ): AsyncGenerator<{ state: CollectionState; rows: readonly ListedRow[] }> {
    let after = '';
    for (let left = limit; left > 0; ) {
      this.#reading.check();
      const state = this.#reading.collections.get(keyOf(collection));
      if (state === undefined) return;
      const most = Math.min(pageRows, left);
      const sql = `SELECT ${listedColumns} FROM members WHERE collection = ? AND name > ? AND ${condition} ORDER BY name LIMIT ?`;
      const rows = this.#reading.index().arrays(sql, state.id, after, ...values, most);
      yield { state, rows };
      if (rows.length < most) return;
      left -= rows.length;
      after = nameOfRow(rows.at(-1)!);
      await this.#reading.pause();
    }
  }
}

function collectionOf(state: CollectionState): Collection {
  const { path, kind, components, metadata, metadataVersion } = state;
  const { createdSeconds, modifiedSeconds } = state;
  return {
    type: 'collection',
    path,
    kind,
    owner: path[1]!,
    components,
    metadata,
    metadataVersion,
    syncState: syncStateOf(state),
    createdSeconds,
    modifiedSeconds,
  };
}

/** Of what must hold beside the UID, and the values it speaks of. */
function conditionOf({ component, fromSeconds, toSeconds }: CandidateQuery): {
  readonly condition: string;
  readonly values: readonly (string | number)[];
} {
  const conditions = ['what = 1'];
  const values: (string | number)[] = [];
  const require = (condition: string, value: string | number | undefined): void => {
    if (value === undefined) return;
    conditions.push(condition);
    values.push(value);
  };
  require('component = ?', component);
  require('(latest IS NULL OR latest >= ?)', fromSeconds);
  require('(earliest IS NULL OR earliest < ?)', toSeconds);
  return { condition: conditions.join(' AND '), values };
}

/** The same of one that is known already. */
function isCandidate(
  { component, earliestSeconds, latestSeconds }: MemberState,
  query: CandidateQuery,
): boolean {
  if (query.component !== undefined && component !== query.component) return false;
  const { fromSeconds, toSeconds } = query;
  if (fromSeconds !== undefined && latestSeconds !== undefined && latestSeconds < fromSeconds)
    return false;
  return toSeconds === undefined || earliestSeconds === undefined || earliestSeconds < toSeconds;
}

function principalKey(principal: StoredAce['principal']): string {
  return 'name' in principal ? `${principal.kind} ${principal.name}` : principal.kind;
}
