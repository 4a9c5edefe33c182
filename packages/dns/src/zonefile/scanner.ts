/**
 * Cuts the text of a master file (RFC 1035 §5.1) into entries and tokens, octet by octet, without an
 * object or a string for either. A token is a pair of offsets; escapes stay in it, quotes do not.
 *
 * Not looked at here: what a token means. A newline always ends a quoted string and a token, also
 * after a backslash, so that one missing quote spoils one line and not the rest of the file.
 */
import { textFromOctets } from '@riad/octets/ascii';
import type { Name } from '../name.ts';
import type { TokenReader } from '../rdata/token-reader.ts';
import { ZoneFileError } from './zone-file-error.ts';

const ordinary = 0;
const blank = 1;
const newline = 2;
const carriageReturn = 3;
const comment = 4;
const opening = 5;
const closing = 6;
const quote = 7;
const backslash = 8;
const nul = 9;

/** What an octet is outside quotes. Octets above 127 are ordinary: UTF-8 stays as it is. */
const kinds = new Uint8Array(256);
kinds[0x00] = nul;
kinds[0x09] = blank;
kinds[0x0a] = newline;
kinds[0x0d] = carriageReturn;
kinds[0x20] = blank;
kinds[0x22] = quote;
kinds[0x28] = opening;
kinds[0x29] = closing;
kinds[0x3b] = comment;
kinds[0x5c] = backslash;

const shownTokenOctets = 64;

export class Scanner implements TokenReader {
  readonly buffer: Uint8Array;
  readonly file: string;
  origin: Name;
  start = 0;
  end = 0;
  quoted = false;

  /** Where the next token is looked for. */
  position: number;
  /** The line of `position`, counted from 1. */
  line: number;
  /** Where the entry begins, and its line. */
  entryStart: number;
  entryLine: number;

  private readonly limit: number;
  private readonly maxEntryOctets: number;
  private depth = 0;
  private openedAt = 0;
  private atEntryEnd = true;

  /** Reads `buffer[start..limit)`; `start` must be the first octet of line `line`. */
  constructor(
    buffer: Uint8Array,
    limit: number,
    start: number,
    line: number,
    file: string,
    origin: Name,
    maxEntryOctets: number,
  ) {
    this.buffer = buffer;
    this.limit = limit;
    this.position = start;
    this.entryStart = start;
    this.line = line;
    this.entryLine = line;
    this.file = file;
    this.origin = origin;
    this.maxEntryOctets = maxEntryOctets;
  }

  /**
   * Moves to the first token of the next entry that has one and begins before `endOffset`; false if
   * there is none. The entry before must have been read to its end, by `next` or `skipEntry`.
   */
  nextEntry(endOffset: number): boolean {
    this.depth = 0;
    while (this.position < endOffset) {
      this.entryStart = this.position;
      this.entryLine = this.line;
      this.atEntryEnd = false;
      if (this.next()) return true;
    }
    return false;
  }

  /** Whether the entry's first line begins with white space, which stands for the last owner. */
  get startsBlank(): boolean {
    return kinds[this.buffer[this.entryStart]!] === blank;
  }

  next(): boolean {
    if (this.atEntryEnd) return false;
    const buffer = this.buffer;
    const limit = this.limit;
    let at = this.position;
    for (;;) {
      if (at >= limit) return this.endOfText(at);
      const kind = kinds[buffer[at]!]!;
      if (kind === ordinary) return this.token(at);
      if (kind === blank) {
        at++;
      } else if (kind === comment) {
        at++;
        while (at < limit && buffer[at] !== 0x0a && buffer[at] !== 0x0d) at++;
      } else if (kind === newline || kind === carriageReturn) {
        // CR LF is one end of line, and so is a CR alone.
        at += kind === carriageReturn && at + 1 < limit && buffer[at + 1] === 0x0a ? 2 : 1;
        this.line++;
        if (this.depth === 0) {
          this.position = at;
          this.atEntryEnd = true;
          return false;
        }
        if (at - this.entryStart > this.maxEntryOctets) this.failUnclosed(at);
      } else if (kind === opening) {
        if (this.depth++ === 0) this.openedAt = at;
        at++;
      } else if (kind === closing) {
        if (this.depth === 0)
          this.failAt('zonefile.close-parenthesis', at, 'There is no "(" before this ")".');
        this.depth--;
        at++;
      } else if (kind === quote) {
        return this.quotedToken(at + 1);
      } else {
        return this.token(at); // a backslash; or an octet 0, which is refused there
      }
    }
  }

  require(what: string): void {
    if (this.next()) return;
    // Point behind the last token rather than at the line after.
    throw this.error('text.missing', this.end, this.end, `Here ${what} is missing.`);
  }

  fail(code: string, sentence: string): never {
    throw this.error(code, this.start, this.end, sentence);
  }

  /** Goes to the end of the entry whatever it holds, so that the next one can be read. */
  skipEntry(problem: (error: ZoneFileError) => void): void {
    for (;;) {
      const before = this.position;
      try {
        while (this.next());
        return;
      } catch (error) {
        if (!(error instanceof ZoneFileError)) throw error;
        if (error.code === 'zonefile.open-parenthesis') {
          problem(error);
          return;
        }
        // What was complained of already is skipped; more complaints about the same entry help nobody.
        if (this.position <= before) this.position = before + 1;
      }
    }
  }

  /** The complaint about `buffer[start..end)`. */
  error(code: string, start: number, end: number, sentence: string): ZoneFileError {
    const buffer = this.buffer;
    let line = this.entryLine;
    let lineStart = this.entryStart;
    for (let at = this.entryStart; at < start; at++) {
      if (buffer[at] === 0x0a || (buffer[at] === 0x0d && buffer[at + 1] !== 0x0a)) {
        line++;
        lineStart = at + 1;
      }
    }
    const token = textFromOctets(buffer, start, Math.min(end, start + shownTokenOctets));
    return new ZoneFileError(code, this.file, line, start - lineStart + 1, token, sentence);
  }

  private token(from: number): boolean {
    const buffer = this.buffer;
    const limit = this.limit;
    let at = from;
    for (;;) {
      while (at < limit && kinds[buffer[at]!] === ordinary) at++;
      if (at >= limit) break;
      const kind = kinds[buffer[at]!];
      if (kind === backslash) {
        at = this.escaped(at);
      } else if (kind === nul) {
        this.failAt(
          'zonefile.nul',
          at,
          'There is an octet 0 in the file; was it cut short by a crash?',
        );
      } else {
        break;
      }
    }
    this.start = from;
    this.end = at;
    this.position = at;
    this.quoted = false;
    return true;
  }

  private quotedToken(from: number): boolean {
    const buffer = this.buffer;
    const limit = this.limit;
    let at = from;
    for (;;) {
      const octet = at < limit ? buffer[at]! : 0x0a;
      if (octet === 0x22) break;
      if (octet === 0x5c) {
        at = this.escaped(at);
      } else if (octet === 0x0a || octet === 0x0d) {
        this.failAt(
          'zonefile.open-quote',
          from - 1,
          'This quoted string is not closed on its line.',
          at,
        );
      } else if (octet === 0) {
        this.failAt(
          'zonefile.nul',
          at,
          'There is an octet 0 in the file; was it cut short by a crash?',
        );
      } else {
        at++;
      }
    }
    this.start = from;
    this.end = at;
    this.position = at + 1;
    this.quoted = true;
    return true;
  }

  /** The offset after the backslash at `at` and the octet it protects. */
  private escaped(at: number): number {
    const next = at + 1 < this.limit ? this.buffer[at + 1]! : 0x0a;
    if (next === 0x0a || next === 0x0d) {
      this.failAt(
        'zonefile.escape',
        at,
        'A backslash needs a character behind it on the same line.',
      );
    }
    if (next === 0) return at + 1; // refused as what it is
    return at + 2;
  }

  private endOfText(at: number): boolean {
    if (this.depth > 0) this.failUnclosed(at);
    this.position = at;
    this.atEntryEnd = true;
    return false;
  }

  /**
   * A parenthesis that swallows what follows it. Reading goes on at the first line below it that
   * begins with neither white space nor a parenthesis, where most likely the next record stands.
   */
  private failUnclosed(at: number): never {
    const error = this.error(
      'zonefile.open-parenthesis',
      this.openedAt,
      this.openedAt + 1,
      at < this.limit
        ? `This "(" is still open after ${this.maxEntryOctets} octets.`
        : 'This "(" is never closed.',
    );
    this.resumeBelow(this.openedAt);
    throw error;
  }

  private resumeBelow(place: number): void {
    const { buffer, limit } = this;
    let line = this.entryLine;
    for (let at = this.entryStart; at < limit; at++) {
      if (buffer[at] !== 0x0a && !(buffer[at] === 0x0d && buffer[at + 1] !== 0x0a)) continue;
      line++;
      const kind = at + 1 < limit ? kinds[buffer[at + 1]!] : ordinary;
      if (at >= place && (kind === ordinary || kind === backslash)) {
        this.position = at + 1;
        this.line = line;
        break;
      }
      if (at + 1 >= limit) break;
    }
    if (this.position <= place) {
      this.position = limit;
      this.line = line;
    }
    this.depth = 0;
    this.atEntryEnd = true;
  }

  /** Complains of the octets from `at` and leaves the scanner behind them. */
  private failAt(code: string, at: number, sentence: string, end: number = at + 1): never {
    const error = this.error(code, at, Math.min(end, this.limit), sentence);
    this.position = Math.max(this.position, Math.min(end, this.limit));
    throw error;
  }
}
