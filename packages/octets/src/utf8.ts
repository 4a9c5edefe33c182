/**
 * UTF-8 (RFC 3629 §3). Decoding is strict: overlong forms, surrogates and numbers beyond U+10FFFF are
 * errors.
 */
import { isAscii, platformText, textFromOctets } from './ascii.ts';
import { codes, DecodeError } from './decode-error.ts';

export function encodeUtf8(text: string): Uint8Array {
  return encodeAscii(text) ?? encodeAny(text);
}

/** Most text is ASCII, and then its length is known. */
function encodeAscii(text: string): Uint8Array | undefined {
  const octets = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit >= 0x80) return undefined;
    octets[i] = unit;
  }
  return octets;
}

function encodeAny(text: string): Uint8Array {
  const octets = new Uint8Array(text.length * 3); // a UTF-16 unit needs at most three octets
  let at = 0;
  for (let i = 0; i < text.length; i++) {
    let point = text.codePointAt(i)!;
    if (point > 0xffff) i++;
    if (point >= 0xd800 && point <= 0xdfff) point = 0xfffd; // a lone surrogate has no UTF-8
    if (point < 0x80) {
      octets[at++] = point;
    } else if (point < 0x800) {
      octets[at++] = 0xc0 | (point >> 6);
      octets[at++] = 0x80 | (point & 0x3f);
    } else if (point < 0x1_0000) {
      octets[at++] = 0xe0 | (point >> 12);
      octets[at++] = 0x80 | ((point >> 6) & 0x3f);
      octets[at++] = 0x80 | (point & 0x3f);
    } else {
      octets[at++] = 0xf0 | (point >> 18);
      octets[at++] = 0x80 | ((point >> 12) & 0x3f);
      octets[at++] = 0x80 | ((point >> 6) & 0x3f);
      octets[at++] = 0x80 | (point & 0x3f);
    }
  }
  return octets.slice(0, at);
}

export function decodeUtf8(octets: Uint8Array): string {
  return platformText(octets) ?? decodeByOctets(octets);
}

/** The same without the platform; it knows where the octets are wrong. */
export function decodeByOctets(octets: Uint8Array): string {
  if (isAscii(octets)) return textFromOctets(octets);
  let text = '';
  for (let at = 0; at < octets.length; ) {
    const first = octets[at]!;
    if (first < 0x80) {
      text += String.fromCharCode(first);
      at++;
      continue;
    }
    const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    let point = first & (0xff >> (length + 1));
    let valid = first >= 0xc2 && first <= 0xf4 && at + length <= octets.length; // RFC 3629 §4
    for (let i = 1; valid && i < length; i++) {
      const next = octets[at + i]!;
      valid = (next & 0xc0) === 0x80;
      point = (point << 6) | (next & 0x3f);
    }
    const least = length === 4 ? 0x1_0000 : length === 3 ? 0x800 : 0x80; // RFC 3629 §3: no overlong
    if (!valid || point < least || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) {
      throw new DecodeError('utf8.malformed', at, codes['utf8.malformed']);
    }
    text += String.fromCodePoint(point);
    at += length;
  }
  return text;
}
