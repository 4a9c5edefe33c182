/**
 * Domain names as octets in wire form, uncompressed and ending in the root label (RFC 1035 §3.1).
 * Case is kept; comparison folds A–Z only (RFC 4343 §3). Text is made for people alone.
 * Not here: internationalised names, which are somebody's labels like any other octets.
 */
import { fold, foldTable, textFromOctets } from '@riad/octets/ascii';
import { DecodeError } from '@riad/octets/decode-error';
import type { Reader } from '@riad/octets/reader';
import { encodeUtf8 } from '@riad/octets/utf8';
import { Writer } from '@riad/octets/writer';
import { type Code, codes } from './codes.ts';
import { MessageReader } from './message-reader.ts';

/** Wire octets of one name, root label included; never written to. */
export type Name = Uint8Array;

export const maxNameOctets = 255; // RFC 1035 §2.3.4
export const maxLabelOctets = 63; // RFC 1035 §2.3.4
export const maxLabels: number = (maxNameOctets - 1) / 2; // 1 for the root, at least 2 a label

export const root: Name = Uint8Array.of(0);

// Scratch space of this module: filled and used up within one call.
const assembled = new Uint8Array(maxNameOctets);
const leftLabels = new Uint8Array(maxLabels + 1);
const rightLabels = new Uint8Array(maxLabels + 1);

// --- wire -----------------------------------------------------------------------------------

/**
 * Reads a name. A `MessageReader` follows compression pointers, but only to where a name decoded
 * before has a label; any other reader refuses them, as it does with `compression: false`.
 */
export function decodeName(
  reader: Reader,
  what: string = 'name',
  compression: boolean = true,
): Name {
  const source = reader.source;
  const end = reader.end;
  const start = reader.position;
  const labels = compression && reader instanceof MessageReader ? reader.labels : undefined;
  let at = start;
  while (at < end) {
    const length = source[at]!;
    if (length === 0) {
      const octets = at + 1 - start;
      if (octets > maxNameOctets) refuse(reader, 'name.length', start, what);
      reader.position = at + 1;
      const name = source.slice(start, at + 1);
      if (reader instanceof MessageReader) remember(reader.labels, name, octets, start);
      return name;
    }
    if (length > maxLabelOctets) {
      if (length < 0xc0) refuse(reader, 'name.label-type', at, what); // RFC 6891 §5, RFC 2673
      return decodeCompressed(reader, labels, at, what);
    }
    at += length + 1;
    if (at - start >= maxNameOctets) refuse(reader, 'name.length', start, what);
  }
  return reader.fail('octets.short', `the octets end inside ${what}`, end);
}

/** The rest of a name that has a pointer at `at`; constant work, for a name has at most 255 octets. */
function decodeCompressed(
  reader: Reader,
  labels: Uint16Array | undefined,
  at: number,
  what: string,
): Name {
  if (labels === undefined) refuse(reader, 'name.compressed', at, what); // RFC 3597 §4
  if (at + 2 > reader.end) reader.fail('octets.short', `the octets end inside ${what}`, at);
  const { source, position: start } = reader;
  const pointer = ((source[at]! & 0x3f) << 8) | source[at + 1]!;
  let from = pointer < labels.length ? labels[pointer]! : 0;
  if (from === 0) refuse(reader, 'name.pointer', at, what);
  const target = from;
  let length = at - start;
  for (let i = 0; i < length; i++) assembled[i] = source[start + i]!;
  for (;;) {
    const octet = source[from]!;
    if (octet >= 0xc0) {
      from = labels[from]!; // checked when that name was decoded
      continue;
    }
    if (length + octet + 1 > maxNameOctets) refuse(reader, 'name.length', start, what);
    for (let i = 0; i <= octet; i++) assembled[length + i] = source[from + i]!;
    length += octet + 1;
    from += octet + 1;
    if (octet === 0) break;
  }
  reader.position = at + 2;
  remember(labels, assembled, at - start, start);
  if (at < labels.length) labels[at] = target;
  return assembled.slice(0, length);
}

/** Notes where the labels in the first `octets` of `name` stand in the message. */
function remember(labels: Uint16Array, name: Uint8Array, octets: number, start: number): void {
  for (let at = 0; at < octets && start + at < labels.length; at += name[at]! + 1) {
    labels[start + at] = start + at;
  }
}

function refuse(reader: Reader, code: Code, at: number, what: string): never {
  return reader.fail(code, `${codes[code]} (${what})`, at);
}

/** Reads over a name, refusing exactly what `decodeName` refuses. */
export function skipName(reader: Reader, what: string = 'name', compression: boolean = true): void {
  if (reader instanceof MessageReader) {
    decodeName(reader, what, compression); // its labels may be pointed to later
    return;
  }
  const { source, end, position: start } = reader;
  let at = start;
  while (at < end) {
    const length = source[at]!;
    if (length > maxLabelOctets) {
      refuse(reader, length < 0xc0 ? 'name.label-type' : 'name.compressed', at, what);
    }
    at += length + 1;
    if (length === 0) {
      if (at - start > maxNameOctets) refuse(reader, 'name.length', start, what);
      reader.position = at;
      return;
    }
    if (at - start >= maxNameOctets) refuse(reader, 'name.length', start, what);
  }
  reader.fail('octets.short', `the octets end inside ${what}`, end);
}

export function encodeName(name: Name, writer: Writer): void {
  writer.octets(name);
}

/** A name held in octets of its own, as callers hand it in: anything but one whole name throws. */
export function checkName(octets: Uint8Array): Name {
  let at = 0;
  for (;;) {
    const length = octets[at];
    if (length === undefined || length > maxLabelOctets || octets.length > maxNameOctets) {
      throw new RangeError('not the wire form of a name');
    }
    at += length + 1;
    if (length === 0) break;
  }
  if (at !== octets.length) throw new RangeError('octets after the root label of a name');
  return octets;
}

// --- order and structure ----------------------------------------------------------------------

export function equalNames(a: Name, b: Name): boolean {
  if (a.length !== b.length) return false;
  // Length octets are below A–Z, so they may be folded along with the rest.
  for (let i = 0; i < a.length; i++) {
    if (a[i] !== b[i] && foldTable[a[i]!] !== foldTable[b[i]!]) return false;
  }
  return true;
}

/** The canonical order of names (RFC 4034 §6.1): label by label from the right, without case. */
export function compareNames(a: Name, b: Name): number {
  let left = labelOffsets(a, leftLabels);
  let right = labelOffsets(b, rightLabels);
  while (left > 0 && right > 0) {
    const atLeft = leftLabels[--left]!;
    const atRight = rightLabels[--right]!;
    const lengthLeft = a[atLeft]!;
    const lengthRight = b[atRight]!;
    const common = Math.min(lengthLeft, lengthRight);
    for (let i = 1; i <= common; i++) {
      const difference = fold(a[atLeft + i]!) - fold(b[atRight + i]!);
      if (difference !== 0) return difference;
    }
    if (lengthLeft !== lengthRight) return lengthLeft - lengthRight;
  }
  return left - right;
}

/** Fills in where each label begins, the root left out, and returns how many there are. */
function labelOffsets(name: Name, offsets: Uint8Array): number {
  let count = 0;
  for (let at = 0; name[at]! !== 0; at += name[at]! + 1) offsets[count++] = at;
  return count;
}

/** Labels without the root: 0 for the root, as the Labels field of RRSIG counts (RFC 4034 §3.1.3), but `*` counts. */
export function labelCount(name: Name): number {
  let count = 0;
  for (let at = 0; name[at]! !== 0; at += name[at]! + 1) count++;
  return count;
}

/** Whether `name`, the first `nameOctets` of it where a buffer holds more, is `ancestor` or lies below it. */
export function isSubdomain(name: Name, ancestor: Name, nameOctets: number = name.length): boolean {
  const behind = nameOctets - ancestor.length;
  let at = 0;
  while (at < behind) at += name[at]! + 1;
  if (at !== behind) return false;
  for (let i = 0; i < ancestor.length; i++) {
    if (foldTable[name[at + i]!] !== foldTable[ancestor[i]!]) return false;
  }
  return true;
}

/** The name without its first label; the root has none. */
export function parentName(name: Name): Name | undefined {
  return name[0] === 0 ? undefined : name.subarray(name[0]! + 1);
}

/** The last `labels` labels of a name that has at least as many. */
export function ancestorName(name: Name, labels: number): Name {
  let at = 0;
  for (let surplus = labelCount(name) - labels; surplus > 0; surplus--) at += name[at]! + 1;
  return name.subarray(at);
}

export function isWildcard(name: Name): boolean {
  return name[0] === 1 && name[1] === 0x2a; // RFC 4592 §2.1.1
}

/** The octets of each label, the root left out. */
export function labelsOf(name: Name): Uint8Array[] {
  const labels: Uint8Array[] = [];
  for (let at = 0; name[at]! !== 0; at += name[at]! + 1) {
    labels.push(name.subarray(at + 1, at + 1 + name[at]!));
  }
  return labels;
}

/** Labels put together to an absolute name; too long a label or name is the caller's fault. */
export function nameFromLabels(labels: readonly Uint8Array[]): Name {
  const writer = new Writer(64);
  for (const label of labels) {
    if (label.length === 0 || label.length > maxLabelOctets) {
      throw new RangeError(`a label of ${label.length} octets`);
    }
    writer.uint8(label.length);
    writer.octets(label);
  }
  writer.uint8(0);
  if (writer.position > maxNameOctets) throw new RangeError(codes['name.length']);
  return writer.copy();
}

/** `name` with its root replaced by `suffix`, or undefined where that would be too long. */
export function appendName(name: Name, suffix: Name): Name | undefined {
  const length = name.length - 1 + suffix.length;
  if (length > maxNameOctets) return undefined;
  const joined = new Uint8Array(length);
  joined.set(name.subarray(0, -1));
  joined.set(suffix, name.length - 1);
  return joined;
}

/** The name in lower case; the very same octets if it is so already. */
export function canonicalName(name: Name): Name {
  for (let i = 0; i < name.length; i++) {
    if (fold(name[i]!) !== name[i]) return name.map((octet) => fold(octet));
  }
  return name;
}

/** A string that is the same for equal names and differs for others: a key for maps. */
export function nameKey(name: Name): string {
  return textFromOctets(canonicalName(name));
}

// --- text -------------------------------------------------------------------------------------

/**
 * The name that text means (RFC 1035 §5.1, with `\DDD` and `\X`); one without a final dot is
 * completed with `origin`. Throws DecodeError with a `name.…` code.
 */
export function parseName(text: string, origin: Name = root): Name {
  const octets = encodeUtf8(text);
  const writer = new Writer(maxNameOctets + 1);
  const code = writeName(octets, 0, octets.length, origin, writer);
  if (code !== undefined) throw new DecodeError(code, 0, `${codes[code]}: ${text}`);
  return writer.copy();
}

/**
 * Writes the name that stands in `text[start..end)`, in one pass and without an object; returns
 * what is wrong with it, if anything, and then has written nothing.
 */
export function writeName(
  text: Uint8Array,
  start: number,
  end: number,
  origin: Name,
  writer: Writer,
): Code | undefined {
  if (start === end) return 'name.empty';
  if (end - start === 1) {
    if (text[start] === 0x40 /* @ */) {
      writer.octets(origin);
      return undefined;
    }
    if (text[start] === 0x2e /* . */) {
      writer.uint8(0);
      return undefined;
    }
  }
  writer.reserve(maxNameOctets + 1);
  const into = writer.buffer;
  const first = writer.position;
  const last = first + maxNameOctets; // nothing is stored at or behind it
  let lengthAt = first; // where the length of the label under way belongs
  let to = first + 1;
  for (let at = start; at < end; at++) {
    let octet = text[at]!;
    if (octet === 0x2e /* . */) {
      const length = to - lengthAt - 1;
      if (length === 0) return 'name.empty-label';
      if (length > maxLabelOctets) return 'name.label-length';
      into[lengthAt] = length;
      lengthAt = to++;
      continue;
    }
    if (octet === 0x5c /* \ */) {
      if (++at >= end) return 'name.escape';
      octet = text[at]!;
      if (octet >= 0x30 && octet <= 0x39) {
        octet = decimalEscape(text, at, end);
        if (octet < 0) return 'name.escape';
        at += 2;
      }
    }
    if (to >= last) return to - lengthAt > maxLabelOctets + 1 ? 'name.label-length' : 'name.length';
    into[to++] = octet;
  }
  const length = to - lengthAt - 1;
  if (length === 0) {
    if (to > last) return 'name.length';
    into[lengthAt] = 0; // it ended in a dot and is absolute
    writer.position = to;
    return undefined;
  }
  if (length > maxLabelOctets) return 'name.label-length';
  into[lengthAt] = length;
  if (to + origin.length > last) return 'name.length';
  for (let i = 0; i < origin.length; i++) into[to++] = origin[i]!;
  writer.position = to;
  return undefined;
}

/** The octet that the three digits from `at` on mean, or -1. */
export function decimalEscape(text: Uint8Array, at: number, end: number): number {
  if (at + 3 > end) return -1;
  const hundreds = text[at]! - 0x30;
  const tens = text[at + 1]! - 0x30;
  const ones = text[at + 2]! - 0x30;
  if (hundreds < 0 || hundreds > 2 || tens < 0 || tens > 9 || ones < 0 || ones > 9) return -1;
  const octet = hundreds * 100 + tens * 10 + ones;
  return octet > 255 ? -1 : octet;
}

/** What stands for itself only behind a backslash in a master file: `" $ ( ) . ; @ \`. */
const escaped = new Set([0x22, 0x24, 0x28, 0x29, 0x2e, 0x3b, 0x40, 0x5c]);

/** The name as master files write it: absolute, with a final dot, and with escapes. */
export function formatName(name: Name): string {
  if (name[0] === 0) return '.';
  let text = '';
  for (let at = 0; name[at]! !== 0; at += name[at]! + 1) {
    const end = at + 1 + name[at]!;
    for (let i = at + 1; i < end; i++) {
      const octet = name[i]!;
      if (octet <= 0x20 || octet >= 0x7f) text += `\\${String(octet).padStart(3, '0')}`;
      else if (escaped.has(octet)) text += `\\${String.fromCharCode(octet)}`;
      else text += String.fromCharCode(octet);
    }
    text += '.';
  }
  return text;
}
