/**
 * A list of addresses as sorted ranges, for who has to look at each packet: a look takes some ten
 * comparisons, however long the list is, and allocates nothing.
 *
 * A row is a port (0 for any) with the first and the last address. Prefixes overlap only in that one is
 * within another, so that rows of one port are disjoint once those within others are left out. Words
 * have their first bit turned over: then signed comparison orders them as unsigned numbers.
 */
import type { AddressEntry, AddressList } from './address-list.ts';

export type AddressRanges = {
  /** Rows of 3 words: port, first, last. */
  readonly ipv4: Int32Array;
  /** Rows of 9 words. */
  readonly ipv6: Int32Array;
  /** Some entry is for one port. */
  readonly ports: boolean;
};

const topBit = 1 << 31;
/** `::ffff:0:0/96`, RFC 4291 §2.5.5.2. */
const mappedWord = 0x0000_ffff;

export function addressRanges(list: AddressList): AddressRanges {
  return {
    ipv4: tableOf(list, 4),
    ipv6: tableOf(list, 16),
    ports: list.some(({ port }) => port !== undefined),
  };
}

/**
 * Whether the ranges have the address of `addressOctets` (4 or 16) octets at `at`. It stands as in a
 * socket's name (struct sockaddr): its port 2 octets before an IPv4 address, 6 before an IPv6 address.
 */
export function rangesHave(
  ranges: AddressRanges,
  view: DataView,
  at: number,
  addressOctets: number,
): boolean {
  const port = ranges.ports ? view.getUint16(at - (addressOctets === 4 ? 2 : 6)) : 0;
  if (addressOctets === 4) return tableHas(ranges.ipv4, 1, port, view, at);
  const mapped =
    view.getInt32(at) === 0 && view.getInt32(at + 4) === 0 && view.getInt32(at + 8) === mappedWord;
  return mapped
    ? tableHas(ranges.ipv4, 1, port, view, at + 12)
    : tableHas(ranges.ipv6, 4, port, view, at);
}

function tableHas(
  table: Int32Array,
  words: number,
  port: number,
  view: DataView,
  at: number,
): boolean {
  return rowHas(table, words, 0, view, at) || (port !== 0 && rowHas(table, words, port, view, at));
}

/** Looks at the last row of the port that does not begin behind the address. */
function rowHas(
  table: Int32Array,
  words: number,
  port: number,
  view: DataView,
  at: number,
): boolean {
  const rowWords = 1 + 2 * words;
  let low = -1;
  let high = table.length / rowWords;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    const row = middle * rowWords;
    const order = table[row]! - port || compare(table, row + 1, words, view, at);
    if (order <= 0) low = middle;
    else high = middle;
  }
  if (low < 0) return false;
  const row = low * rowWords;
  return table[row] === port && compare(table, row + 1 + words, words, view, at) >= 0;
}

/** Less than 0 when the address in the table comes before the one at `at`, more when it comes behind. */
function compare(
  table: Int32Array,
  from: number,
  words: number,
  view: DataView,
  at: number,
): number {
  for (let i = 0; i < words; i++) {
    const ours = table[from + i]!;
    const theirs = view.getInt32(at + 4 * i) ^ topBit;
    if (ours !== theirs) return ours < theirs ? -1 : 1;
  }
  return 0;
}

function tableOf(list: AddressList, octets: 4 | 16): Int32Array {
  const words = octets / 4;
  const rows = list.filter((entry) => entry.octets.length === octets).map(rowOf);
  // Of those that begin together the longest comes first.
  rows.sort((a, b) => {
    const i = a.findIndex((word, place) => word !== b[place]);
    if (i < 0) return 0;
    return i <= words ? a[i]! - b[i]! : b[i]! - a[i]!;
  });
  const kept: Int32Array[] = [];
  for (const row of rows) {
    const last = kept.at(-1);
    if (last === undefined || last[0] !== row[0] || endsBefore(last, row, words)) kept.push(row);
  }
  const table = new Int32Array(kept.length * (1 + 2 * words));
  for (const [i, row] of kept.entries()) table.set(row, i * row.length);
  return table;
}

function endsBefore(before: Int32Array, row: Int32Array, words: number): boolean {
  for (let i = 1; i <= words; i++) {
    const last = before[words + i]!;
    if (last !== row[i]) return last < row[i]!;
  }
  return false;
}

function rowOf({ octets, prefixBits, port }: AddressEntry): Int32Array {
  const words = octets.length / 4;
  const row = new Int32Array(1 + 2 * words);
  const view = new DataView(octets.buffer, octets.byteOffset, octets.length);
  row[0] = port ?? 0;
  for (let i = 0; i < words; i++) {
    const first = view.getInt32(4 * i);
    const fixed = Math.min(32, Math.max(0, prefixBits - 32 * i));
    const free = fixed === 32 ? 0 : -1 >>> fixed; // a shift by 32 would be one by 0
    row[1 + i] = first ^ topBit;
    row[1 + words + i] = (first | free) ^ topBit;
  }
  return row;
}
