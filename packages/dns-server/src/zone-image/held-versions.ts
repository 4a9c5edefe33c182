/**
 * Versions of the zones that are kept for readers slower than a query: a transfer reads one version
 * from its first message to its last, however many commits come in between. What those replace cannot
 * be freed meanwhile, so a hold has a deadline. Readers of one version share one reader slot.
 */
import type { Arena } from '@riad/octets/arena';
import type { Instant } from '@riad/octets/engine';
import { imageHeader } from './layout.ts';
import { enterVersion, findReaderSlot, releaseReaderSlot } from './reader-slots.ts';

/** Different versions at a time: the slots of an arena are for the answering threads first. */
export const maxHeldVersions = 8;
/** A million records to a peer on a line of 256 kbit/s take a quarter of an hour. */
export const heldVersionMs: number = 20 * 60 * 1000;

export class HeldVersion {
  readonly version: number;
  readonly deadline: Instant;
  readonly #end: () => void;
  #held = true;

  constructor(version: number, deadline: Instant, end: () => void) {
    this.version = version;
    this.deadline = deadline;
    this.#end = end;
  }

  /** False from `release` or the deadline on: then no reference of this version may be used any more. */
  get held(): boolean {
    return this.#held;
  }

  /** Ends the hold; may be called more than once. */
  release(): void {
    if (!this.#held) return;
    this.#held = false;
    this.#end();
  }

  [Symbol.dispose](): void {
    this.release();
  }
}

type Shared = { readonly slot: number; readonly version: number; readonly holds: Set<HeldVersion> };

export class HeldVersions {
  readonly #words: Int32Array;
  readonly #forMs: number;
  #shared: Shared[] = [];

  constructor(arena: Arena, forMs: number = heldVersionMs) {
    this.#words = arena.words;
    this.#forMs = forMs;
  }

  /** Holds the newest version; undefined when too many others are held. */
  hold(now: Instant): HeldVersion | undefined {
    this.expire(now);
    const newest = Atomics.load(this.#words, imageHeader.version);
    const shared = this.#shared.find(({ version }) => version === newest) ?? this.#share();
    if (shared === undefined) return undefined;
    const held: HeldVersion = new HeldVersion(shared.version, now + this.#forMs, () =>
      this.#leave(shared, held),
    );
    shared.holds.add(held);
    return held;
  }

  /** Ends the holds whose deadline has come; their readers find out by `held`. */
  expire(now: Instant): void {
    for (const { holds } of this.#shared) {
      for (const held of holds) if (held.deadline <= now) held.release();
    }
  }

  /** When the next hold expires; undefined when there is none. */
  get nextDeadline(): Instant | undefined {
    let next: Instant | undefined;
    for (const { holds } of this.#shared) {
      for (const { deadline } of holds) if (next === undefined || deadline < next) next = deadline;
    }
    return next;
  }

  #share(): Shared | undefined {
    if (this.#shared.length === maxHeldVersions) return undefined;
    const slot = findReaderSlot(this.#words);
    if (slot === -1) return undefined;
    const shared = {
      slot,
      version: enterVersion(this.#words, slot),
      holds: new Set<HeldVersion>(),
    };
    this.#shared.push(shared);
    return shared;
  }

  #leave(shared: Shared, held: HeldVersion): void {
    shared.holds.delete(held);
    if (shared.holds.size > 0) return;
    this.#shared = this.#shared.filter((other) => other !== shared);
    releaseReaderSlot(this.#words, shared.slot);
  }
}
