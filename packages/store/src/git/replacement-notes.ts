/**
 * Which remotes still have the history of before a purge, each with the revision that ours takes the place of. Of one
 * that is noted nothing may be fetched: that would bring back what was erased. It stays noted while another is
 * followed, for one may go back.
 */
import { existsSync, readFileSync } from 'node:fs';
import { nodeDisk } from '../disk/node-disk.ts';
import { writeDurably } from '../disk/write-durably.ts';
import type { Revision } from '../store.ts';

/** Remotes that were followed, purged and left, one after the other; the oldest is forgotten beyond. */
export const maxNotedRemotes = 100;

export class ReplacementNotes {
  readonly #file: string;
  readonly #remote: string;

  /** `remote` names one, without secrets: its URL and branch. */
  constructor(file: string, remote: string) {
    this.#file = file;
    this.#remote = remote.replace(/\s/g, encodeURIComponent);
  }

  /** Of the remote that is followed. */
  get own(): Revision | undefined {
    return this.#read().get(this.#remote);
  }

  /** Of those that were followed before: what they are called, and what they have. */
  get others(): ReadonlyMap<string, Revision> {
    const notes = this.#read();
    notes.delete(this.#remote);
    return notes;
  }

  /** Durable. */
  set(before: Revision): void {
    const notes = this.#read();
    notes.delete(this.#remote);
    notes.set(this.#remote, before);
    this.#write(notes);
  }

  /** Durable. */
  remove(): void {
    const notes = this.#read();
    if (notes.delete(this.#remote)) this.#write(notes);
  }

  #read(): Map<string, Revision> {
    const notes = new Map<string, Revision>();
    if (!existsSync(this.#file)) return notes;
    for (const line of readFileSync(this.#file, 'utf8').split('\n')) {
      // Without a remote it is about whichever is followed: so it was written when there was one only.
      const [, revision, remote = this.#remote] = /^([0-9a-f]{40})(?: (\S+))?$/.exec(line) ?? [];
      if (revision !== undefined) notes.set(remote, revision);
    }
    return notes;
  }

  #write(notes: ReadonlyMap<string, Revision>): void {
    const lines = [...notes]
      .slice(-maxNotedRemotes)
      .map(([remote, before]) => `${before} ${remote}`);
    writeDurably(nodeDisk(), this.#file, lines.map((line) => `${line}\n`).join(''));
  }
}
