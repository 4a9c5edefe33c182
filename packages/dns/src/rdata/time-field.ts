/** Durations in seconds, with units in text, and points in time of 32 and 48 bits. */
import type { Reader } from '@riad/octets/reader';
import type { Writer } from '@riad/octets/writer';
import { codes } from '../codes.ts';
import { type Field, field, NamelessCodec } from './codec.ts';
import { parseUnsigned, requireUnsigned } from './number-field.ts';
import type { TokenReader } from './token-reader.ts';

/**
 * The seconds in `text[start..end)`: a number, or numbers with the units w d h m s in that order,
 * each at most once (`1h30m`, as BIND reads it); -1 if it is neither or beyond 32 bits.
 */
export function findDuration(text: Uint8Array, start: number, end: number): number {
  let total = 0;
  let number = -1; // -1: no digit yet
  let smallest = 6; // the rank of the last unit, larger than all before the first
  for (let at = start; at < end; at++) {
    const octet = text[at]!;
    if (octet >= 0x30 && octet <= 0x39) {
      number = (number < 0 ? 0 : number * 10) + octet - 0x30;
      if (number > 0xffff_ffff) return -1;
      continue;
    }
    const rank = unitRank(octet | 0x20);
    if (number < 0 || rank === 0 || rank >= smallest) return -1;
    total += number * unitSeconds[rank]!;
    if (total > 0xffff_ffff) return -1;
    smallest = rank;
    number = -1;
  }
  if (smallest === 6) return number;
  return number < 0 ? total : -1; // digits without a unit after those with one
}

const unitSeconds = [0, 1, 60, 3600, 86_400, 604_800] as const;

function unitRank(letter: number): number {
  if (letter === 0x73 /* s */) return 1;
  if (letter === 0x6d /* m */) return 2;
  if (letter === 0x68 /* h */) return 3;
  if (letter === 0x64 /* d */) return 4;
  return letter === 0x77 /* w */ ? 5 : 0;
}

/** The duration in the current token, or fails there. */
export function parseDuration(tokens: TokenReader): number {
  const seconds = findDuration(tokens.buffer, tokens.start, tokens.end);
  if (seconds < 0) tokens.fail('text.ttl', codes['text.ttl']);
  return seconds;
}

/** Days since 1970-01-01 of a date in the Gregorian calendar; March is the first month of a year. */
export function daysSince1970(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1;
  const leapDays = Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100);
  return era * 146_097 + yearOfEra * 365 + leapDays + dayOfYear - 719_468;
}

/** The time in the current token: YYYYMMDDHHmmSS in UTC, or seconds since 1970 (RFC 4034 §3.2). */
function parseTime(tokens: TokenReader): number {
  const { buffer, start, end } = tokens;
  if (end - start !== 14) {
    const seconds = end - start <= 10 ? parseDigits(buffer, start, end) : -1;
    if (seconds < 0 || seconds > 0xffff_ffff) failTime(tokens);
    return seconds;
  }
  const year = parseDigits(buffer, start, start + 4);
  const month = parseDigits(buffer, start + 4, start + 6);
  const day = parseDigits(buffer, start + 6, start + 8);
  const hour = parseDigits(buffer, start + 8, start + 10);
  const minute = parseDigits(buffer, start + 10, start + 12);
  const second = parseDigits(buffer, start + 12, start + 14);
  if (year < 1 || month < 1 || month > 12 || day < 1 || day > daysOf(year, month)) {
    failTime(tokens);
  }
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60) {
    failTime(tokens);
  }
  const seconds = daysSince1970(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second;
  // RFC 4034 §3.1.5: times go round every 136 years, and BIND writes the latest of them as 1969.
  return ((seconds % 0x1_0000_0000) + 0x1_0000_0000) % 0x1_0000_0000;
}

function daysOf(year: number, month: number): number {
  const leap = month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return leap ? 29 : monthDays[month - 1]!;
}

const monthDays = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;

/** The decimal number in the octets, or -1. */
function parseDigits(text: Uint8Array, start: number, end: number): number {
  let value = start < end ? 0 : -1;
  for (let at = start; at < end; at++) {
    const digit = text[at]! - 0x30;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}

function failTime(tokens: TokenReader): never {
  return tokens.fail('text.time', codes['text.time']);
}

/**
 * 32 bits of seconds begin anew in 2106, and RFC 4034 §3.1.5 compares them in a circle: from here on,
 * half a circle after 2026, they stand for the years before 1970, as BIND writes them.
 */
const firstBefore1970 = 2 ** 31 + 1_767_225_600;

/** YYYYMMDDHHmmSS of seconds since 1970 in UTC. */
export function formatTime(seconds: number): string {
  const since1970 = seconds < firstBefore1970 ? seconds : seconds - 2 ** 32;
  const days = Math.floor(since1970 / 86_400);
  const rest = since1970 - days * 86_400;
  let year = 1970 + Math.floor(days / 365.2425);
  while (daysSince1970(year, 1, 1) > days) year--;
  while (daysSince1970(year + 1, 1, 1) <= days) year++;
  let month = 12;
  while (daysSince1970(year, month, 1) > days) month--;
  const day = days - daysSince1970(year, month, 1) + 1;
  const parts = [month, day, Math.floor(rest / 3600), Math.floor(rest / 60) % 60, rest % 60];
  return String(year) + parts.map((part) => String(part).padStart(2, '0')).join('');
}

class Duration extends NamelessCodec<number> {
  private readonly what: string;

  constructor(what: string) {
    super();
    this.what = what;
  }

  decode(reader: Reader): number {
    return reader.uint32(this.what);
  }

  encode(value: number, writer: Writer): void {
    writer.uint32(requireUnsigned(value, 0xffff_ffff, this.what));
  }

  parse(tokens: TokenReader, writer: Writer): void {
    writer.uint32(parseDuration(tokens));
  }

  format(reader: Reader): string {
    return String(reader.uint32(this.what));
  }
}

class Time extends NamelessCodec<number> {
  private readonly what: string;

  constructor(what: string) {
    super();
    this.what = what;
  }

  decode(reader: Reader): number {
    return reader.uint32(this.what);
  }

  encode(value: number, writer: Writer): void {
    writer.uint32(requireUnsigned(value, 0xffff_ffff, this.what));
  }

  parse(tokens: TokenReader, writer: Writer): void {
    writer.uint32(parseTime(tokens));
  }

  format(reader: Reader): string {
    return formatTime(reader.uint32(this.what));
  }
}

class Time48 extends NamelessCodec<number> {
  private readonly what: string;

  constructor(what: string) {
    super();
    this.what = what;
  }

  decode(reader: Reader): number {
    return reader.uint48(this.what);
  }

  encode(value: number, writer: Writer): void {
    writer.uint48(requireUnsigned(value, 2 ** 48 - 1, this.what));
  }

  parse(tokens: TokenReader, writer: Writer): void {
    writer.uint48(parseUnsigned(tokens, 2 ** 48 - 1));
  }

  format(reader: Reader): string {
    return String(reader.uint48(this.what));
  }
}

/** Seconds as 32 bits; the text may have units. */
export function duration<Key extends string>(key: Key): Field<Key, number> {
  return field(key, new Duration(key));
}

/** Seconds since 1970 as 32 bits, compared in serial arithmetic (RFC 4034 §3.1.5). */
export function time<Key extends string>(key: Key): Field<Key, number> {
  return field(key, new Time(key));
}

/** Seconds since 1970 as 48 bits (RFC 8945 §4.2), written in seconds. */
export function time48<Key extends string>(key: Key): Field<Key, number> {
  return field(key, new Time48(key));
}
