/**
 * Response rate limiting: a stranger who sends queries in a victim's name gets few answers sent to the
 * victim. Equal answers to one network are counted; above the limit they are dropped, save that each
 * `slip`-th leaves truncated, so that a real client behind that address can come back over TCP.
 *
 * One table serves all workers. They write to it without a lock: a count that gets lost now and then
 * costs nothing, a lock would cost every query. An entry that is in the way is replaced when it is
 * older than a second, else shares its place, which errs towards limiting.
 */
import { imageHeader, node, zoneVersion } from '../zone-image/layout.ts';
import type { QueryState } from './query-state.ts';

// Constants of this module, which the compiler knows; those of another it would load at each use.
const imageHeaderSeed = imageHeader.seed;
const nodeHash = node.hash;
const zoneVersionApex = zoneVersion.apex;

export type RateLimitOptions = {
  /** Equal answers a second to one network; 0 switches limiting off. */
  readonly responsesPerSecond: number;
  /** Each so many-th limited answer leaves truncated; 0: none. */
  readonly slip: number;
  /** Bits of an address that make a network. */
  readonly ipv4PrefixBits: number;
  readonly ipv6PrefixBits: number;
};

/** Entries of the table; a power of two. 65,536 networks and answers at a time take 1 MiB. */
export const rateEntries = 65536;
const entryWords = 4; // key, second, count in it, count in the second before
export const rateTableOctets: number = rateEntries * entryWords * 4;

export const verdict = { send: 0, drop: 1, truncate: 2 } as const;

/**
 * Counts the answer in `s` and says what to do with it. `table`: first word of the table; `second`: the
 * wall clock; the seed keeps strangers from choosing their place.
 */
export function limitRate(
  s: QueryState,
  options: RateLimitOptions,
  table: number,
  second: number,
): number {
  const { words } = s;
  const key = keyOf(s, options);
  const entry = table + (key & (rateEntries - 1)) * entryWords;
  if (words[entry] !== key && ((second - words[entry + 1]!) | 0) > 1) {
    words[entry] = key;
    words[entry + 1] = second;
    words[entry + 2] = 0;
    words[entry + 3] = 0;
  }
  const passed = (second - words[entry + 1]!) | 0;
  if (passed !== 0) {
    words[entry + 3] = passed === 1 ? words[entry + 2]! : 0;
    words[entry + 2] = 0;
    words[entry + 1] = second;
  }
  const count = words[entry + 2]! + 1;
  words[entry + 2] = count;
  // What came in the second before counts by half, so that bursts around a full second gain nothing.
  if (count + (words[entry + 3]! >> 1) <= options.responsesPerSecond) return verdict.send;
  return options.slip !== 0 && count % options.slip === 0 ? verdict.truncate : verdict.drop;
}

/** Network, kind of answer and name: the same for answers that a stranger could ask for at will. */
function keyOf(s: QueryState, options: RateLimitOptions): number {
  const { octets, words } = s;
  let hash = words[imageHeaderSeed]! ^ 0x9e3779b9;
  let bits = s.clientOctets === 4 ? options.ipv4PrefixBits : options.ipv6PrefixBits;
  for (let i = 0; bits > 0; i++, bits -= 8) {
    const octet = octets[s.client + i]! & (bits >= 8 ? 0xff : 0xff00 >> bits);
    hash = Math.imul(hash ^ octet, 0x01000193);
  }
  let kind = 0; // an error: all are one
  let name = 0;
  if (s.zone !== 0 && (s.rcode === 0 || s.rcode === 3)) {
    if (s.rcode === 3) {
      kind = 1;
      name = words[words[s.zone + zoneVersionApex]! * 2 + nodeHash]!; // every random name below one zone
    } else if (s.answers === 0 && s.authorities > 0) {
      kind = 2; // a referral, or no data
      name = words[words[s.zone + zoneVersionApex]! * 2 + nodeHash]!;
    } else {
      kind = 3;
      name = s.fromWildcard ? words[s.encloser * 2 + nodeHash]! : s.hashes[s.labels]!;
    }
  }
  hash = Math.imul(hash ^ kind ^ name, 0x01000193);
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0x2c1b3c6d);
  return hash ^ (hash >>> 13);
}
