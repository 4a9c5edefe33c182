/** The text of a vCard property, whatever its version wrapped around it. */
import { DecodeError } from '@riad/octets/decode-error';
import { decodeUtf8 } from '@riad/octets/utf8';
import { type ContentLine, parameterOf, parameterValues } from '../syntax/content-line.ts';
import { decodeText } from '../values/text.ts';

/** ENCODING in upper case; `B` for base64, whatever it was called. */
export function encodingOf(line: ContentLine): string | undefined {
  const encoding = parameterOf(line, 'ENCODING')?.toUpperCase();
  return encoding === 'BASE64' ? 'B' : encoding;
}

/** The value as one would have written it without ENCODING and CHARSET; escapes are still in it. */
export function plainValue(line: ContentLine): string {
  if (line.parameters.length === 0) return line.value;
  const charset = parameterOf(line, 'CHARSET')?.toUpperCase();
  const quoted = encodingOf(line) === 'QUOTED-PRINTABLE';
  if (!quoted) return line.value;
  return decodeCharset(decodeQuotedPrintable(line.value), charset);
}

/** RFC 2045 §6.7; the line breaks it folds with are gone already. What is no escape stays. */
function decodeQuotedPrintable(value: string): number[] {
  const octets: number[] = [];
  for (let at = 0; at < value.length; at++) {
    const code = value.charCodeAt(at);
    const hex = code === 0x3d ? value.slice(at + 1, at + 3) : '';
    if (/^[0-9A-Fa-f]{2}$/.test(hex)) {
      octets.push(Number.parseInt(hex, 16));
      at += 2;
    } else if (code < 0x80) octets.push(code);
    else {
      // Not what the encoding allows; its UTF-8 is what was meant.
      const point = value.codePointAt(at)!;
      if (point > 0xffff) at++;
      octets.push(...utf8Of(point));
    }
  }
  return octets;
}

function utf8Of(point: number): number[] {
  if (point < 0x800) return [0xc0 | (point >> 6), 0x80 | (point & 0x3f)];
  if (point < 0x10000) {
    return [0xe0 | (point >> 12), 0x80 | ((point >> 6) & 0x3f), 0x80 | (point & 0x3f)];
  }
  return [
    0xf0 | (point >> 18),
    0x80 | ((point >> 12) & 0x3f),
    0x80 | ((point >> 6) & 0x3f),
    0x80 | (point & 0x3f),
  ];
}

/** UTF-8 where it is UTF-8; anything else is read as ISO 8859-1, in which every octet is a character. */
function decodeCharset(octets: readonly number[], charset: string | undefined): string {
  if (charset === undefined || charset === 'UTF-8' || charset === 'UTF8') {
    try {
      return decodeUtf8(Uint8Array.from(octets));
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
    }
  }
  let text = '';
  for (const octet of octets) text += String.fromCharCode(octet);
  return text;
}

/** What a search looks at: without escapes; the fields of N and ADR stay joined by semicolons. */
export function searchedCardText(line: ContentLine): string {
  return decodeText(plainValue(line));
}

/** TYPE in lower case, lists taken apart: `TYPE=HOME,WORK`, `TYPE="home,work"` and `;HOME;WORK`. */
export function typesOf(line: ContentLine): string[] {
  if (line.parameters.length === 0) return [];
  return parameterValues(line, 'TYPE').flatMap((value) =>
    value.split(',').map((type) => type.trim().toLowerCase()),
  );
}
