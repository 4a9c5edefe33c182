/** A time to live in text: seconds, or BIND's units, such as 1w2d or 1h30m. */
import type { TokenReader } from '../rdata/token-reader.ts';

export const maxTtlSeconds = 0x7fff_ffff; // RFC 2181 §8

/** The seconds of one unit, by its lower-case letter. */
function secondsOf(letter: number): number {
  switch (letter | 0x20) {
    case 0x77:
      return 604_800; // w
    case 0x64:
      return 86_400; // d
    case 0x68:
      return 3_600; // h
    case 0x6d:
      return 60; // m
    case 0x73:
      return 1; // s
    default:
      return 0;
  }
}

/** The time to live in the current token, or fails there. */
export function parseTtl(tokens: TokenReader): number {
  const { buffer, start, end } = tokens;
  let total = 0;
  let number = -1; // -1: no digit since the last unit
  let units = false;
  for (let at = start; at < end; at++) {
    const digit = buffer[at]! - 0x30;
    if (digit >= 0 && digit <= 9) {
      number = (number < 0 ? 0 : number * 10) + digit;
    } else {
      const seconds = secondsOf(buffer[at]!);
      if (seconds === 0 || number < 0) failTtl(tokens);
      total += number * seconds;
      number = -1;
      units = true;
    }
    if (total > maxTtlSeconds || number > maxTtlSeconds) {
      tokens.fail('zonefile.ttl', `A time to live is at most ${maxTtlSeconds} seconds.`);
    }
  }
  if (units ? number >= 0 : number < 0) failTtl(tokens);
  return units ? total : number;
}

function failTtl(tokens: TokenReader): never {
  tokens.fail(
    'zonefile.ttl',
    'A time to live is a number of seconds, or numbers with the units w, d, h, m and s.',
  );
}
