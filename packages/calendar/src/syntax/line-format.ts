/** Writes content lines, folded at 75 octets (RFC 5545 §3.1, RFC 6350 §3.2). */
import { encodeUtf8 } from '@riad/octets/utf8';
import type { ContentLine } from './content-line.ts';
import { encodeParameterValue } from './parameter-escapes.ts';

/** RFC 5545 §3.1: without the line break; the blank of a continuation counts. */
export const maxLineOctets = 75;

/** One line without folding and without its line break. */
export function formatUnfolded(line: ContentLine): string {
  const { group, written } = line;
  let text = group === undefined ? written : `${group}.${written}`;
  for (const { name, values, bare } of line.parameters) {
    text += bare ? `;${values[0] ?? ''}` : `;${name}=${values.map(encodeParameterValue).join(',')}`;
  }
  return `${text}:${line.value}`;
}

/** One line, folded, with its line break; a line that was read comes back octet for octet. */
export function formatLine(line: ContentLine): Uint8Array {
  if (line.octets !== undefined) return withLineBreak(line.octets.subarray(line.start, line.end));
  return foldText(formatUnfolded(line));
}

/** A last line without its line break gets one, for something may follow. */
export function withLineBreak(octets: Uint8Array): Uint8Array {
  if (octets.length > 0 && octets[octets.length - 1] === 0x0a) return octets;
  const whole = new Uint8Array(octets.length + 2);
  whole.set(octets);
  whole.set([0x0d, 0x0a], octets.length);
  return whole;
}

/** Never inside a character, though §3.1 allows it: readers that cannot bear that exist. */
export function foldText(text: string): Uint8Array {
  const octets = encodeUtf8(text);
  if (octets.length <= maxLineOctets) {
    const line = new Uint8Array(octets.length + 2);
    line.set(octets);
    line.set([0x0d, 0x0a], octets.length);
    return line;
  }
  // Three octets for each break, of which a line of at least 70 octets (75, less the blank and what
  // is left of a character of four) pays one.
  const folded = new Uint8Array(octets.length + 3 * Math.ceil(octets.length / 70) + 2);
  let from = 0;
  let to = 0;
  while (from < octets.length) {
    const room = from === 0 ? maxLineOctets : maxLineOctets - 1;
    let stop = Math.min(octets.length, from + room);
    while (stop < octets.length && (octets[stop]! & 0xc0) === 0x80) stop--;
    if (from > 0) folded[to++] = 0x20;
    folded.set(octets.subarray(from, stop), to);
    to += stop - from;
    folded[to++] = 0x0d;
    folded[to++] = 0x0a;
    from = stop;
  }
  return folded.slice(0, to);
}
