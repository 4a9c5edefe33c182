/** A time to live in text: seconds, or BIND's units, such as 1w2d or 1h30m. */
import { codes as textCodes } from '../codes.ts';
import { findDuration } from '../rdata/time-field.ts';
import type { TokenReader } from '../rdata/token-reader.ts';

export const maxTtlSeconds = 0x7fff_ffff; // RFC 2181 §8

/** The time to live in the current token, or fails there. */
export function parseTtl(tokens: TokenReader): number {
  const seconds = findDuration(tokens.buffer, tokens.start, tokens.end);
  if (seconds < 0) tokens.fail('text.ttl', textCodes['text.ttl']);
  if (seconds > maxTtlSeconds) {
    tokens.fail('zonefile.ttl', `A time to live is at most ${maxTtlSeconds} seconds.`);
  }
  return seconds;
}
