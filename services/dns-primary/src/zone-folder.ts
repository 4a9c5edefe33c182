/**
 * Watches a folder of zone files. A file counts once its size and time have been the same for a
 * moment, so that nobody's half-written file is read. Notices changes by the system's events and, since
 * those get lost on some file systems, by looking every now and then.
 */
import { type FSWatcher, readdirSync, statSync, watch } from 'node:fs';
import { join } from 'node:path';
import { zoneOfFile } from './zone-names.ts';

/** For so long a file must not have changed before it is read. */
const stableMs = 150;
/** After an event, and while files are not stable yet, the folder is looked at so often. */
const soonMs = 50;
/** Without events it is looked at so often. */
const pollMs = 2000;

export type ZoneFileEvents = {
  /** A file is new or has changed, and is stable. */
  changed(zone: string, path: string): void;
  /** The files that are there now, after each look. */
  present(zones: ReadonlySet<string>): void;
  /** The folder itself cannot be read. */
  unreadable(error: Error): void;
};

type Seen = { identity: string; since: number; told: boolean };

export class ZoneFolder {
  readonly #folder: string;
  readonly #events: ZoneFileEvents;
  readonly #seen = new Map<string, Seen>();
  #watcher: FSWatcher | undefined;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(folder: string, events: ZoneFileEvents) {
    this.#folder = folder;
    this.#events = events;
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
    let waiting = false;
    const present = new Set<string>();
    const now = performance.now();
    let files: string[];
    try {
      files = readdirSync(this.#folder);
    } catch (error) {
      this.#events.unreadable(error as Error);
      this.#lookIn(pollMs);
      return;
    }
    for (const file of files) {
      const zone = zoneOfFile(file);
      if (zone === undefined) continue;
      const path = join(this.#folder, file);
      const identity = identityOf(path);
      if (identity === undefined) continue;
      present.add(zone);
      const seen = this.#seen.get(zone);
      if (seen === undefined || seen.identity !== identity) {
        // What was not touched for a while when first seen is stable already.
        const settled =
          seen === undefined && Date.now() - Number(identity.split(' ')[1]) > stableMs;
        this.#seen.set(zone, { identity, since: settled ? now - stableMs : now, told: false });
      }
      const entry = this.#seen.get(zone)!;
      if (entry.told) continue;
      if (now - entry.since >= stableMs) {
        entry.told = true;
        this.#events.changed(zone, path);
      } else waiting = true;
    }
    for (const zone of this.#seen.keys()) if (!present.has(zone)) this.#seen.delete(zone);
    this.#events.present(present);
    this.#lookIn(waiting ? soonMs : pollMs);
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
