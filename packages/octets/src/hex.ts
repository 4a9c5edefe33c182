/** Hexadecimal (RFC 4648 §8): both cases read, lower case written. */
import { codes, DecodeError } from './decode-error.ts';

/** The value of a hexadecimal digit, or -1. */
export function hexDigit(octet: number): number {
  if (octet >= 0x30 && octet <= 0x39) return octet - 0x30;
  const letter = octet | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x61 + 10 : -1;
}

export function parseHex(text: string): Uint8Array {
  if (text.length % 2 !== 0) throw new DecodeError('hex.odd', text.length, codes['hex.odd']);
  const octets = new Uint8Array(text.length / 2);
  for (let i = 0; i < text.length; i++) {
    const digit = hexDigit(text.charCodeAt(i));
    if (digit < 0) throw new DecodeError('hex.digit', i, codes['hex.digit']);
    octets[i >> 1] = (octets[i >> 1]! << 4) | digit;
  }
  return octets;
}

const digits = '0123456789abcdef';

export function formatHex(octets: Uint8Array): string {
  let text = '';
  for (const octet of octets) text += digits[octet >> 4]! + digits[octet & 15]!;
  return text;
}
