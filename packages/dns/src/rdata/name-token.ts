/** Names as they stand in text, for owners and for record data alike. */
import type { Writer } from '@riad/octets/writer';
import { codes } from '../codes.ts';
import { writeName } from '../name.ts';
import type { TokenReader } from './token-reader.ts';

/** Writes the name in the current token, completed with the origin, or fails there. */
export function parseNameToken(tokens: TokenReader, writer: Writer): void {
  const code = writeName(tokens.buffer, tokens.start, tokens.end, tokens.origin, writer);
  if (code !== undefined) tokens.fail(code, codes[code]);
}
