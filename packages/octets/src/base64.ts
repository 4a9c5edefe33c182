/** Base64 with padding (RFC 4648 §4): strict in, unused bits must be zero (§3.5). */
import { codes, DecodeError } from './decode-error.ts';

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** The value of each base64 digit, 255 for other octets. */
export const base64Digits: Uint8Array = new Uint8Array(256).fill(255);
for (let i = 0; i < 64; i++) base64Digits[alphabet.charCodeAt(i)] = i;

export function parseBase64(text: string): Uint8Array {
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const length = text.length - padding;
  if (text.length % 4 !== 0) {
    throw new DecodeError('base64.length', text.length, codes['base64.length']);
  }
  const octets = new Uint8Array((text.length / 4) * 3 - padding);
  let bits = 0;
  let count = 0;
  let to = 0;
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i);
    const digit = code < 256 ? base64Digits[code]! : 255;
    if (digit === 255) throw new DecodeError('base64.digit', i, codes['base64.digit']);
    bits = ((bits << 6) | digit) & 0xffff;
    count += 6;
    if (count >= 8) {
      count -= 8;
      octets[to++] = bits >> count;
    }
  }
  if ((bits & ((1 << count) - 1)) !== 0) {
    throw new DecodeError('base64.bits', length - 1, codes['base64.bits']);
  }
  return octets;
}

export function formatBase64(octets: Uint8Array): string {
  let text = '';
  for (let i = 0; i < octets.length; i += 3) {
    const group = (octets[i]! << 16) | ((octets[i + 1] ?? 0) << 8) | (octets[i + 2] ?? 0);
    text += alphabet[group >> 18]! + alphabet[(group >> 12) & 63]!;
    text += i + 1 < octets.length ? alphabet[(group >> 6) & 63]! : '=';
    text += i + 2 < octets.length ? alphabet[group & 63]! : '=';
  }
  return text;
}
