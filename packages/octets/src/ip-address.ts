/**
 * IPv4 and IPv6 addresses as text and octets: dotted quads without leading zeros, RFC 4291 §2.2 in,
 * RFC 5952 §4 out. Zone indices (`%eth0`) are no part of an address here.
 */
import { octetsFromText } from './ascii.ts';
import { hexDigit } from './hex.ts';
import { Writer } from './writer.ts';

/** A dotted quad; the brand says that it was checked. */
export type Ipv4Address = string & { readonly family: 'IPv4' };
/** As RFC 5952 writes it; the brand says that it was checked. */
export type Ipv6Address = string & { readonly family: 'IPv6' };

/** Writes the four octets of the dotted quad in `text[start..end)`; otherwise writes nothing. */
export function scanIpv4(text: Uint8Array, start: number, end: number, writer: Writer): boolean {
  if (end - start < 7 || end - start > 15) return false;
  writer.reserve(4);
  const into = writer.buffer;
  let to = writer.position;
  const last = to + 3;
  let value = -1; // -1: no digit of this part yet
  for (let at = start; at < end; at++) {
    const digit = text[at]! - 0x30;
    if (digit >= 0 && digit <= 9) {
      if (value === 0) return false; // a leading zero may mean octal to somebody
      value = value < 0 ? digit : value * 10 + digit;
      if (value > 255) return false;
    } else {
      if (text[at] !== 0x2e || value < 0 || to === last) return false;
      into[to++] = value;
      value = -1;
    }
  }
  if (value < 0 || to !== last) return false;
  into[to] = value;
  writer.position = to + 1;
  return true;
}

/** Writes the sixteen octets of the IPv6 address in `text[start..end)`; otherwise writes nothing. */
export function scanIpv6(text: Uint8Array, start: number, end: number, writer: Writer): boolean {
  writer.reserve(20);
  const into = writer.buffer;
  const first = writer.position;
  const last = first + 16;
  let to = first;
  let gap = -1; // where `::` stands
  let at = start;
  if (end - start >= 2 && text[at] === 0x3a) {
    if (text[at + 1] !== 0x3a) return false;
    gap = to;
    at += 2;
  }
  while (at < end) {
    const partStart = at;
    let value = 0;
    let digit = hexDigit(text[at]!);
    while (digit >= 0 && at - partStart < 4) {
      value = value * 16 + digit;
      digit = ++at < end ? hexDigit(text[at]!) : -1;
    }
    if (at < end && text[at] === 0x2e) {
      // RFC 4291 §2.2 (3): the last four octets as a dotted quad
      if (to + 4 > last) return false;
      writer.position = to;
      const valid = scanIpv4(text, partStart, end, writer);
      writer.position = first;
      if (!valid) return false;
      to += 4;
      at = end;
      break;
    }
    if (at === partStart || to + 2 > last) return false;
    into[to++] = value >> 8;
    into[to++] = value;
    if (at === end) break;
    if (text[at] !== 0x3a) return false;
    at++;
    if (at < end && text[at] === 0x3a) {
      if (gap >= 0) return false;
      gap = to;
      at++;
    } else if (at === end) {
      return false; // a single colon at the end
    }
  }
  if (gap < 0) {
    if (to !== last) return false;
  } else {
    if (to === last) return false; // `::` stands for at least one group
    const behind = to - gap;
    for (let i = 1; i <= behind; i++) into[last - i] = into[to - i]!;
    for (let i = gap; i < last - behind; i++) into[i] = 0;
  }
  writer.position = last;
  return true;
}

export function parseIpv4(text: string): Ipv4Address | undefined {
  return octetsOfIpv4(text) === undefined ? undefined : (text as Ipv4Address);
}

export function parseIpv6(text: string): Ipv6Address | undefined {
  const octets = octetsOfIpv6(text);
  return octets === undefined ? undefined : formatIpv6(octets);
}

export function octetsOfIpv4(text: string): Uint8Array | undefined {
  return scanned(text, 4, scanIpv4);
}

export function octetsOfIpv6(text: string): Uint8Array | undefined {
  return scanned(text, 20, scanIpv6);
}

function scanned(text: string, room: number, scan: typeof scanIpv4): Uint8Array | undefined {
  if (text.length > 45 || /[^0-9a-f:.]/i.test(text)) return undefined;
  const writer = new Writer(room);
  return scan(octetsFromText(text), 0, text.length, writer) ? writer.copy() : undefined;
}

export function formatIpv4(octets: Uint8Array, at: number = 0): Ipv4Address {
  return `${octets[at]}.${octets[at + 1]}.${octets[at + 2]}.${octets[at + 3]}` as Ipv4Address;
}

export function formatIpv6(octets: Uint8Array, at: number = 0): Ipv6Address {
  const groups = Array.from(
    { length: 8 },
    (_, i) => (octets[at + 2 * i]! << 8) | octets[at + 2 * i + 1]!,
  );
  let zerosAt = 0;
  let zeros = 1; // RFC 5952 §4.2.2: a single group of zeros is not shortened
  for (let i = 0; i < 8; i++) {
    let run = 0;
    while (i + run < 8 && groups[i + run] === 0) run++;
    if (run > zeros) {
      zerosAt = i; // §4.2.3: the longest run, and of equal ones the first
      zeros = run;
    }
  }
  const text = (from: number, to: number): string =>
    groups
      .slice(from, to)
      .map((group) => group.toString(16))
      .join(':');
  if (zeros === 1) return text(0, 8) as Ipv6Address;
  if (zerosAt === 0 && (zeros === 6 || (zeros === 5 && groups[5] === 0xffff))) {
    // §5: addresses known to embed IPv4
    return `${text(0, 0)}::${zeros === 5 ? 'ffff:' : ''}${formatIpv4(octets, at + 12)}` as Ipv6Address;
  }
  return `${text(0, zerosAt)}::${text(zerosAt + zeros, 8)}` as Ipv6Address;
}

/** Of 4 or 16 octets. */
export function formatIpAddress(octets: Uint8Array): string {
  return octets.length === 4 ? formatIpv4(octets) : formatIpv6(octets);
}
