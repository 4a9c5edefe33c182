/**
 * References of a repository: a file each, or a line of `packed-refs`. They are changed under git's own
 * lock, `NAME.lock`, so that pushes and we take turns.
 */
import { dirname } from 'node:path/posix';
import { type Disk, errorCode, readFile, removeFile } from '../disk/disk.ts';
import type { ObjectId } from '../history/objects.ts';
import { listed } from './object-database.ts';

const decoder = new TextDecoder();
const encoder = new TextEncoder();
const maxSymbolicDepth = 5; // git's own limit

export type Reference = { readonly name: string; readonly id: ObjectId };

/** `moved`: the reference is not where it was expected. `locked`: somebody is changing it just now. */
export type UpdateOutcome = 'done' | 'moved' | 'locked';

export class References {
  readonly #disk: Disk;
  readonly #folder: string;

  /** `folder` is the git directory. */
  constructor(disk: Disk, folder: string) {
    this.#disk = disk;
    this.#folder = folder;
  }

  /** What `refs/heads/main` or `HEAD` names in the end; undefined if there is none. */
  read(name: string): ObjectId | undefined {
    let at = name;
    for (let depth = 0; depth <= maxSymbolicDepth; depth++) {
      const text = this.#text(at)?.trim();
      if (text === undefined) return this.#packed().get(at);
      if (!text.startsWith('ref: ')) return /^[0-9a-f]{40}$/.test(text) ? text : undefined;
      at = text.slice('ref: '.length).trim();
    }
    return undefined;
  }

  /** Those whose name begins so, such as `refs/heads/inbox/`, by name. */
  list(prefix: string): Reference[] {
    const names = new Set([...this.#packed().keys()].filter((name) => name.startsWith(prefix)));
    const visit = (folder: string): void => {
      for (const name of listed(this.#disk, `${this.#folder}/${folder}`)) {
        const path = `${folder}/${name}`;
        if (path.endsWith('.lock')) continue;
        if (this.#text(path) === undefined) visit(path);
        else names.add(path);
      }
    };
    visit(prefix.replace(/\/$/, ''));
    return [...names].sort().flatMap((name) => {
      const id = this.read(name);
      return id === undefined ? [] : [{ name, id }];
    });
  }

  /** Durable when it is done. `before` undefined: there must be none; `after` undefined: it goes. */
  update(name: string, before: ObjectId | undefined, after: ObjectId | undefined): UpdateOutcome {
    const path = `${this.#folder}/${name}`;
    this.#disk.makeFolder(dirname(path));
    const release = this.#lock(`${path}.lock`, after);
    if (release === undefined) return 'locked';
    let done = false;
    try {
      const now = this.read(name);
      if (now === after) return 'done';
      if (now !== before) return 'moved';
      if (after === undefined) {
        if (this.#packed().has(name) && !this.#unpack(name)) return 'locked';
        removeFile(this.#disk, path);
      } else {
        this.#disk.rename(`${path}.lock`, path);
        done = true;
      }
      this.#disk.syncFolder(dirname(path));
      return 'done';
    } finally {
      if (!done) release();
    }
  }

  /** What the lock of a reference holds: an id, or nothing yet. Undefined if it is not locked. */
  lockHolds(name: string): string | undefined {
    // What a crash left of a file that was not synced may be zeros.
    return this.#text(`${name}.lock`)?.replaceAll('\0', '').trim();
  }

  breakLock(name: string): void {
    const path = `${this.#folder}/${name}.lock`;
    removeFile(this.#disk, path);
  }

  #lock(path: string, content: ObjectId | undefined): (() => void) | undefined {
    try {
      const file = this.#disk.open(path, 'create');
      try {
        if (content !== undefined) file.write(0, encoder.encode(`${content}\n`));
        file.syncNow();
      } catch (error) {
        this.#disk.unlink(path);
        throw error;
      } finally {
        file.close();
      }
    } catch (error) {
      if (errorCode(error) === 'EEXIST') return undefined;
      throw error;
    }
    return () => removeFile(this.#disk, path);
  }

  /** Undefined for what is no file. */
  #text(name: string): string | undefined {
    const path = `${this.#folder}/${name}`;
    if (!this.#disk.exists(path)) return undefined;
    try {
      return decoder.decode(readFile(this.#disk, path));
    } catch (error) {
      const code = errorCode(error);
      if (code === 'ENOENT' || code === 'EISDIR') return undefined;
      throw error;
    }
  }

  #packed(): Map<string, ObjectId> {
    const packed = new Map<string, ObjectId>();
    for (const line of this.#text('packed-refs')?.split('\n') ?? []) {
      // Lines with ^ say what a tag points to; those with # what was packed how.
      const [, id, name] = /^([0-9a-f]{40}) (\S+)$/.exec(line) ?? [];
      if (id !== undefined && name !== undefined) packed.set(name, id);
    }
    return packed;
  }

  /** Takes one line out of `packed-refs`, with the line about it. */
  #unpack(name: string): boolean {
    const path = `${this.#folder}/packed-refs`;
    const kept: string[] = [];
    let dropping = false;
    for (const line of this.#text('packed-refs')?.split('\n') ?? []) {
      if (!line.startsWith('^')) dropping = line.endsWith(` ${name}`);
      if (!dropping) kept.push(line);
    }
    let file: ReturnType<Disk['open']>;
    try {
      file = this.#disk.open(`${path}.lock`, 'create');
    } catch (error) {
      if (errorCode(error) === 'EEXIST') return false;
      throw error;
    }
    try {
      file.write(0, encoder.encode(kept.join('\n')));
      file.syncNow();
    } finally {
      file.close();
    }
    this.#disk.rename(`${path}.lock`, path);
    this.#disk.syncFolder(this.#folder);
    return true;
  }
}
