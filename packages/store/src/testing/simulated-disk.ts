/**
 * A disk in memory that fails as real ones may. What was written since the last sync is lost in a crash,
 * or there, or there in part: each sector of 512 octets on its own and in any order. So are entries of a
 * folder that was not synced. After a sync that failed, what it should have written still reads back and
 * is never written. All choices come from one seeded source of randomness.
 */
import type { Disk, DiskFile, OpenMode } from '../disk/disk.ts';

export const sectorOctets = 512;

/** Thrown by the operation in which the machine stops, and by all that come after it. */
export class SimulatedCrash extends Error {
  override readonly name: string = 'SimulatedCrash';
}

export type SimulatedDiskOptions = {
  /** The operation that does not happen any more, counted from 1. */
  readonly crashAt?: number;
  /** Octets of all files together; more is `ENOSPC`. */
  readonly capacityOctets?: number;
  /** Called before each operation: the place to ask for `crashImage`. */
  readonly before?: (disk: SimulatedDisk) => void;
};

/** What decides about all that a crash may leave or take: seeded randomness, or `everyChoice`. */
export type Choices = { below(bound: number): number; chance(probability: number): boolean };

/**
 * Calls `use` with choices until every combination of them has been made, or `most` have. Whether all
 * were.
 */
export function everyChoice(most: number, use: (choices: Choices) => void): boolean {
  const made: { chosen: number; readonly bound: number }[] = [];
  for (let count = 0; count < most; count++) {
    let at = 0;
    const below = (bound: number): number => {
      const known = made[at];
      if (known === undefined) made.push({ chosen: 0, bound });
      else if (known.bound !== bound) throw new RangeError('the choices are not the same again');
      return made[at++]!.chosen;
    };
    use({ below, chance: () => below(2) === 1 });
    while (made.length > 0 && made.at(-1)!.chosen + 1 === made.at(-1)!.bound) made.pop();
    const last = made.at(-1);
    if (last === undefined) return true;
    last.chosen++;
  }
  return false;
}

/** Operations that can be made to fail. */
export type Operation = 'write' | 'sync' | 'syncFolder' | 'rename' | 'unlink' | 'open' | 'read';

type Entry = { readonly name: string; readonly inode: Inode | undefined };

class Inode {
  /** What a reader sees now. */
  current: Uint8Array;
  durable: Uint8Array;
  /** Sector → its contents since the last sync, oldest first. */
  dirty: Map<number, Uint8Array[]> = new Map();

  constructor(octets: Uint8Array = new Uint8Array(0)) {
    this.current = octets;
    this.durable = octets;
  }

  write(position: number, octets: Uint8Array): void {
    const end = position + octets.length;
    // A view that was given out before must not change.
    const grown = new Uint8Array(Math.max(end, this.current.length));
    grown.set(this.current);
    grown.set(octets, position);
    this.current = grown;
    const first = Math.floor(position / sectorOctets);
    for (let sector = first; sector * sectorOctets < end; sector++) {
      const content = grown.slice(sector * sectorOctets, (sector + 1) * sectorOctets);
      const versions = this.dirty.get(sector);
      if (versions === undefined) this.dirty.set(sector, [content]);
      else versions.push(content);
    }
  }

  /** What a sync that begins now covers: sector → number of versions. */
  begun(): Map<number, number> {
    return new Map(this.dirty.entries().map(([sector, versions]) => [sector, versions.length]));
  }

  /** Only what is dirty: pages that a failed sync has dropped are clean, and not on the disk. */
  sync(begun: ReadonlyMap<number, number>): void {
    this.durable = this.withSectors((versions, sector) => versions[(begun.get(sector) ?? 0) - 1]);
    for (const [sector, count] of begun) {
      const versions = this.dirty.get(sector);
      versions?.splice(0, count);
      if (versions?.length === 0) this.dirty.delete(sector);
    }
  }

  drop(): void {
    this.dirty.clear();
  }

  crashed(random: Choices): Inode {
    return new Inode(
      this.withSectors((versions, sector) => {
        const different = this.#different(versions, sector);
        return different.length === 1 ? undefined : different[random.below(different.length)];
      }),
    );
  }

  /** What a sector may hold; undefined: what it held at the last sync. */
  #different(versions: readonly Uint8Array[], sector: number): (Uint8Array | undefined)[] {
    const at = sector * sectorOctets;
    const contents = [this.durable.subarray(at, at + sectorOctets), ...versions];
    return [undefined, ...versions].filter(
      (_, index) => contents.findIndex((one) => equal(one, contents[index]!)) === index,
    );
  }

  withSectors(
    choose: (versions: readonly Uint8Array[], sector: number) => Uint8Array | undefined,
  ): Uint8Array {
    if (this.dirty.size === 0) return this.durable;
    let octets = this.durable.slice();
    for (const [sector, versions] of this.dirty) {
      const content = choose(versions, sector);
      if (content === undefined) continue;
      const at = sector * sectorOctets;
      if (at + content.length > octets.length) {
        const grown = new Uint8Array(at + content.length);
        grown.set(octets);
        octets = grown;
      }
      octets.set(content, at);
    }
    return octets;
  }
}

class Folder {
  readonly current: Map<string, Inode> = new Map();
  durable: Map<string, Inode> = new Map();
  /** Changes since the last sync; those of one rename are one. */
  pending: Entry[][] = [];

  change(...entries: Entry[]): void {
    apply(this.current, entries);
    this.pending.push(entries);
  }

  sync(): void {
    for (const entries of this.pending) apply(this.durable, entries);
    this.pending = [];
  }
}

export class SimulatedDisk implements Disk {
  readonly #folders = new Map<string, Folder>();
  readonly #options: SimulatedDiskOptions;
  readonly #failing: { operation: Operation; path: RegExp; code: string; times: number }[] = [];
  readonly #locks = new Set<string>();
  #operations = 0;
  #crashed = false;

  constructor(options: SimulatedDiskOptions = {}) {
    this.#options = options;
  }

  /** Operations done that change something or sync it. */
  get operations(): number {
    return this.#operations;
  }

  get crashed(): boolean {
    return this.#crashed;
  }

  /** The next `times` such operations on a path that matches fail with the code. */
  fail(operation: Operation, path: RegExp, code: string, times = 1): void {
    this.#failing.push({ operation, path, code, times });
  }

  /** What the machine finds when it comes back; this disk is gone. */
  afterCrash(random: Choices, options: SimulatedDiskOptions = {}): SimulatedDisk {
    this.#crashed = true;
    return this.crashImage(random, options);
  }

  /**
   * What the machine would find if it stopped now; this disk goes on. `unread`: files whose contents
   * nobody will look at, so that there is nothing to choose; they are empty.
   */
  crashImage(
    random: Choices,
    options: SimulatedDiskOptions = {},
    unread: (name: string) => boolean = () => false,
  ): SimulatedDisk {
    const survivor = new SimulatedDisk(options);
    for (const [path, folder] of this.#folders) {
      const entries = new Map(folder.durable);
      for (const change of folder.pending) if (random.chance(0.5)) apply(entries, change);
      const kept = new Folder();
      for (const [name, inode] of entries) {
        kept.current.set(name, unread(name) ? new Inode() : inode.crashed(random));
      }
      kept.durable = new Map(kept.current);
      survivor.#folders.set(path, kept);
    }
    return survivor;
  }

  /** What another process finds when this one is killed: everything that was written, synced or not. */
  afterKill(options: SimulatedDiskOptions = {}): SimulatedDisk {
    this.#crashed = true;
    const survivor = new SimulatedDisk(options);
    for (const [path, folder] of this.#folders) survivor.#folders.set(path, folder);
    return survivor;
  }

  /** Every folder, and every file with what it holds now. */
  *contents(): Generator<{ readonly path: string; readonly octets: Uint8Array | undefined }> {
    for (const [path, folder] of this.#folders) {
      yield { path, octets: undefined };
      for (const [name, { current }] of folder.current) {
        yield { path: path === '' ? name : `${path}/${name}`, octets: current };
      }
    }
  }

  open(path: string, mode: OpenMode): DiskFile {
    if (mode === 'create') this.#step('open', path);
    else this.#mayFail('open', path);
    const { folder, name } = this.#place(path);
    let inode = folder.current.get(name);
    if (mode === 'create') {
      if (inode !== undefined) throw systemError('EEXIST', path);
      inode = new Inode();
      folder.change({ name, inode });
    } else if (inode === undefined) throw systemError('ENOENT', path);
    return this.#file(path, inode, mode);
  }

  list(folder: string): string[] {
    const found = this.#folders.get(normal(folder));
    if (found === undefined) throw systemError('ENOENT', folder);
    const inner = [...this.#folders.keys()]
      .filter((path) => path !== '' && parent(path) === normal(folder))
      .map(last);
    return [...found.current.keys(), ...inner].sort();
  }

  exists(path: string): boolean {
    if (this.#folders.has(normal(path))) return true;
    return this.#folders.get(parent(normal(path)))?.current.has(last(path)) ?? false;
  }

  /** Durable at once, as the real one is: it syncs what it makes. */
  makeFolder(path: string): void {
    this.#live();
    for (let at = normal(path); !this.#folders.has(at); at = parent(at)) {
      this.#folders.set(at, new Folder());
    }
  }

  rename(from: string, to: string): void {
    this.#step('rename', from);
    const source = this.#place(from);
    const target = this.#place(to);
    const inode = source.folder.current.get(source.name);
    if (inode === undefined) throw systemError('ENOENT', from);
    const gone = { name: source.name, inode: undefined };
    const come = { name: target.name, inode };
    if (source.folder === target.folder) source.folder.change(gone, come);
    else {
      target.folder.change(come);
      source.folder.change(gone);
    }
  }

  unlink(path: string): void {
    this.#step('unlink', path);
    const { folder, name } = this.#place(path);
    if (!folder.current.has(name)) throw systemError('ENOENT', path);
    folder.change({ name, inode: undefined });
  }

  syncFolder(path: string): void {
    this.#step('syncFolder', path);
    const folder = this.#folders.get(normal(path));
    if (folder === undefined) throw systemError('ENOENT', path);
    folder.sync();
  }

  /** It ends with the machine. */
  lock(path: string): (() => void) | undefined {
    this.#live();
    if (this.#locks.has(path)) return undefined;
    this.#locks.add(path);
    return () => void this.#locks.delete(path);
  }

  #file(path: string, inode: Inode, mode: OpenMode): DiskFile {
    const sync = (begun: ReadonlyMap<number, number>): void => {
      try {
        this.#step('sync', path);
      } catch (error) {
        if (!(error instanceof SimulatedCrash)) inode.drop();
        throw error;
      }
      inode.sync(begun);
    };
    return {
      sizeOctets: () => inode.current.length,
      read: (position, lengthOctets) => {
        this.#mayFail('read', path);
        return inode.current.slice(position, position + lengthOctets);
      },
      readInto: (position, into) => {
        this.#mayFail('read', path);
        const octets = inode.current.subarray(position, position + into.length);
        into.set(octets);
        return octets.length;
      },
      write: (position, octets) => {
        if (mode === 'read') throw systemError('EBADF', path);
        this.#step('write', path);
        const growth = Math.max(0, position + octets.length - inode.current.length);
        const room = (this.#options.capacityOctets ?? Infinity) - this.#usedOctets();
        if (growth > room) {
          const fits = octets.subarray(0, Math.max(0, octets.length - (growth - room)));
          if (fits.length > 0) inode.write(position, fits);
          throw systemError('ENOSPC', path);
        }
        inode.write(position, octets);
      },
      // As a device does it: later, and in the turn of whoever waits.
      sync: async () => {
        const begun = inode.begun();
        await new Promise((resolve) => setImmediate(resolve));
        sync(begun);
      },
      syncNow: () => sync(inode.begun()),
      close: () => {},
    };
  }

  #usedOctets(): number {
    let sum = 0;
    for (const { current } of this.#folders.values()) {
      for (const inode of current.values()) sum += inode.current.length;
    }
    return sum;
  }

  #place(path: string): { folder: Folder; name: string } {
    const folder = this.#folders.get(parent(normal(path)));
    if (folder === undefined) throw systemError('ENOENT', path);
    return { folder, name: last(path) };
  }

  #step(operation: Operation, path: string): void {
    this.#live();
    this.#options.before?.(this);
    this.#operations++;
    if (this.#operations === this.#options.crashAt) {
      this.#crashed = true;
      throw new SimulatedCrash(`${operation} ${path}`);
    }
    this.#mayFail(operation, path);
  }

  #live(): void {
    if (this.#crashed) throw new SimulatedCrash('the machine has stopped');
  }

  #mayFail(operation: Operation, path: string): void {
    this.#live();
    const failing = this.#failing.find(
      (failure) => failure.operation === operation && failure.times > 0 && failure.path.test(path),
    );
    if (failing === undefined) return;
    failing.times--;
    throw systemError(failing.code, path);
  }
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((octet, index) => octet === b[index]);
}

function apply(entries: Map<string, Inode>, changes: readonly Entry[]): void {
  for (const { name, inode } of changes) {
    if (inode === undefined) entries.delete(name);
    else entries.set(name, inode);
  }
}

function systemError(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${path}`), { code, syscall: 'simulated' });
}

function normal(path: string): string {
  return path.split('/').filter(Boolean).join('/');
}

function parent(path: string): string {
  return normal(path).split('/').slice(0, -1).join('/');
}

function last(path: string): string {
  return normal(path).split('/').at(-1) ?? '';
}
