/**
 * What has become of members and collections, by whom, and what they were. Lines come from the index, words
 * and octets from the commits. Names that were deleted, and collections made again, keep their past.
 */
import type { Store } from '@riad/store/store';
import type { Metadata, Path } from '@riad/webdav/storage/storage';
import { readTrailers } from '../commits/recorded-change.ts';
import { type IndexDatabase, textOf } from '../index/index-database.ts';
import { usualType } from '../layout/content-type.ts';
import {
  type CollectionDescription,
  decodeCollection,
  decodeMember,
  noMetadata,
} from '../layout/descriptions.ts';
import { namesOf } from '../layout/names.ts';
import {
  collectionFileOf,
  impliedKind,
  keyOf,
  pathOf,
  sidecarOf,
  storedPath,
} from '../layout/paths.ts';

/** A time, or the id of a commit. */
export type Moment = Date | string;

export type HistoryEntry = {
  /** Of the commit, and its number from the first one on. */
  readonly revision: string;
  readonly number: number;
  readonly timeSeconds: number;
  readonly user: string | undefined;
  readonly device: string | undefined;
  readonly collection: Path;
  readonly sequence: number;
  readonly name: string;
  readonly uid: string | undefined;
  readonly change: 'put' | 'delete' | 'make' | 'remove';
  /** What it was after, of a member: the ETag. */
  readonly blob: string | undefined;
};

/** What a commit says to people. */
export type CommitWords = {
  readonly author: string;
  readonly summary: string;
  readonly message: string;
  readonly requestId: string | undefined;
};

export type PastMember = {
  readonly name: string;
  readonly etag: string;
};

/** Of one query; who wants more asks from the last number on. */
export const maxHistoryEntries = 10_000;

export type HistoryQuery = {
  /** Commits before that number only, newest first. */
  readonly before?: number;
  readonly limit?: number;
  /** All there is, for who undoes it: half of it would be worse than nothing. */
  readonly whole?: boolean;
};

export type Past = {
  readonly index: () => IndexDatabase;
  readonly store: Store;
  readonly check: () => void;
};

const columns = `
SELECT changes.*, commits.revision, commits.time, commits.user, commits.device, collections.key
FROM changes JOIN commits ON number = commit_number JOIN collections ON collections.id = collection`;

export class CalendarHistory {
  readonly #past: Past;

  constructor(past: Past) {
    this.#past = past;
  }

  /** Of a member or a collection under this path, whatever was there. Newest first. */
  ofPath(path: Path, query: HistoryQuery = {}): HistoryEntry[] {
    const parent = keyOf(path.slice(0, -1));
    return this.#entries('collections.key = ? AND name = ?', [parent, path.at(-1)!], query);
  }

  /** Of an object, whatever it was called. */
  ofUid(collection: Path, uid: string, query: HistoryQuery = {}): HistoryEntry[] {
    return this.#entries('collections.key = ? AND uid = ?', [keyOf(collection), uid], query);
  }

  /** Of all that lies directly in a collection. */
  ofCollection(collection: Path, query: HistoryQuery = {}): HistoryEntry[] {
    return this.#entries('collections.key = ?', [keyOf(collection)], query);
  }

  /** What a user, or one device, has done since. */
  ofActor(
    user: string,
    device: string | undefined,
    sinceSeconds: number,
    query: HistoryQuery = {},
  ): HistoryEntry[] {
    const condition = 'commits.user = ? AND commits.time >= ?';
    return device === undefined
      ? this.#entries(condition, [user, sinceSeconds], query)
      : this.#entries(`${condition} AND commits.device = ?`, [user, sinceSeconds, device], query);
  }

  /** All that one commit has done. */
  ofRevision(revision: string): HistoryEntry[] {
    const id = Buffer.from(revision, 'hex');
    return this.#entries('commits.revision = ?', [id], { whole: true });
  }

  async words(revision: string): Promise<CommitWords> {
    const { author, message, trailers, parents } = await this.#past.store.describe(revision);
    const { requestId } = readTrailers(parents[0], trailers);
    const summary = message.split('\n', 1)[0]!;
    return { author: author.name, summary, message, requestId };
  }

  /** The newest commit then; undefined if there was none. */
  revisionAt(moment: Moment): string | undefined {
    this.#past.check();
    if (typeof moment === 'string') return moment;
    const index = this.#past.index();
    const seconds = Math.floor(moment.getTime() / 1000);
    const sql = 'SELECT revision FROM commits WHERE time <= ? ORDER BY number DESC LIMIT 1';
    return hexOf(index.row(sql, seconds)?.['revision']);
  }

  /** What the octets of a member were called then. */
  async blobAt(path: Path, moment: Moment): Promise<string | undefined> {
    const revision = this.revisionAt(moment);
    if (revision === undefined) return undefined;
    return (await this.#past.store.read(storedPath(path), revision))?.blob;
  }

  /** The octets of a member then. */
  async contentAt(path: Path, moment: Moment): Promise<Uint8Array | undefined> {
    const revision = this.revisionAt(moment);
    if (revision === undefined) return undefined;
    return (await this.#past.store.read(storedPath(path), revision))?.octets;
  }

  /** What was said of a member then, and what type it had. */
  async describedAt(
    path: Path,
    moment: Moment,
  ): Promise<{ readonly contentType: string; readonly metadata: Metadata }> {
    const kind =
      (await this.collectionAt(path.slice(0, -1), moment))?.kind ?? impliedKind(path.slice(0, -1));
    const usual = usualType(kind, path.at(-1)!);
    const revision = this.revisionAt(moment);
    const file = sidecarOf(path);
    const said = revision === undefined ? undefined : await this.#past.store.read(file, revision);
    if (said === undefined) return { contentType: usual, metadata: noMetadata };
    const { contentType = usual, metadata } = decodeMember(said.octets, file);
    return { contentType, metadata };
  }

  /** How a collection was described then; undefined if there was none, or nobody had described it. */
  async collectionAt(path: Path, moment: Moment): Promise<CollectionDescription | undefined> {
    const revision = this.revisionAt(moment);
    const file = collectionFileOf(path);
    const said = revision === undefined ? undefined : await this.#past.store.read(file, revision);
    return said && decodeCollection(said.octets, file);
  }

  /** Names of collections that lay directly in one then. */
  async collectionsAt(path: Path, moment: Moment): Promise<string[]> {
    const revision = this.revisionAt(moment);
    if (revision === undefined) return [];
    const items = await this.#past.store.list(storedPath(path), revision);
    const folders = items.filter(({ name, kind }) => kind === 'folder' && !name.startsWith('%+'));
    return namesOf(folders.map(({ name }) => name));
  }

  /** The members of a collection then, by name. */
  async membersAt(path: Path, moment: Moment): Promise<PastMember[]> {
    const revision = this.revisionAt(moment);
    const members: PastMember[] = [];
    if (revision === undefined) return members;
    const gather = async (folder: string, begun: readonly string[]): Promise<void> => {
      for (const { name, kind, blob } of await this.#past.store.list(folder, revision)) {
        if (kind === 'folder' && name.startsWith('%+'))
          await gather(`${folder}/${name}`, [...begun, name]);
        if (kind !== 'file' || blob === undefined || name.startsWith('.')) continue;
        members.push({ name: namesOf([...begun, name]).join(''), etag: blob });
      }
    };
    await gather(storedPath(path), []);
    return members.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  #entries(
    condition: string,
    values: readonly (string | number | Uint8Array)[],
    { before = Number.MAX_SAFE_INTEGER, limit = maxHistoryEntries, whole }: HistoryQuery,
  ): HistoryEntry[] {
    this.#past.check();
    const sql = `${columns} WHERE ${condition} AND commit_number < ? ORDER BY commit_number DESC, sequence DESC LIMIT ?`;
    const most = whole === true ? Number.MAX_SAFE_INTEGER : Math.min(limit, maxHistoryEntries);
    const rows = this.#past.index().rows(sql, ...values, before, most);
    return rows.map((row): HistoryEntry => {
      return {
        revision: hexOf(row['revision'])!,
        number: Number(row['commit_number']),
        timeSeconds: Number(row['time']),
        user: (row['user'] as string | null) ?? undefined,
        device: (row['device'] as string | null) ?? undefined,
        collection: pathOf(textOf(row, 'key')),
        sequence: Number(row['sequence']),
        name: textOf(row, 'name'),
        uid: (row['uid'] as string | null) ?? undefined,
        change: row['type'] as HistoryEntry['change'],
        blob: hexOf(row['blob']),
      };
    });
  }
}

function hexOf(value: unknown): string | undefined {
  if (!(value instanceof Uint8Array)) return undefined;
  return Buffer.from(value.buffer, value.byteOffset, value.length).toString('hex');
}
