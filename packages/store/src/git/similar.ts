/** Finds out how an object comes out of another one that looks much like it. */
import type { Splice } from '../history/objects.ts';
import type { Tree } from '../history/tree.ts';
import type { Copy } from './delta.ts';

/** A copy takes some four octets, so what is shorter is not worth one. */
const leastMatch = 8;
const hashedOctets = 4;
/** Of each side; calendar objects and commits have some hundred. */
export const maxComparedOctets: number = 1 << 16;

/** Where both are the same, from the left; octets in between are inserted. Undefined for what is too long. */
export function textSplices(base: Uint8Array, target: Uint8Array): Copy[] | undefined {
  if (base.length > maxComparedOctets || target.length > maxComparedOctets) return undefined;
  const bits = Math.max(4, Math.ceil(Math.log2(base.length + 1)));
  const places = new Int32Array(1 << bits).fill(-1);
  const hash = (octets: Uint8Array, at: number): number => {
    const word =
      octets[at]! | (octets[at + 1]! << 8) | (octets[at + 2]! << 16) | (octets[at + 3]! << 24);
    return Math.imul(word, 0x9e3779b1) >>> (32 - bits);
  };
  for (let at = base.length - hashedOctets; at >= 0; at--) places[hash(base, at)] = at;
  const copies: Copy[] = [];
  let done = 0;
  for (let at = 0; at + hashedOctets <= target.length; ) {
    // What goes on where the last copy ended, or a few octets further, is the likeliest.
    const last = copies.at(-1);
    const expected = last === undefined ? at : last.from + at - last.to;
    const found = longest(base, target, at, [expected, places[hash(target, at)]!]);
    if (found.length < leastMatch) {
      at++;
      continue;
    }
    let { from, length } = found;
    let to = at;
    while (to > done && from > 0 && base[from - 1] === target[to - 1]) {
      from--;
      to--;
      length++;
    }
    copies.push({ from, to, length });
    at = to + length;
    done = at;
  }
  return copies;
}

function longest(
  base: Uint8Array,
  target: Uint8Array,
  at: number,
  places: readonly number[],
): { from: number; length: number } {
  let best = { from: 0, length: 0 };
  for (const from of places) {
    if (from < 0 || from >= base.length) continue;
    let length = 0;
    while (base[from + length] === target[at + length] && at + length < target.length) length++;
    length = Math.min(length, base.length - from);
    if (length > best.length) best = { from, length };
  }
  return best;
}

/** How one tree comes out of another; undefined for one whose entries are in an order of their own. */
export function treeSplices(base: Tree, target: Tree): readonly Splice[] | undefined {
  const wanted = new Set(target.entries.map(({ name }) => name));
  const changes = new Map<string, Tree['entries'][0] | undefined>();
  for (const { name } of base.entries) if (!wanted.has(name)) changes.set(name, undefined);
  for (const entry of target.entries) changes.set(entry.name, entry);
  const { tree, splices } = base.with(changes);
  return tree.content.equals(target.content) ? splices : undefined;
}
