/**
 * Node references in order: a copy-on-write B+ tree. A commit copies the pages on the way to what it
 * changes and gives a new root; readers go on in the old pages until they let go of them.
 *
 * Two orders are used: names in canonical order (RFC 4034 §6.1), and owners of NSEC3 by their hash,
 * which is the order of their first label (RFC 5155 §1.3; base32hex keeps the order of octets).
 * Words of a page: keys | leaf << 31, unused, then the keys; an inner page has behind all 64 places
 * for keys the children. The key of a child is its smallest.
 */
import type { ArenaWriter } from '@riad/octets/arena';
import {
  compareCanonical,
  type LabelStarts,
  labelStarts,
  makeLabelStarts,
  nameOctetOf,
} from './canonical-order.ts';

export const pageKeys = 64;
const leafBit = 1 << 31;
const keysWord = 2;
const childrenWord: number = keysWord + pageKeys;
const leafOctets: number = (keysWord + pageKeys) * 4;
const innerOctets: number = (keysWord + 2 * pageKeys) * 4;
/** Pages are made this full when a tree is built, so that first insertions do not split them. */
const builtKeys = 56;
/** A tree of 64-key pages that are at least half full holds 2^31 keys in 7 levels. */
const maxLevels = 8;

/** Compares a node with what is sought: negative when the node comes first. */
export interface Order {
  compare(node: number): number;
}

/** A name sought in canonical order. Everything is set by `seek` and stays until the next. */
export class CanonicalOrder implements Order {
  readonly #octets: Uint8Array;
  readonly #starts: LabelStarts = makeLabelStarts();
  readonly #nodeStarts: LabelStarts = makeLabelStarts();
  #at = 0;
  #labels = 0;
  #common = 0;

  constructor(octets: Uint8Array) {
    this.#octets = octets;
  }

  /** `at`: octet of the name in the arena; `common`: labels that it shares with every node. */
  seek(at: number, common: number): void {
    this.#at = at;
    this.#labels = labelStarts(this.#octets, at, this.#starts);
    this.#common = common;
  }

  compare(reference: number): number {
    const octets = this.#octets;
    const at = nameOctetOf(reference);
    const labels = labelStarts(octets, at, this.#nodeStarts);
    return compareCanonical(
      octets,
      at,
      this.#nodeStarts,
      labels,
      this.#at,
      this.#starts,
      this.#labels,
      this.#common,
    );
  }
}

/** A hash sought among the owners of NSEC3: 32 octets of base32hex, lower case, in the arena. */
export class HashOrder implements Order {
  readonly #octets: Uint8Array;
  #at = 0;

  constructor(octets: Uint8Array) {
    this.#octets = octets;
  }

  seek(at: number): void {
    this.#at = at;
  }

  compare(reference: number): number {
    const octets = this.#octets;
    const left = nameOctetOf(reference) + 1;
    const right = this.#at;
    for (let i = 0; i < 32; i++) {
      const difference = octets[left + i]! - octets[right + i]!;
      if (difference !== 0) return difference;
    }
    return 0;
  }
}

/** The last node that is not behind what is sought, or 0 when all are behind it. */
export function floorNode(words: Int32Array, root: number, order: Order): number {
  let page = root;
  if (page === 0) return 0;
  for (let level = 0; level < maxLevels; level++) {
    const word = page * 2;
    const info = words[word]!;
    const index = floorIndex(words, word, info & 0xff, order);
    if (index < 0) return 0;
    if (info < 0) return words[word + keysWord + index]!;
    page = words[word + childrenWord + index]!;
  }
  return 0;
}

/** The last node of a tree, or 0 of an empty one. */
export function lastNode(words: Int32Array, root: number): number {
  let page = root;
  if (page === 0) return 0;
  for (let level = 0; level < maxLevels; level++) {
    const word = page * 2;
    const info = words[word]!;
    const last = (info & 0xff) - 1;
    if (info < 0) return words[word + keysWord + last]!;
    page = words[word + childrenWord + last]!;
  }
  return 0;
}

/** The index of the last key of a page that is not behind what is sought, or -1. */
function floorIndex(words: Int32Array, word: number, count: number, order: Order): number {
  let low = -1;
  let high = count;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (order.compare(words[word + keysWord + middle]!) <= 0) low = middle;
    else high = middle;
  }
  return low;
}

/** Calls `each` for all nodes in order until it returns false. */
export function walkOrder(
  words: Int32Array,
  root: number,
  each: (node: number) => boolean,
): boolean {
  if (root === 0) return true;
  const word = root * 2;
  const info = words[word]!;
  const count = info & 0xff;
  for (let i = 0; i < count; i++) {
    if (
      info < 0
        ? !each(words[word + keysWord + i]!)
        : !walkOrder(words, words[word + childrenWord + i]!, each)
    ) {
      return false;
    }
  }
  return true;
}

/** Builds a tree of nodes that are in order already; returns its root, 0 for none. */
export function buildOrderTree(writer: ArenaWriter, nodes: Int32Array, count: number): number {
  if (count === 0) return 0;
  let keys: number[] = [];
  let pages: number[] = [];
  for (let from = 0; from < count; from += builtKeys) {
    const page = writer.allocate(leafOctets);
    const size = Math.min(builtKeys, count - from);
    writer.put(page * 2, size | leafBit);
    for (let i = 0; i < size; i++) writer.put(page * 2 + keysWord + i, nodes[from + i]!);
    keys.push(nodes[from]!);
    pages.push(page);
  }
  while (pages.length > 1) {
    const upperKeys: number[] = [];
    const upperPages: number[] = [];
    for (let from = 0; from < pages.length; from += builtKeys) {
      const size = Math.min(builtKeys, pages.length - from);
      const page = makeInner(writer, keys.slice(from, from + size), pages.slice(from, from + size));
      upperKeys.push(keys[from]!);
      upperPages.push(page);
    }
    keys = upperKeys;
    pages = upperPages;
  }
  return pages[0]!;
}

function makeInner(
  writer: ArenaWriter,
  keys: readonly number[],
  children: readonly number[],
): number {
  const page = writer.allocate(innerOctets);
  const word = page * 2;
  writer.put(word, keys.length);
  for (let i = 0; i < keys.length; i++) {
    writer.put(word + keysWord + i, keys[i]!);
    writer.put(word + childrenWord + i, children[i]!);
  }
  return page;
}

function makeLeaf(writer: ArenaWriter, keys: readonly number[]): number {
  const page = writer.allocate(leafOctets);
  writer.put(page * 2, keys.length | leafBit);
  for (let i = 0; i < keys.length; i++) writer.put(page * 2 + keysWord + i, keys[i]!);
  return page;
}

type Retire = (reference: number, sizeOctets: number) => void;

/** What an edit of one page left: the pages in its place (none, one or two) with their first keys. */
type Edited = { keys: number[]; pages: number[] };

/**
 * The tree with `added` in it. `order` must seek that node's place. Copied pages go to `retire`.
 * Returns the new root; the same when the node was there.
 */
export function insertNode(
  writer: ArenaWriter,
  root: number,
  order: Order,
  added: number,
  retire: Retire,
): number {
  if (root === 0) return makeLeaf(writer, [added]);
  return rootOf(writer, edit(writer, root, order, added, true, retire), root, retire);
}

/** The tree without the node that `order` seeks; the same root when it is not there. */
export function removeNode(
  writer: ArenaWriter,
  root: number,
  order: Order,
  retire: Retire,
): number {
  if (root === 0) return 0;
  return rootOf(writer, edit(writer, root, order, 0, false, retire), root, retire);
}

function rootOf(
  writer: ArenaWriter,
  edited: Edited | undefined,
  root: number,
  retire: Retire,
): number {
  if (edited === undefined) return root;
  if (edited.pages.length === 0) return 0;
  if (edited.pages.length > 1) return makeInner(writer, edited.keys, edited.pages);
  // A root with one child only makes every search longer.
  let page = edited.pages[0]!;
  while (writer.words[page * 2]! === 1) {
    const child = writer.words[page * 2 + childrenWord]!;
    retire(page, innerOctets);
    page = child;
  }
  return page;
}

function edit(
  writer: ArenaWriter,
  page: number,
  order: Order,
  added: number,
  inserting: boolean,
  retire: Retire,
): Edited | undefined {
  const words = writer.words;
  const word = page * 2;
  const info = words[word]!;
  const count = info & 0xff;
  const index = floorIndex(words, word, count, order);
  const keys: number[] = Array.from(words.subarray(word + keysWord, word + keysWord + count));
  if (info < 0) {
    const present = index >= 0 && order.compare(keys[index]!) === 0;
    if (present === inserting) return undefined;
    if (inserting) keys.splice(index + 1, 0, added);
    else keys.splice(index, 1);
    retire(page, leafOctets);
    if (keys.length === 0) return { keys: [], pages: [] };
    if (keys.length <= pageKeys) return { keys: [keys[0]!], pages: [makeLeaf(writer, keys)] };
    const right = keys.splice(keys.length >>> 1);
    return {
      keys: [keys[0]!, right[0]!],
      pages: [makeLeaf(writer, keys), makeLeaf(writer, right)],
    };
  }
  const children: number[] = Array.from(
    words.subarray(word + childrenWord, word + childrenWord + count),
  );
  const at = Math.max(index, 0); // what comes before every key belongs into the first page
  const edited = edit(writer, children[at]!, order, added, inserting, retire);
  if (edited === undefined) return undefined;
  keys.splice(at, 1, ...edited.keys);
  children.splice(at, 1, ...edited.pages);
  retire(page, innerOctets);
  if (keys.length === 0) return { keys: [], pages: [] };
  if (keys.length <= pageKeys)
    return { keys: [keys[0]!], pages: [makeInner(writer, keys, children)] };
  const half = keys.length >>> 1;
  const rightKeys = keys.splice(half);
  const rightChildren = children.splice(half);
  return {
    keys: [keys[0]!, rightKeys[0]!],
    pages: [makeInner(writer, keys, children), makeInner(writer, rightKeys, rightChildren)],
  };
}

/** Gives all pages of a tree to `retire`. */
export function retireTree(words: Int32Array, root: number, retire: Retire): void {
  if (root === 0) return;
  const word = root * 2;
  const info = words[word]!;
  if (info >= 0) {
    for (let i = 0; i < (info & 0xff); i++)
      retireTree(words, words[word + childrenWord + i]!, retire);
  }
  retire(root, info < 0 ? leafOctets : innerOctets);
}
