/** Record data of any type as RFC 3597 §5 writes it: `\#`, the number of octets, and hex. */
import { formatHex } from '@riad/octets/hex';
import type { Writer } from '@riad/octets/writer';
import { codes } from '../codes.ts';
import { parseHexTokens } from './hex-field.ts';
import { parseUnsigned } from './number-field.ts';
import type { TokenReader } from './token-reader.ts';

/** Whether the current token is `\#`. */
export function isGeneric(tokens: TokenReader): boolean {
  const { buffer, start } = tokens;
  return (
    buffer[start] === 0x5c &&
    tokens.end - start === 2 &&
    buffer[start + 1] === 0x23 &&
    !tokens.quoted
  );
}

/** Parses what follows the current token, `\#`, to the end of the entry. */
export function parseGeneric(tokens: TokenReader, writer: Writer): void {
  tokens.require('the length of the record data');
  const length = parseUnsigned(tokens, 0xffff);
  const start = writer.position;
  if (tokens.next()) parseHexTokens(tokens, writer);
  if (writer.position - start !== length) {
    tokens.fail('text.generic-length', codes['text.generic-length']);
  }
}

export function formatGeneric(rdata: Uint8Array): string {
  return rdata.length === 0 ? '\\# 0' : `\\# ${rdata.length} ${formatHex(rdata)}`;
}
