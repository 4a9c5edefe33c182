/**
 * All objects of a repository: those that only the journal has yet, packs, loose ones, and what
 * `objects/info/alternates` borrows. Others may add packs, and repack, while we read.
 */
import { inflateSync } from 'node:zlib';
import { type Disk, errorCode, readFile } from '../disk/disk.ts';
import type { GitObject, ObjectId, Objects, ObjectType } from '../history/objects.ts';
import { RecentlyUsed } from '../history/recently-used.ts';
import { StoreError } from '../store-error.ts';
import { maxObjectOctets } from './delta.ts';
import type { EncodedObject } from './journal-record.ts';
import { KnownIds } from './known-ids.ts';
import { Pack } from './pack.ts';
import { rawId } from './pack-index.ts';

/** Of one object; larger ones are read anew each time. */
const maxCachedObjectOctets: number = 1 << 20;
export const maxObjectCacheOctets: number = 32 << 20;
export const maxAlternates = 16;

export class ObjectDatabase implements Objects {
  /** Objects that no pack has yet. */
  readonly fresh: Map<ObjectId, EncodedObject> = new Map();
  readonly #disk: Disk;
  readonly #folders: readonly string[];
  /** By path without ending; looked through from the newest. */
  #packs = new Map<string, Pack>();
  readonly #known = new KnownIds();
  /** Folders of loose objects that there are; most repositories of ours have none. */
  #looseFolders = new Set<string>();
  #cache = newCache();

  constructor(disk: Disk, objectsFolder: string) {
    this.#disk = disk;
    this.#folders = [objectsFolder, ...alternates(disk, objectsFolder)];
    this.scan();
  }

  get packs(): readonly Pack[] {
    return [...this.#packs.values()];
  }

  /** With `loadedOnly`, packs that others may have added since are not looked for; with `once`, nothing is kept. */
  get(id: ObjectId, loadedOnly = false, once = false): GitObject | undefined {
    const fresh = this.fresh.get(id);
    if (fresh !== undefined) return fresh;
    // Most that are asked for so are about to be written.
    if (loadedOnly && this.#looseFolders.size === 0 && !this.#known.mayHave(id)) return undefined;
    const near = this.#cache.get(id);
    if (near !== undefined) return near;
    let found = this.#find(id);
    if (found === undefined && !loadedOnly && this.scan()) found = this.#find(id);
    if (found !== undefined && !once) this.#keep(id, found);
    return found;
  }

  /** Whether it is there without the journal. */
  hasSealed(id: ObjectId): boolean {
    return this.#find(id) !== undefined;
  }

  /** Looks for packs that came and went. True if there are objects that could not be seen before. */
  scan(): boolean {
    const paths = this.#folders.flatMap((folder) => packPaths(this.#disk, `${folder}/pack`));
    const packs = new Map<string, Pack>();
    let more = false;
    for (const path of paths) {
      const pack = this.#packs.get(path) ?? this.#open(path);
      if (pack === undefined) continue;
      more ||= !this.#packs.has(path);
      packs.set(path, pack);
    }
    for (const [path, pack] of this.#packs) if (!packs.has(path)) pack.close();
    this.#packs = packs;
    this.#known.note([...packs.values()].map(({ index }) => index));
    const loose = this.#folders.flatMap((folder) =>
      listed(this.#disk, folder)
        .filter((name) => /^[0-9a-f]{2}$/.test(name))
        .map((name) => `${folder}/${name}`),
    );
    more ||= loose.some((folder) => !this.#looseFolders.has(folder));
    this.#looseFolders = new Set(loose);
    return more;
  }

  /** What was read before is read again: some of it may have gone for good. */
  forget(): void {
    this.#cache = newCache();
  }

  close(): void {
    for (const pack of this.#packs.values()) pack.close();
    this.#packs.clear();
  }

  /** Undefined when it has gone since the folder was listed. */
  #open(path: string): Pack | undefined {
    try {
      return new Pack(this.#disk, path);
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return undefined;
      throw error;
    }
  }

  #find(id: ObjectId): GitObject | undefined {
    const other = (base: ObjectId): GitObject | undefined => this.get(base, true);
    if (this.#known.mayHave(id)) {
      const raw = rawId(id);
      for (const pack of this.#packs.values()) {
        const found = pack.get(raw, other);
        if (found !== undefined) return found;
      }
    }
    if (this.#looseFolders.size === 0) return undefined;
    for (const folder of this.#folders) {
      const found = this.#loose(folder, id);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #loose(folder: string, id: ObjectId): GitObject | undefined {
    const inside = `${folder}/${id.slice(0, 2)}`;
    const path = `${inside}/${id.slice(2)}`;
    if (!this.#looseFolders.has(inside) || !this.#disk.exists(path)) return undefined;
    let octets: Buffer;
    try {
      octets = inflateSync(readFile(this.#disk, path), { maxOutputLength: maxObjectOctets });
    } catch (cause) {
      if (errorCode(cause) === 'ENOENT') return undefined; // packed since
      throw new StoreError('store.object', path, { cause });
    }
    const end = octets.indexOf(0);
    const [, type, size] =
      /^(commit|tree|blob|tag) (\d+)$/.exec(octets.toString('latin1', 0, end)) ?? [];
    const content = octets.subarray(end + 1);
    if (end < 0 || Number(size) !== content.length) throw new StoreError('store.object', path);
    return { type: type as ObjectType, content };
  }

  #keep(id: ObjectId, object: GitObject): void {
    if (object.content.length <= maxCachedObjectOctets) this.#cache.set(id, object);
  }
}

function newCache(): RecentlyUsed<ObjectId, GitObject> {
  return new RecentlyUsed(maxObjectCacheOctets, ({ content }) => content.length + 100);
}

function packPaths(disk: Disk, folder: string): string[] {
  return listed(disk, folder)
    .filter((name) => /^pack-[0-9a-f]+\.idx$/.test(name))
    .map((name) => `${folder}/${name.slice(0, -'.idx'.length)}`);
}

export function listed(disk: Disk, folder: string): string[] {
  try {
    return disk.list(folder);
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw error;
  }
}

/** Folders of objects that this one borrows from, and those that they borrow from. */
function alternates(disk: Disk, objectsFolder: string): string[] {
  const found: string[] = [];
  const visit = (folder: string): void => {
    const file = `${folder}/info/alternates`;
    if (!disk.exists(file)) return;
    for (const line of new TextDecoder().decode(readFile(disk, file)).split('\n')) {
      if (line === '' || line.startsWith('#')) continue;
      const path = line.startsWith('/') ? line : `${folder}/${line}`;
      if (found.includes(path)) continue;
      if (found.length === maxAlternates) throw new StoreError('store.repository', file);
      found.push(path);
      visit(path);
    }
  };
  visit(objectsFolder);
  return found;
}
