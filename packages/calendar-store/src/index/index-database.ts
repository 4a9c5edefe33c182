/**
 * index.db: what the commits say, in tables that answer at once. It is derived: a file that is damaged, of
 * another shape or of another history is thrown away and made again.
 */
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import {
  DatabaseSync,
  type SQLInputValue,
  type SQLOutputValue,
  type StatementSync,
} from 'node:sqlite';
import { Worker } from 'node:worker_threads';
import { atOnce, type Pieces } from '@riad/octets/pieces';
import { isDatabaseFull } from '@riad/store/disk';
import type { Metadata } from '@riad/webdav/storage/storage';
import { noMetadata } from '../layout/descriptions.ts';
import { noDescription } from './draft.ts';
import { KnownNames } from './known-names.ts';
import { schema, schemaVersion } from './schema.ts';
import type { CollectionState, MemberState, NameState, Step } from './state.ts';

/** Pages of the index that SQLite keeps. */
export const indexCacheKibioctets = 65_536;
/** Pages of the write-ahead log after which they go into the file itself, on another thread. */
export const indexLogPages = 4000;
/** And after which nobody waits for that thread any more. */
export const mostIndexLogPages: number = 4 * indexLogPages;

/** Questions about UIDs whose answers are kept. */
const maxAsked = 256;
/** The same of one that only reads, while a long step is taken. */
export const snapshotCacheKibioctets = 8192;
/** Names that are put, and lines of history, between two pauses: a millisecond. */
const rowsOfPiece = 32;
/** For another guest, who is just leaving. */
const guestWaitMs = 1000;
/** Members that are taken out between two pauses, each a few microseconds. */
export const removedOfPiece = 128;

export type Row = Record<string, SQLInputValue>;

/** A column that is text, and never NULL. */
export function textOf(row: Row, column: string): string {
  const value = row[column];
  if (typeof value !== 'string') throw new TypeError(`${column} is no text`);
  return value;
}

export class IndexDatabase {
  readonly database: DatabaseSync;
  readonly #file: string;
  #number = 0;
  #revision: string | undefined;
  #complete = true;
  /** Collections whose rows are behind: each commit changes one, and only what is kept at last is read again. */
  readonly #behind = new Map<number, CollectionState>();
  /** Those that have a row: history joins with it. */
  readonly #rows = new Set<number>();
  readonly #known = new KnownNames();
  /** Names by collection and UID, until something is written: a request asks twice. */
  readonly #asked = new Map<string, readonly string[]>();
  /** Who else has the file open. */
  #guests = 0;
  readonly #statements = new Map<string, StatementSync>();
  readonly #arrayStatements = new Map<string, StatementSync>();

  /** `:memory:` for one that is gone with its process. */
  constructor(file: string, database: DatabaseSync = existingOrNew(file)) {
    this.#file = file;
    this.database = database;
    const state = this.row('SELECT number, revision, complete FROM state');
    this.#number = Number(state?.['number']);
    this.#revision = (state?.['revision'] as string | null) ?? undefined;
    this.#complete = state?.['complete'] === 1;
  }

  /** How many commits it has. */
  get number(): number {
    return this.#number;
  }

  /** The last one. */
  get revision(): string | undefined {
    return this.#revision;
  }

  /** False: a start that was interrupted has left members that nobody has looked into. */
  get complete(): boolean {
    return this.#complete;
  }

  statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  row(sql: string, ...values: SQLInputValue[]): Row | undefined {
    return this.statement(sql).get(...values) as Row | undefined;
  }

  rows(sql: string, ...values: SQLInputValue[]): Row[] {
    return this.statement(sql).all(...values) as Row[];
  }

  /** The first row as an array. */
  array(sql: string, ...values: SQLInputValue[]): SQLOutputValue[] | undefined {
    return this.#ofArrays(sql).get(...values) as unknown as SQLOutputValue[] | undefined;
  }

  /** Rows as arrays. */
  arrays(sql: string, ...values: SQLInputValue[]): SQLOutputValue[][] {
    return this.#ofArrays(sql).all(...values) as unknown as SQLOutputValue[][];
  }

  run(sql: string, ...values: SQLInputValue[]): void {
    this.statement(sql).run(...values);
  }

  /**
   * What is applied is seen at once, and kept at the latest when `keep` is called: an index that has lost its
   * end is caught up from the commits.
   */
  change(work: () => void): void {
    if (!this.database.isTransaction) this.database.exec('BEGIN');
    work();
  }

  /** Whether something has not been kept yet. */
  get isDirty(): boolean {
    return this.database.isTransaction;
  }

  keep(): void {
    if (!this.database.isTransaction) return;
    this.#catchUpRows();
    this.run('UPDATE state SET number = ?, revision = ?', this.#number, this.#revision ?? null);
    this.database.exec('COMMIT');
  }

  /**
   * Another one on the same file, which sees what was kept last and nothing that comes after it until that is kept;
   * undefined in memory. `left` when it is closed.
   */
  snapshot(): IndexDatabase | undefined {
    if (this.#file === ':memory:') return undefined;
    this.keep();
    this.#admit();
    const database = new DatabaseSync(this.#file, { readOnly: true, timeout: guestWaitMs });
    database.exec(`PRAGMA cache_size = -${snapshotCacheKibioctets}`);
    return new IndexDatabase(this.#file, database);
  }

  /** A guest has; with the next write nobody else is let in again. */
  left(): void {
    this.#guests--;
    if (this.#guests === 0) this.database.exec('PRAGMA locking_mode = EXCLUSIVE');
  }

  /** Pages of the log that are not in the file itself yet. Only where all is kept. */
  get logPages(): number {
    if (this.#file === ':memory:') return 0;
    const state = this.row('PRAGMA wal_checkpoint(NOOP)');
    return Number(state?.['log']) - Number(state?.['checkpointed']);
  }

  /** Puts them there, on another thread. Rejects with what the disk says; nothing is lost then. */
  async shortenLog(): Promise<void> {
    this.#admit();
    try {
      const program = new URL('./log-thread.ts', import.meta.url);
      const thread = new Worker(program, { workerData: this.#file });
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      thread.once('error', reject).once('exit', () => resolve());
      await promise;
    } finally {
      this.left();
    }
  }

  /** As long as there are guests, each reading here costs some microseconds more. Only where all is kept. */
  #admit(): void {
    this.#guests++;
    if (this.#guests > 1) return;
    this.database.exec('PRAGMA locking_mode = NORMAL');
    this.row('SELECT number FROM state'); // with which the lock is given up
  }

  clear(): void {
    for (const table of ['collections', 'members', 'commits', 'changes']) {
      this.database.exec(`DELETE FROM ${table}`);
    }
    this.#behind.clear();
    this.#rows.clear();
    this.forgetNames();
    this.#move(0, undefined);
  }

  setComplete(complete: boolean): void {
    this.run('UPDATE state SET complete = ?', complete ? 1 : 0);
    this.#complete = complete;
  }

  /** Steps in the order of their commits. */
  apply(steps: readonly Step[]): void {
    this.#asked.clear();
    for (const step of steps) {
      atOnce(this.#take(step));
    }
    const last = steps.at(-1);
    if (last !== undefined) this.#revision = last.revision;
  }

  /** A long step in pieces. Who reads here meanwhile would see a part of it: see `snapshot`. */
  *applying(step: Step): Pieces<void> {
    this.#asked.clear();
    yield* this.#take(step);
    this.#asked.clear();
    this.#revision = step.revision;
  }

  *#take(step: Step): Pieces<void> {
    this.#number++;
    yield* this.#applyNames(step);
    this.run(
      'INSERT INTO commits VALUES (?, ?, ?, ?, ?, ?)',
      this.#number,
      Buffer.from(step.revision, 'hex'),
      step.revision.startsWith(step.first8) ? null : step.first8,
      step.timeSeconds,
      step.user ?? null,
      step.device ?? null,
    );
    for (const [index, line] of step.lines.entries()) {
      if (index % rowsOfPiece === rowsOfPiece - 1) yield;
      const { collection, sequence, type, name, uid, blob } = line;
      this.run(
        'INSERT OR REPLACE INTO changes VALUES (?, ?, ?, ?, ?, ?, ?)',
        collection,
        sequence,
        this.#number,
        type,
        name,
        uid ?? null,
        blob === undefined ? null : Buffer.from(blob, 'hex'),
      );
    }
    for (const state of step.collections.values()) {
      if (state === undefined) continue;
      if (this.#rows.has(state.id)) this.#behind.set(state.id, state);
      else this.keepCollection(state);
    }
    for (const state of step.removed) {
      this.keepCollection(state);
      yield* this.#removeMembers(state.id);
      this.#known.forgetCollection(state.id);
      const remove = 'UPDATE collections SET alive = 0, removed_by = ? WHERE id = ?';
      this.run(remove, this.#number, state.id);
    }
  }

  *#removeMembers(collection: number): Pieces<void> {
    const sql =
      'DELETE FROM members WHERE collection = ? AND name IN (SELECT name FROM members WHERE collection = ? LIMIT ?)';
    while (this.statement(sql).run(collection, collection, removedOfPiece).changes > 0) yield;
  }

  *collections(): Generator<CollectionState> {
    this.#catchUpRows();
    for (const row of this.rows('SELECT state FROM collections WHERE alive = 1 ORDER BY id')) {
      yield JSON.parse(textOf(row, 'state')) as CollectionState;
    }
  }

  lastCollectionId(): number {
    return Number(this.row('SELECT max(id) AS id FROM collections')?.['id'] ?? 0);
  }

  name(collection: number, name: string): NameState | undefined {
    const known = this.#known.get(collection, name);
    if (known !== undefined) return known ?? undefined;
    const row = this.array(sqlOfName, collection, name);
    const found = row === undefined ? undefined : nameStateOf(row);
    this.#known.set(collection, name, found ?? null);
    return found;
  }

  /** The same of many: what is not known is asked for at once. */
  names(collection: number, names: readonly string[]): readonly (NameState | undefined)[] {
    const found = names.map((name) => this.#known.get(collection, name));
    const unknown = names.filter((_, i) => found[i] === undefined);
    if (unknown.length === 0) return found.map((state) => state ?? undefined);
    const read = new Map<string, NameState>();
    for (const row of this.arrays(sqlOfNames, collection, JSON.stringify(unknown)))
      read.set(row[0] as string, nameStateOf(row));
    for (const name of unknown) this.#known.set(collection, name, read.get(name) ?? null);
    return names.map((name, i) => found[i] ?? read.get(name));
  }

  namesWithUid(collection: number, uid: string): readonly string[] {
    const key = `${collection} ${uid}`;
    let names = this.#asked.get(key);
    if (names === undefined) {
      names = this.arrays(sqlOfUid, collection, uid).map(([name]) => name as string);
      if (this.#asked.size >= maxAsked) this.#asked.clear();
      this.#asked.set(key, names);
    }
    return names;
  }

  /** Whoever writes past `apply` has to say so. */
  forgetNames(): void {
    this.#known.clear();
    this.#asked.clear();
  }

  /** What was not kept is lost. */
  close(): void {
    this.#statements.clear();
    this.#arrayStatements.clear();
    this.database.close();
  }

  #ofArrays(sql: string): StatementSync {
    let statement = this.#arrayStatements.get(sql);
    if (statement === undefined) {
      statement = this.database.prepare(sql);
      statement.setReturnArrays(true);
      this.#arrayStatements.set(sql, statement);
    }
    return statement;
  }

  #catchUpRows(): void {
    for (const state of this.#behind.values()) this.keepCollection(state);
  }

  keepCollection(state: CollectionState): void {
    this.#behind.delete(state.id);
    this.#rows.add(state.id);
    this.run(
      'INSERT INTO collections VALUES (?, ?, 1, ?, NULL) ON CONFLICT (id) DO UPDATE SET state = excluded.state',
      state.id,
      state.key,
      JSON.stringify(state),
    );
  }

  *#applyNames({ names }: Step): Pieces<void> {
    let put = 0;
    for (const [collection, inside] of names) {
      for (const [name, state] of inside) {
        if (++put % rowsOfPiece === 0) yield;
        this.#known.set(collection, name, state);
        if (state.type === 'member') this.#putMember(collection, state.member);
        else {
          const what = state.type === 'collection' ? 2 : state.was === 'collection' ? -2 : -1;
          this.run(
            'INSERT OR REPLACE INTO members (collection, name, sequence, what) VALUES (?, ?, ?, ?)',
            collection,
            name,
            state.sequence,
            what,
          );
        }
      }
    }
  }

  #putMember(collection: number, member: MemberState): void {
    const { metadata } = member;
    const bare = metadata.properties.length === 0 && metadata.acl.length === 0;
    this.run(
      'INSERT OR REPLACE INTO members VALUES (?, ?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
      collection,
      member.name,
      member.sequence,
      Buffer.from(member.etag, 'hex'),
      member.sizeOctets,
      member.contentType === 'text/calendar' ? null : member.contentType,
      member.uid ?? null,
      member.component ?? null,
      member.earliestSeconds ?? null,
      member.latestSeconds ?? null,
      bare ? null : JSON.stringify(metadata),
      member.metadataVersion === noDescription ? null : member.metadataVersion,
      member.createdSeconds,
      member.modifiedSeconds,
    );
  }

  #move(number: number, revision: string | undefined): void {
    this.run('UPDATE state SET number = ?, revision = ?', number, revision ?? null);
    this.#number = number;
    this.#revision = revision;
  }
}

/** In the order of `nameStateOf`; names that have gone keep their UID no longer. */
const columnsOfName =
  'name, what, sequence, lower(hex(etag)), size, type, uid, component, earliest, latest, metadata, metadata_version, created, modified';
const sqlOfName = `SELECT ${columnsOfName} FROM members WHERE collection = ? AND name = ?`;
const sqlOfNames = `SELECT ${columnsOfName} FROM members WHERE collection = ? AND name IN (SELECT value FROM json_each(?))`;
const sqlOfUid =
  'SELECT name FROM members INDEXED BY members_by_uid WHERE collection = ? AND uid = ? AND what = 1 ORDER BY name';

function nameStateOf(row: readonly SQLOutputValue[]): NameState {
  const text = (column: number): string | undefined => (row[column] as string | null) ?? undefined;
  const number = (column: number): number | undefined =>
    (row[column] as number | null) ?? undefined;
  const what = number(1)!;
  const sequence = number(2)!;
  if (what < 0) return { type: 'gone', was: what === -2 ? 'collection' : 'member', sequence };
  if (what === 2) return { type: 'collection', sequence };
  const metadata = text(10);
  const member: MemberState = {
    name: text(0)!,
    sequence,
    etag: text(3)!,
    sizeOctets: number(4)!,
    contentType: text(5) ?? 'text/calendar',
    uid: text(6),
    component: text(7),
    earliestSeconds: number(8),
    latestSeconds: number(9),
    metadata: metadata === undefined ? noMetadata : (JSON.parse(metadata) as Metadata),
    metadataVersion: text(11) ?? noDescription,
    createdSeconds: number(12)!,
    modifiedSeconds: number(13)!,
  };
  return { type: 'member', member };
}

export function etagOf(row: Row): string {
  const octets = row['etag'] as Uint8Array;
  return Buffer.from(octets.buffer, octets.byteOffset, octets.length).toString('hex');
}

function existingOrNew(file: string): DatabaseSync {
  const temporary = file === ':memory:';
  if (!temporary) mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const existing = temporary ? undefined : openExisting(file);
  if (existing !== undefined) return existing;
  if (!temporary)
    for (const ending of ['', '-wal', '-shm']) rmSync(`${file}${ending}`, { force: true });
  const database = opened(file);
  database.exec(schema);
  database.exec(`INSERT INTO state VALUES (1, ${schemaVersion}, 0, NULL, 1)`);
  return database;
}

function opened(file: string): DatabaseSync {
  const database = new DatabaseSync(file);
  try {
    prepare(database);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function prepare(database: DatabaseSync): void {
  // A lost end of the log is caught up from the commits; a torn file is what NORMAL rules out.
  database.exec(
    `PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = ${mostIndexLogPages}; PRAGMA cache_size = -${indexCacheKibioctets}`,
  );
  // Alone, it holds one lock instead of taking two for every question; but the log has to be begun without, or
  // nobody could ever be let in: see `snapshot`.
  database.exec('BEGIN IMMEDIATE; COMMIT; PRAGMA locking_mode = EXCLUSIVE');
}

/** Undefined if there is none, or none that can be used. */
function openExisting(file: string): DatabaseSync | undefined {
  if (!existsSync(file)) return undefined;
  let database: DatabaseSync | undefined;
  try {
    database = opened(file);
    const row = database.prepare('SELECT schema FROM state').get();
    if (row?.['schema'] === schemaVersion) return database;
  } catch (error) {
    database?.close();
    if (isDatabaseFull(error)) throw error; // there is nothing wrong with it
    return undefined; // not one of ours, or damaged: made anew
  }
  database.close();
  return undefined;
}
