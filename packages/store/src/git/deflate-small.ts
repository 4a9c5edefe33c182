/**
 * Deflates what has some hundred octets, such as a commit or a calendar object: one block with the fixed codes
 * (RFC 1951 §3.2.6) and one look back for each octet. zlib packs a tenth tighter, and takes three times as long,
 * most of it to make ready for more.
 */

/** More is zlib’s. Distances fit into a window of any reader, as do places into the table. */
export const maxSmallOctets = 8192;
const leastMatch = 4;
const mostMatch = 258;
const tableBits = 12;

/** Codes of literals and lengths with their first bit lowest, and how many bits they have. */
const codes = new Uint16Array(288);
const codeBits = new Uint8Array(288);
for (let symbol = 0; symbol < 288; symbol++) {
  const [start, first, bits] =
    symbol < 144
      ? [0x30, 0, 8]
      : symbol < 256
        ? [0x190, 144, 9]
        : symbol < 280
          ? [0, 256, 7]
          : [0xc0, 280, 8];
  codes[symbol] = reversed(start + symbol - first, bits);
  codeBits[symbol] = bits;
}
const endOfBlock = 256;

/** Of each length, and of each distance code: symbol, where its range begins, and bits within it. */
const lengthSymbols = new Uint16Array(mostMatch + 1);
const lengthStarts = new Uint16Array(mostMatch + 1);
const lengthExtra = new Uint8Array(mostMatch + 1);
for (let symbol = 257, start = 3; symbol < 285; symbol++) {
  const extra = symbol < 265 ? 0 : (symbol - 261) >> 2;
  for (let length = start; length < start + (1 << extra) && length < mostMatch; length++) {
    lengthSymbols[length] = symbol;
    lengthStarts[length] = start;
    lengthExtra[length] = extra;
  }
  start += 1 << extra;
}
lengthSymbols[mostMatch] = 285;
lengthStarts[mostMatch] = mostMatch;

const reversedFive = Uint8Array.from({ length: 32 }, (_, code) => reversed(code, 5));
const distanceStarts = new Uint16Array(30);
const distanceExtra = new Uint8Array(30);
for (let code = 0, start = 1; code < 30; code++) {
  const extra = code < 4 ? 0 : (code - 2) >> 1;
  distanceStarts[code] = start;
  distanceExtra[code] = extra;
  start += 1 << extra;
}
/** The code of each distance that can occur. */
const distanceCodes = new Uint8Array(maxSmallOctets + 1);
for (let distance = 1, code = 0; distance <= maxSmallOctets; distance++) {
  while (code < 29 && distanceStarts[code + 1]! <= distance) code++;
  distanceCodes[distance] = code;
}

/** Where four octets were seen last, counted from the first call on, so that it need not be cleared. */
const seen = new Int32Array(1 << tableBits).fill(-1);
const mostCounted: number = 1 << 30;
let counted = 0;

/** The block alone, behind two octets that are left free for a header; `into` has room for all of it. */
export function deflateSmall(content: Uint8Array, into: Uint8Array, from: number): number {
  const { length } = content;
  if (counted > mostCounted) {
    counted = 0;
    seen.fill(-1);
  }
  const begun = counted;
  counted += length;
  let at = from;
  // Bits that have not made an octet yet: written out after each symbol, without a call that would cost more.
  let held = 3; // the last block, with the fixed codes
  let bits = 3;
  for (let place = 0; place < length; ) {
    let match = 0;
    let distance = 0;
    if (place + leastMatch <= length) {
      const word =
        content[place]! |
        (content[place + 1]! << 8) |
        (content[place + 2]! << 16) |
        (content[place + 3]! << 24);
      const slot = Math.imul(word, 0x9e3779b1) >>> (32 - tableBits);
      const last = seen[slot]! - begun;
      seen[slot] = begun + place;
      if (last >= 0) {
        const most = Math.min(mostMatch, length - place);
        while (match < most && content[last + match] === content[place + match]) match++;
        distance = place - last;
      }
    }
    const symbol = match < leastMatch ? content[place]! : lengthSymbols[match]!;
    held |= codes[symbol]! << bits;
    bits += codeBits[symbol]!;
    if (match < leastMatch) place++;
    else {
      held |= (match - lengthStarts[match]!) << bits;
      bits += lengthExtra[match]!;
      for (; bits >= 8; bits -= 8, held >>>= 8) into[at++] = held & 255;
      const code = distanceCodes[distance]!;
      held |= reversedFive[code]! << bits;
      bits += 5;
      held |= (distance - distanceStarts[code]!) << bits;
      bits += distanceExtra[code]!;
      place += match;
    }
    for (; bits >= 8; bits -= 8, held >>>= 8) into[at++] = held & 255;
  }
  held |= codes[endOfBlock]! << bits;
  bits += codeBits[endOfBlock]!;
  for (; bits > 0; bits -= 8, held >>>= 8) into[at++] = held & 255;
  return at;
}

/** Room that the block needs at most: nine bits for each octet, and its ends. */
export function mostSmallOctets(length: number): number {
  return length + (length >> 3) + 8;
}

function reversed(code: number, bits: number): number {
  let result = 0;
  for (let bit = 0; bit < bits; bit++) if (code & (1 << bit)) result |= 1 << (bits - 1 - bit);
  return result;
}
