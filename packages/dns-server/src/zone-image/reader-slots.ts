/**
 * How the writer knows what no reader looks at any more. Each reader has a slot in the arena's header
 * and shows in it the version it reads, or 0 while it holds no reference.
 */
import { arenaHeader } from '@riad/octets/arena';
import { imageHeader } from './layout.ts';

// Constants of this module, which the compiler knows; those of another it would load at each use.
const arenaHeaderReaderSlots = arenaHeader.readerSlots;
const arenaHeaderReaderSlotWords = arenaHeader.readerSlotWords;
const arenaHeaderReaderSlotCount = arenaHeader.readerSlotCount;
const imageHeaderVersion = imageHeader.version;

function wordOf(slot: number): number {
  return arenaHeaderReaderSlots + slot * arenaHeaderReaderSlotWords;
}

/** Second word of a slot: 1 while a reader owns it. */
const ownedWord = 1;

/** Takes a slot of one's own. Throws when all are taken. */
export function claimReaderSlot(words: Int32Array): number {
  const slot = findReaderSlot(words);
  if (slot !== -1) return slot;
  throw new RangeError(`all ${arenaHeaderReaderSlotCount} reader slots are taken`);
}

/** The same, but returns -1 when all are taken. */
export function findReaderSlot(words: Int32Array): number {
  for (let slot = 0; slot < arenaHeaderReaderSlotCount; slot++) {
    if (Atomics.compareExchange(words, wordOf(slot) + ownedWord, 0, 1) === 0) {
      Atomics.store(words, wordOf(slot), 0);
      return slot;
    }
  }
  return -1;
}

export function releaseReaderSlot(words: Int32Array, slot: number): void {
  Atomics.store(words, wordOf(slot), 0);
  Atomics.store(words, wordOf(slot) + ownedWord, 0);
}

/**
 * Begins reading and returns the version to read. The version is loaded again after it was shown,
 * because the writer may have looked at the slot in between.
 */
export function enterVersion(words: Int32Array, slot: number): number {
  const word = wordOf(slot);
  for (;;) {
    const version = Atomics.load(words, imageHeaderVersion);
    Atomics.store(words, word, version);
    if (Atomics.load(words, imageHeaderVersion) === version) return version;
  }
}

/**
 * Goes on reading: returns `reading` while it still is the newest version, else enters the newest. A
 * reader that calls this for each batch shows its version all the time and pays one load; the writer
 * then waits for it no longer than it sleeps. A plain load will do, as the version only counts when it
 * is the one that is shown already.
 */
export function renewVersion(words: Int32Array, slot: number, reading: number): number {
  return words[imageHeaderVersion] === reading ? reading : enterVersion(words, slot);
}

/** Ends reading: no reference may be used after it. */
export function leaveVersion(words: Int32Array, slot: number): void {
  Atomics.store(words, wordOf(slot), 0);
}

/** How many versions the furthest reader is behind `version`; 0 if none reads an older one. */
export function oldestReaderLag(words: Int32Array, version: number): number {
  let lag = 0;
  for (let slot = 0; slot < arenaHeaderReaderSlotCount; slot++) {
    const shown = Atomics.load(words, wordOf(slot));
    if (shown !== 0) lag = Math.max(lag, (version - shown) | 0);
  }
  return lag;
}

/**
 * The first element of a version chain that `version` may see, or 0. Element layout: its version
 * (0: so old that all may see it), then the older element. Versions wrap, so their distance counts.
 */
export function visible(words: Int32Array, head: number, version: number): number {
  let element = head;
  while (element !== 0) {
    const written = words[element * 2]!;
    if (written === 0 || ((version - written) | 0) >= 0) return element;
    element = words[element * 2 + 1]!;
  }
  return 0;
}
