/** Content as git's packs have it (RFC 1950). */
import { promisify } from 'node:util';
import { deflateSync, deflate as startDeflate, type ZlibOptions } from 'node:zlib';
import type { GitObject } from '../history/objects.ts';
import { deflateSmall, maxSmallOctets, mostSmallOctets } from './deflate-small.ts';

/**
 * Half of a tree is ids, which do not deflate, and the names often look much like ids: a tree of 24 names
 * loses a fifth of its octets for five times what all the rest of its making costs.
 */
export function deflateObject({ type, content }: GitObject): Uint8Array {
  if (type === 'tree') return storeDeflated(content) ?? deflate(content);
  return content.length <= maxSmallOctets ? deflateQuickly(content) : deflate(content);
}

/**
 * A window and a result as large as the content: making room, and clearing it, is most of what zlib does
 * for small objects.
 */
export function deflate(content: Uint8Array): Uint8Array {
  return deflateSync(content, settingsFor(content));
}

/** The same on another thread, for what would keep this one busy. */
export function deflateElsewhere(content: Uint8Array): Promise<Uint8Array> {
  return deflateOnThread(content, settingsFor(content));
}

const deflateOnThread = promisify<Uint8Array, ZlibOptions, Uint8Array>(startDeflate);

function settingsFor({ length }: Uint8Array): ZlibOptions {
  const chunkSize = length + 64 + (length >> 8);
  const windowBits = Math.min(15, Math.max(9, Math.ceil(Math.log2(length + 1))));
  return { windowBits, memLevel: Math.max(1, windowBits - 7), chunkSize };
}

function deflateQuickly(content: Uint8Array): Uint8Array {
  const { length } = content;
  const stream = Buffer.allocUnsafe(mostSmallOctets(length) + 6);
  stream.writeUInt16BE(0x7801, 0);
  const end = deflateSmall(content, stream, 2);
  stream.writeUInt32BE(adler32(content), end);
  return stream.subarray(0, end + 4);
}

const maxStoredOctets = 0xffff;
/** Modulus, and how many octets may be added before it is taken (RFC 1950 §9). */
const adlerModulus = 65_521;
const adlerRun = 5552;

/**
 * Octets that are not worth deflating, such as ids: one stored block (RFC 1951 §3.2.4), which is five
 * times quicker than asking zlib for it. Undefined for more octets than fit into one.
 */
export function storeDeflated(octets: Uint8Array): Uint8Array | undefined {
  const { length } = octets;
  if (length > maxStoredOctets) return undefined;
  const stream = Buffer.allocUnsafe(length + 11);
  stream.writeUInt16BE(0x7801, 0);
  stream[2] = 1; // the last block, stored
  stream.writeUInt16LE(length, 3);
  stream.writeUInt16LE(length ^ 0xffff, 5);
  stream.set(octets, 7);
  stream.writeUInt32BE(adler32(octets), length + 7);
  return stream;
}

function adler32(octets: Uint8Array): number {
  let low = 1;
  let high = 0;
  for (let at = 0; at < octets.length; ) {
    const end = Math.min(octets.length, at + adlerRun);
    for (; at < end; at++) {
      low += octets[at]!;
      high += low;
    }
    low %= adlerModulus;
    high %= adlerModulus;
  }
  return high * 0x10000 + low;
}
