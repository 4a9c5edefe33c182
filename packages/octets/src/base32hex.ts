/**
 * Base32 with the extended hex alphabet (RFC 4648 §7). `parse` takes both cases, padded or not, for
 * NSEC3 owner names are written without padding (RFC 5155 §1.3).
 */
import { codes, DecodeError } from './decode-error.ts';

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUV';

/** The value of a base32hex digit, or -1. */
export function base32hexDigit(octet: number): number {
  if (octet >= 0x30 && octet <= 0x39) return octet - 0x30;
  const letter = octet | 0x20;
  return letter >= 0x61 && letter <= 0x76 ? letter - 0x61 + 10 : -1;
}

export function parseBase32hex(text: string): Uint8Array {
  let length = text.length;
  if (length % 8 === 0) while (length > 0 && text[length - 1] === '=') length--;
  const partial = length % 8;
  const padding = text.length - length;
  // 1, 3 and 6 digits make no whole octets; padding fills a group up, and is no group of its own.
  if (
    partial === 1 ||
    partial === 3 ||
    partial === 6 ||
    (padding > 0 && (partial === 0 || padding !== 8 - partial))
  ) {
    throw new DecodeError('base32hex.length', length, codes['base32hex.length']);
  }
  const octets = new Uint8Array(Math.floor((length * 5) / 8));
  let bits = 0;
  let count = 0;
  let to = 0;
  for (let i = 0; i < length; i++) {
    const digit = base32hexDigit(text.charCodeAt(i));
    if (digit < 0) throw new DecodeError('base32hex.digit', i, codes['base32hex.digit']);
    bits = ((bits << 5) | digit) & 0xffff;
    count += 5;
    if (count >= 8) {
      count -= 8;
      octets[to++] = bits >> count;
    }
  }
  if ((bits & ((1 << count) - 1)) !== 0) {
    throw new DecodeError('base32hex.bits', length - 1, codes['base32hex.bits']);
  }
  return octets;
}

export function formatBase32hex(octets: Uint8Array, padding: boolean = true): string {
  let text = '';
  let bits = 0;
  let count = 0;
  for (const octet of octets) {
    bits = ((bits << 8) | octet) & 0xfff;
    count += 8;
    while (count >= 5) {
      count -= 5;
      text += alphabet[(bits >> count) & 31];
    }
  }
  if (count > 0) text += alphabet[(bits << (5 - count)) & 31];
  while (padding && text.length % 8 !== 0) text += '=';
  return text;
}
