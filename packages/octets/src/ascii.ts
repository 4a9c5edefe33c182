/**
 * ASCII and nothing else: the case folding of names (RFC 4343 §3: A–Z only, other octets stay as
 * they are) and text to octets and back, by the platform where it can.
 */

/** The lower-case form of each octet; only A–Z differ. */
export const foldTable: Uint8Array = Uint8Array.from({ length: 256 }, (_, octet) =>
  octet >= 0x41 && octet <= 0x5a ? octet + 0x20 : octet,
);

export function fold(octet: number): number {
  return octet >= 0x41 && octet <= 0x5a ? octet + 0x20 : octet;
}

export function equalIgnoringCase(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) {
    if (a[i] !== b[i] && fold(a[i]!) !== fold(b[i]!)) return false;
  }
  return true;
}

export function equalOctets(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Octet by octet as unsigned numbers; a prefix comes before what it begins. */
export function compareOctets(a: Uint8Array, b: Uint8Array): number {
  const common = Math.min(a.length, b.length);
  for (let i = 0; i < common; i++) {
    const difference = a[i]! - b[i]!;
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** A loop, and no `every`: calling a function for each octet takes longer than the rest. */
export function isAscii(
  octets: Uint8Array,
  start: number = 0,
  end: number = octets.length,
): boolean {
  let all = 0;
  for (let at = start; at < end; at++) all |= octets[at]!;
  return all < 0x80;
}

/** Each octet as the character of the same number (U+0000 to U+00FF). */
export function textFromOctets(
  octets: Uint8Array,
  start: number = 0,
  end: number = octets.length,
): string {
  if (end - start >= leastOctets && isAscii(octets, start, end)) {
    const whole = start === 0 && end === octets.length;
    const known = platformText(whole ? octets : octets.subarray(start, end));
    if (known !== undefined) return known;
  }
  let text = '';
  // In pieces, for a call takes only so many arguments.
  for (let at = start; at < end; at += 4096) {
    // `apply` and not `...`, which would go through an iterator.
    const stop = Math.min(end, at + 4096);
    const piece = at === 0 && stop === octets.length ? octets : octets.subarray(at, stop);
    text += String.fromCharCode.apply(null, piece as unknown as number[]);
  }
  return text;
}

/** The reverse; a character beyond U+00FF is the caller's fault. */
export function octetsFromText(text: string): Uint8Array {
  const octets = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0xff) throw new RangeError(`character ${i} does not fit into one octet`);
    octets[i] = code;
  }
  return octets;
}

// Browsers and Node have a decoder of UTF-8, the language has none. It needs a thirtieth of the time that
// characters put together one by one take, and makes nothing but the text. In this file, because a file of its own
// would be one more to load before a server answers.
type Decoder = { decode(octets: Uint8Array): string };
type DecoderClass = new (label: string, options: object) => Decoder;

const { TextDecoder: Platform } = globalThis as { TextDecoder?: DecoderClass };
const decoder: Decoder | undefined =
  Platform === undefined ? undefined : new Platform('utf-8', { fatal: true, ignoreBOM: true });

/** Shorter text is there before a call of the platform has returned. */
const leastOctets = 24;

/** Undefined: there is no decoder, the text is short, or it is no UTF-8, and whoever asks sees to it alone. */
export function platformText(octets: Uint8Array): string | undefined {
  if (decoder === undefined || octets.length < leastOctets) return undefined;
  try {
    return decoder.decode(octets);
  } catch {
    return undefined; // it says that something is wrong, but not where
  }
}
