/**
 * The tokens of one entry of a master file, as views over the text's octets: no object and no
 * string per token. The reader of master files implements it; record types read through it.
 */
import type { Name } from '../name.ts';

export interface TokenReader {
  /** The text. */
  readonly buffer: Uint8Array;
  /** The current token lies in buffer[start..end): raw, escapes still in, without its quotes. */
  readonly start: number;
  readonly end: number;
  readonly quoted: boolean;
  /** What completes relative names: wire form, absolute. */
  readonly origin: Name;
  /**
   * Moves to the next token of the same entry, over parentheses, line ends inside them and
   * comments; false at the end of the entry, and false again if asked again.
   */
  next(): boolean;
  /** `next()`, or fails with code `text.missing` and a sentence that names what is missing. */
  require(what: string): void;
  /** Throws the error of master files at the current token (file, line, column, token). */
  fail(code: string, sentence: string): never;
}
