/** Where between two entries of a master file reading stands, so that it can go on from there. */
import type { Name } from '../name.ts';

/** All that the meaning of an entry depends on besides its text. */
export type ReaderState = {
  /** Where in the text the next entry begins, and its line. */
  readonly offset: number;
  readonly line: number;
  readonly origin: Name;
  /** The owner that a line without one continues. */
  readonly owner: Name | undefined;
  /** From `$TTL`, or from an SOA without a TTL. */
  readonly defaultTtlSeconds: number | undefined;
  /** The TTL last written out. */
  readonly lastTtlSeconds: number | undefined;
};

/** Whether entries mean the same after either state, wherever in the text they stand. */
export function sameMeaning(a: ReaderState, b: ReaderState): boolean {
  return (
    a.defaultTtlSeconds === b.defaultTtlSeconds &&
    a.lastTtlSeconds === b.lastTtlSeconds &&
    sameOctets(a.origin, b.origin) &&
    (a.owner === undefined
      ? b.owner === undefined
      : b.owner !== undefined && sameOctets(a.owner, b.owner))
  );
}

export function sameStart(a: Uint8Array, aLength: number, b: Uint8Array, bLength: number): boolean {
  if (aLength !== bLength) return false;
  for (let i = 0; i < aLength; i++) if (a[i] !== b[i]) return false;
  return true;
}

function sameOctets(a: Uint8Array, b: Uint8Array): boolean {
  return sameStart(a, a.length, b, b.length);
}
