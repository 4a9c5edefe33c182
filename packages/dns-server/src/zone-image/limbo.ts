/**
 * What a commit replaced waits here until no reader can be in it. Entries of one commit form a batch,
 * marked with the version from which on nobody finds them any more.
 */
import type { ArenaWriter } from '@riad/octets/arena';
import { freeWhole } from './free-zone.ts';
import { zoneVersion } from './layout.ts';

/** A block to free, a whole zone to free, or an element that may be marked as visible to all. */
const kind = { block: 0, zone: 1, settle: 2 } as const;

export class Limbo {
  readonly #writer: ArenaWriter;
  /** Kind, reference and size of each entry. */
  #open: number[] = [];
  readonly #closed: { version: number; entries: number[] }[] = [];

  constructor(writer: ArenaWriter) {
    this.#writer = writer;
  }

  /** Batches that wait; grows only while a reader stays where it is. */
  get waiting(): number {
    return this.#closed.length;
  }

  retire(reference: number, sizeOctets: number): void {
    this.#open.push(kind.block, reference, sizeOctets);
  }

  /** All that hangs from an element of a zone's chain. */
  retireWhole(zone: number): void {
    this.#open.push(kind.zone, zone, zoneVersion.words * 4);
  }

  /** An element of a chain that was linked in this commit. */
  settle(element: number): void {
    this.#open.push(kind.settle, element, 0);
  }

  /** Ends the batch: `version` is the commit that replaced its entries. */
  close(version: number): void {
    if (this.#open.length === 0) return;
    this.#closed.push({ version, entries: this.#open });
    this.#open = [];
  }

  /** Forgets the open batch, when its commit was given up before anything was linked. */
  drop(): void {
    this.#open = [];
  }

  /** Frees the batches that readers at `oldest` or later cannot see; true when none is left. */
  release(oldest: number): boolean {
    const writer = this.#writer;
    while (this.#closed.length > 0) {
      const batch = this.#closed[0]!;
      if (((oldest - batch.version) | 0) < 0) return false;
      this.#closed.shift();
      const { entries } = batch;
      // First cut the links into what is freed below, then free it.
      for (let i = 0; i < entries.length; i += 3) {
        if (entries[i] !== kind.settle) continue;
        writer.put(entries[i + 1]! * 2 + 1, 0); // older
        writer.put(entries[i + 1]! * 2, 0); // version: visible to all
      }
      for (let i = 0; i < entries.length; i += 3) {
        if (entries[i] === kind.block) writer.free(entries[i + 1]!, entries[i + 2]!);
        else if (entries[i] === kind.zone) freeWhole(writer, entries[i + 1]!);
      }
    }
    return true;
  }
}
