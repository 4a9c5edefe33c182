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
import type { Metadata } from '@riad/webdav/storage/storage';
import { noMetadata } from '../layout/descriptions.ts';
import type { Key } from '../layout/paths.ts';
import { noDescription } from './draft.ts';
import { schema, schemaVersion } from './schema.ts';
import type { CollectionState, MemberState, NameState, Step } from './state.ts';

/** Pages of the index that SQLite keeps. */
export const indexCacheKibioctets = 65_536;
/** Pages of the write-ahead log after which they go into the file itself. */
export const indexLogPages = 4000;

export type Row = Record<string, SQLInputValue>;

/** A column that is text, and never NULL. */
export function textOf(row: Row, column: string): string {
  const value = row[column];
  if (typeof value !== 'string') throw new TypeError(`${column} is no text`);
  return value;
}

export class IndexDatabase {
  readonly database: DatabaseSync;
  #number = 0;
  #revision: string | undefined;
  #complete = true;
  readonly #statements = new Map<string, StatementSync>();
  readonly #arrayStatements = new Map<string, StatementSync>();

  /** `:memory:` for one that is gone with its process. */
  constructor(file: string) {
    const temporary = file === ':memory:';
    if (!temporary) mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    let database = temporary ? undefined : openExisting(file);
    if (database === undefined) {
      if (!temporary)
        for (const ending of ['', '-wal', '-shm']) rmSync(`${file}${ending}`, { force: true });
      database = opened(file);
      database.exec(schema);
      database.exec(`INSERT INTO state VALUES (1, ${schemaVersion}, 0, NULL, 1)`);
    }
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
    if (this.database.isTransaction) this.database.exec('COMMIT');
  }

  clear(): void {
    for (const table of ['collections', 'members', 'commits', 'changes']) {
      this.database.exec(`DELETE FROM ${table}`);
    }
    this.#move(0, undefined);
  }

  setComplete(complete: boolean): void {
    this.run('UPDATE state SET complete = ?', complete ? 1 : 0);
    this.#complete = complete;
  }

  /** Steps in the order of their commits. */
  apply(steps: readonly Step[]): void {
    const collections = new Map<Key, CollectionState | undefined>();
    for (const step of steps) {
      this.#number++;
      this.#applyNames(step);
      this.run(
        'INSERT INTO commits VALUES (?, ?, ?, ?, ?, ?)',
        this.#number,
        Buffer.from(step.revision, 'hex'),
        step.revision.startsWith(step.first8) ? null : step.first8,
        step.timeSeconds,
        step.user ?? null,
        step.device ?? null,
      );
      for (const { collection, sequence, type, name, uid, blob } of step.lines) {
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
      for (const [key, state] of step.collections) collections.set(key, state);
      for (const state of step.removed) {
        this.#keepCollection(state);
        this.run('DELETE FROM members WHERE collection = ?', state.id);
        const remove = 'UPDATE collections SET alive = 0, removed_by = ? WHERE id = ?';
        this.run(remove, this.#number, state.id);
      }
    }
    // A collection that many steps have changed is written once.
    for (const state of collections.values()) if (state !== undefined) this.#keepCollection(state);
    const last = steps.at(-1);
    if (last !== undefined) this.#move(this.#number, last.revision);
  }

  *collections(): Generator<CollectionState> {
    for (const row of this.rows('SELECT state FROM collections WHERE alive = 1 ORDER BY id')) {
      yield JSON.parse(textOf(row, 'state')) as CollectionState;
    }
  }

  lastCollectionId(): number {
    return Number(this.row('SELECT max(id) AS id FROM collections')?.['id'] ?? 0);
  }

  name(collection: number, name: string): NameState | undefined {
    const row = this.row(
      'SELECT * FROM members WHERE collection = ? AND name = ?',
      collection,
      name,
    );
    return row === undefined ? undefined : nameStateOf(row);
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

  #keepCollection(state: CollectionState): void {
    this.run(
      'INSERT INTO collections VALUES (?, ?, 1, ?, NULL) ON CONFLICT (id) DO UPDATE SET state = excluded.state',
      state.id,
      state.key,
      JSON.stringify(state),
    );
  }

  #applyNames({ names }: Step): void {
    for (const [collection, inside] of names) {
      for (const [name, state] of inside) {
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

export function nameStateOf(row: Row): NameState {
  const sequence = Number(row['sequence']);
  const what = Number(row['what']);
  if (what < 0) return { type: 'gone', was: what === -2 ? 'collection' : 'member', sequence };
  if (what === 2) return { type: 'collection', sequence };
  return { type: 'member', member: memberOf(row) };
}

export function memberOf(row: Row): MemberState {
  const text = (column: string): string | undefined => (row[column] as string | null) ?? undefined;
  const number = (column: string): number | undefined =>
    (row[column] as number | null) ?? undefined;
  const metadata = text('metadata');
  return {
    name: text('name')!,
    sequence: number('sequence')!,
    etag: etagOf(row),
    sizeOctets: number('size')!,
    contentType: text('type') ?? 'text/calendar',
    uid: text('uid'),
    component: text('component'),
    earliestSeconds: number('earliest'),
    latestSeconds: number('latest'),
    metadata: metadata === undefined ? noMetadata : (JSON.parse(metadata) as Metadata),
    metadataVersion: text('metadata_version') ?? noDescription,
    createdSeconds: number('created')!,
    modifiedSeconds: number('modified')!,
  };
}

export function etagOf(row: Row): string {
  const octets = row['etag'] as Uint8Array;
  return Buffer.from(octets.buffer, octets.byteOffset, octets.length).toString('hex');
}

function opened(file: string): DatabaseSync {
  const database = new DatabaseSync(file);
  // A lost end of the log is caught up from the commits; a torn file is what NORMAL rules out.
  database.exec(
    `PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = ${indexLogPages}; PRAGMA cache_size = -${indexCacheKibioctets}; PRAGMA locking_mode = EXCLUSIVE`,
  );
  return database;
}

/** Undefined if there is none, or none that can be used. */
function openExisting(file: string): DatabaseSync | undefined {
  if (!existsSync(file)) return undefined;
  let database: DatabaseSync | undefined;
  try {
    database = opened(file);
    const row = database.prepare('SELECT schema FROM state').get();
    if (row?.['schema'] === schemaVersion) return database;
  } catch {
    // Not one of ours, or damaged: made anew.
  }
  database?.close();
  return undefined;
}
