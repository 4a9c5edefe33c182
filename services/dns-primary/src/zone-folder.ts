/**
 * Watches a folder of zone files. A file counts once its size and time have been the same for a
 * moment, so that nobody's half-written file is read. Notices changes by the system's events and, since
 * those get lost on some file systems and do not tell of subfolders, by looking every now and then.
 */
import { type FSWatcher, readdirSync, statSync, watch } from 'node:fs';
import { join } from 'node:path';
import { zoneOfFile } from './zone-names.ts';

/** For so long a file must not have changed before it is read. */
export const stableMs = 150;
/** After an event, and while files are not stable yet, the folder is looked at so often. */
export const soonMs = 50;
/** Without events it is looked at so often. */
export const folderLookMs = 2000;
/** Files in subfolders that are watched, all together. */
export const maxSubfolderFiles = 10_000;

export type ZoneFileEvents = {
  /** A file is new or has changed, and is stable. */
  changed(zone: string, path: string): void;
  /** Several files are one zone: `Example.com` beside `example.com`. */
  ambiguous(zone: string, paths: readonly string[]): void;
  /** The zones that have files now, after each look. */
  present(zones: ReadonlySet<string>): void;
  /** The folder itself cannot be read. */
  unreadable(error: Error): void;
};

type Seen = { identity: string; since: number; told: boolean };

export class ZoneFolder {
  readonly #folder: string;
  readonly #events: ZoneFileEvents;
  readonly #seen = new Map<string, Seen>();
  /** All that could be included. */
  #subfolders: Seen | undefined;
  #watcher: FSWatcher | undefined;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  readonly #now: () => number;

  /** `now`: a monotonic clock in milliseconds. */
  constructor(folder: string, events: ZoneFileEvents, now: () => number = () => performance.now()) {
    this.#folder = folder;
    this.#events = events;
    this.#now = now;
  }

  start(): void {
    try {
      this.#watcher = watch(this.#folder, () => this.#lookIn(soonMs));
      this.#watcher.on('error', () => this.#watcher?.close()); // polling goes on
    } catch {
      // No events here: polling does it.
    }
    this.look();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#watcher?.close();
  }

  /** Files are exchanged in one step, and read by the loader itself: nobody need wait. */
  exclusively<Result>(work: () => Promise<Result>): Promise<Result> {
    return work();
  }

  /** Tells about a zone's file again at the next look. */
  forget(zone: string): void {
    this.#seen.delete(zone);
    this.#lookIn(soonMs);
  }

  #lookIn(milliseconds: number): void {
    if (this.#stopped) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.look(), milliseconds);
    this.#timer.unref();
  }

  look(): void {
    if (this.#stopped) return;
    const now = this.#now();
    let found: Map<string, string[]>;
    let waiting: boolean;
    try {
      const { zones, folders } = this.#list();
      found = zones;
      waiting = this.#lookBelow(folders, now);
    } catch (error) {
      this.#events.unreadable(error as Error);
      this.#lookIn(folderLookMs);
      return;
    }
    for (const [zone, paths] of found) {
      const identity = paths.length === 1 ? identityOf(paths[0]!) : paths.join('\0');
      if (identity === undefined) found.delete(zone);
      else if (!this.#lookAt(zone, paths, identity, now)) waiting = true;
    }
    for (const zone of this.#seen.keys()) if (!found.has(zone)) this.#seen.delete(zone);
    this.#events.present(new Set(found.keys()));
    this.#lookIn(waiting ? soonMs : folderLookMs);
  }

  /** Tells what is new about a zone; false while that is not stable. */
  #lookAt(zone: string, paths: readonly string[], identity: string, now: number): boolean {
    let seen = this.#seen.get(zone);
    if (seen === undefined || seen.identity !== identity) {
      // What was not touched for a while when first seen is stable already.
      const settled = seen === undefined && Date.now() - Number(identity.split(' ')[1]) > stableMs;
      seen = { identity, since: settled ? now - stableMs : now, told: false };
      this.#seen.set(zone, seen);
    }
    if (seen.told) return true;
    if (now - seen.since < stableMs) return false;
    seen.told = true;
    if (paths.length === 1) this.#events.changed(zone, paths[0]!);
    else this.#events.ambiguous(zone, paths);
    return true;
  }

  /** A file in a subfolder may be included by any zone; returns whether something is not stable. */
  #lookBelow(folders: readonly string[], now: number): boolean {
    const identity = identityOfFolders(folders);
    const before = this.#subfolders;
    if (before === undefined) {
      this.#subfolders = { identity, since: now, told: true };
      return false;
    }
    if (before.identity !== identity) {
      this.#subfolders = { identity, since: now, told: false };
      return true;
    }
    if (before.told) return false;
    if (now - before.since < stableMs) return true;
    before.told = true;
    for (const seen of this.#seen.values()) seen.told = false;
    return false;
  }

  #list(): { zones: Map<string, string[]>; folders: string[] } {
    const zones = new Map<string, string[]>();
    const folders: string[] = [];
    for (const entry of readdirSync(this.#folder, { withFileTypes: true })) {
      const path = join(this.#folder, entry.name);
      if (entry.isDirectory()) {
        if (!entry.name.startsWith('.')) folders.push(path);
        continue;
      }
      const zone = zoneOfFile(entry.name);
      if (zone === undefined || identityOf(path) === undefined) continue;
      const others = zones.get(zone);
      if (others === undefined) zones.set(zone, [path]);
      else others.push(path);
    }
    return { zones, folders };
  }
}

/** Size, time and inode of a plain file; undefined for anything else. */
function identityOf(path: string): string | undefined {
  try {
    const status = statSync(path);
    return status.isFile() ? `${status.size} ${status.mtimeMs} ${status.ino}` : undefined;
  } catch {
    return undefined; // gone between listing and looking
  }
}

function identityOfFolders(folders: readonly string[]): string {
  const files = folders
    .flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)),
    )
    .slice(0, maxSubfolderFiles);
  return files.map((file) => `${file} ${identityOf(file) ?? ''}`).join('\n');
}
