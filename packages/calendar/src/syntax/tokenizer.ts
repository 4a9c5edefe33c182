/**
 * Cuts octets into content lines (RFC 5545 §3.1, RFC 6350 §3.2, vCard 2.1 §2.1). Total: whatever the
 * octets, it ends in linear time with lines, errors and notes. Not checked here: what the lines mean.
 */
import { textFromOctets } from '@riad/octets/ascii';
import { DecodeError } from '@riad/octets/decode-error';
import { atOnce, type Pieces } from '@riad/octets/pieces';
import { decodeUtf8, encodeUtf8 } from '@riad/octets/utf8';
import { type Code, type Problem, problem } from '../codes.ts';
import { type ContentLine, type Parameter, tolerableName } from './content-line.ts';
import { decodeParameterValue } from './parameter-escapes.ts';

/** What an import of a whole calendar with pictures needs; a server sets less for one object. */
export const defaultMaxDocumentOctets = 67_108_864;
/** 30 lines for each of 30,000 events. */
export const defaultMaxLines = 1_000_000;
/** More than anybody reads at once. */
export const maxProblems = 20;
/** ATTENDEE has about ten; vCard allows a TYPE for each value. */
export const maxParameters = 100;

export type Syntax = 'icalendar' | 'vcard';

export type TokenizerOptions = {
  readonly syntax: Syntax;
  readonly maxOctets?: number;
  readonly maxLines?: number;
  /** Errors after which reading stops; `maxProblems` unless given. */
  readonly maxErrors?: number;
};

export type Tokens = {
  readonly lines: readonly ContentLine[];
  readonly errors: readonly Problem[];
  readonly notes: readonly Problem[];
};

/** Lines that are cut between two pauses: a third of a millisecond. */
export const linesOfPiece = 256;
/** Octets that are looked over between two pauses, a nanosecond each. */
export const surveyedOctets: number = 1 << 19;

export function tokenize(octets: Uint8Array, options: TokenizerOptions): Tokens {
  const lines: ContentLine[] = [];
  const found = atOnce(readingLines(octets, options, (line) => lines.push(line)));
  return { lines, ...found };
}

/** The same in pieces, line by line. */
export function* readingLines(
  octets: Uint8Array,
  options: TokenizerOptions,
  take: (line: ContentLine) => void,
): Pieces<Omit<Tokens, 'lines'>> {
  const { syntax, maxOctets = defaultMaxDocumentOctets, maxLines = defaultMaxLines } = options;
  const { maxErrors = maxProblems } = options;
  const state: State = {
    octets,
    syntax,
    maxErrors,
    take,
    errors: [],
    notes: [],
    noted: new Set(),
  };
  if (octets.length > maxOctets) {
    const detail = `${octets.length} octets, ${maxOctets} are allowed`;
    return { errors: [problem('document.octets', 0, 0, detail)], notes: [] };
  }
  const raw = textFromOctets(octets); // a character for each octet, so that offsets are the same
  const found = { ascii: true, controls: false };
  for (let from = 0; from < octets.length; from += surveyedOctets) {
    if (from > 0) yield;
    survey(octets, from, Math.min(from + surveyedOctets, octets.length), found);
  }
  const { ascii, controls } = found;
  let at = 0;
  let lineNumber = 1;
  if (raw.startsWith('\xef\xbb\xbf')) {
    note(state, 'tolerated.byte-order-mark', 1, 1);
    at = 3;
  }
  let pauseAt = linesOfPiece;
  while (at < raw.length) {
    if (lineNumber > pauseAt) {
      pauseAt = lineNumber + linesOfPiece;
      yield;
    }
    if (lineNumber > maxLines) {
      refuse(state, problem('document.lines', lineNumber, 0, `${maxLines} are allowed`));
      break;
    }
    const start = at;
    const first = lineNumber;
    let end = endOfLine(state, raw, at, lineNumber);
    let text = raw.slice(at, contentEnd(raw, at, end));
    at = end;
    lineNumber++;
    if (text === '' || onlyBlanks(text)) {
      // A line of blanks goes on the line before it, which was asked about below.
      note(state, 'tolerated.blank-line', first, 1);
      continue;
    }
    if (isBlank(text.charCodeAt(0))) {
      refuse(state, problem('line.fold', first, 1));
      continue;
    }
    // Asked once for each line: looking at a text that grows by pieces copies it.
    let soft: boolean | undefined = syntax === 'vcard' ? undefined : false;
    while (at < raw.length) {
      const endsInEquals = raw.charCodeAt(contentEnd(raw, start, end) - 1) === equals;
      // RFC 5545 §3.1: a line break and one blank or tab are nothing at all.
      if (isBlank(raw.charCodeAt(at))) {
        end = endOfLine(state, raw, at, lineNumber);
        text += raw.slice(at + 1, contentEnd(raw, at, end));
      } else if (endsInEquals && soft !== false) {
        soft ??= quotedPrintable.test(text);
        if (!soft) break;
        end = endOfLine(state, raw, at, lineNumber); // vCard 2.1: quoted-printable folds with "="
        text = text.slice(0, -1) + raw.slice(at, contentEnd(raw, at, end));
      } else break;
      at = end;
      lineNumber++;
    }
    const refused = controls ? controlAt(text) : -1;
    if (refused !== -1) {
      const { line, column } = placeOf(state, start, first, refused);
      refuse(state, problem('line.control', line, column));
      continue;
    }
    const decoded = ascii ? text : decodeText(state, text, first, start);
    if (decoded !== undefined) readLine(state, decoded, start, end, first);
    if (state.errors.length >= maxErrors) break;
  }
  return { errors: state.errors, notes: state.notes };
}

type State = {
  readonly octets: Uint8Array;
  readonly syntax: Syntax;
  readonly maxErrors: number;
  readonly take: (line: ContentLine) => void;
  readonly errors: Problem[];
  readonly notes: Problem[];
  /** Codes that were noted: once is enough for each document. */
  readonly noted: Set<Code>;
};

const beyondAscii = /[\x80-\xff]/;
const quotedPrintable = /^[^:]*;(?:ENCODING=)?QUOTED-PRINTABLE[;:]/i;

/** What has to be looked for line by line: most documents have neither. */
function survey(
  octets: Uint8Array,
  from: number,
  to: number,
  found: { ascii: boolean; controls: boolean },
): void {
  let all = 0;
  for (let at = from; at < to; at++) {
    const octet = octets[at]!;
    all |= octet;
    if (octet >= 0x20 && octet !== 0x7f) continue;
    if (octet === 0x0a || octet === 0x09) continue;
    const next = octets[at + 1];
    if (octet !== 0x0d || (next !== 0x0d && next !== 0x0a)) found.controls = true;
  }
  if (all >= 0x80) found.ascii = false;
}

/** Where the first control character stands that is no blank and no part of a line break; else -1. */
function controlAt(text: string): number {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code >= 0x20 && code !== 0x7f) continue;
    if (code === 0x09 || code === 0x0a) continue;
    const next = text.charCodeAt(at + 1);
    if (code !== 0x0d || (next !== 0x0d && next !== 0x0a)) return at; // RFC 5545 §3.1: CONTROL
  }
  return -1;
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

function onlyBlanks(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (!isBlank(text.charCodeAt(i))) return false;
  return true;
}

function endOfLine(state: State, raw: string, at: number, lineNumber: number): number {
  const feed = raw.indexOf('\n', at);
  if (feed === -1) {
    note(state, 'tolerated.end-of-file', lineNumber, raw.length - at + 1);
    return raw.length;
  }
  if (feed === at || raw.charCodeAt(feed - 1) !== 0x0d) {
    note(state, 'tolerated.bare-line-feed', lineNumber, feed - at + 1);
  }
  return feed + 1;
}

/** Without the line break; CR CR LF, which some mailers make, is one. */
function contentEnd(raw: string, start: number, end: number): number {
  let at = end;
  if (at > start && raw.charCodeAt(at - 1) === 0x0a) at--;
  while (at > start && raw.charCodeAt(at - 1) === 0x0d) at--;
  return at;
}

function note(state: State, code: Code, line: number, column: number, detail?: string): void {
  if (state.noted.has(code)) return;
  state.noted.add(code);
  state.notes.push(problem(code, line, column, detail));
}

function refuse(state: State, found: Problem): void {
  if (state.errors.length < state.maxErrors) state.errors.push(found);
}

/** Octets that a fold cut apart are whole again here. */
function decodeText(state: State, text: string, line: number, start: number): string | undefined {
  if (!beyondAscii.test(text)) return text;
  const octets = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) octets[i] = text.charCodeAt(i);
  try {
    const decoded = decodeUtf8(octets);
    const at = decoded.search(/[\ufffe\uffff]/); // no characters, and XML cannot carry them
    if (at === -1) return decoded;
    refuse(state, problemAt(state, 'line.control', decoded, at, { start, line }));
    return undefined;
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    // vCard 2.1 names its charset on the line; ISO 8859-1 is what it was then.
    if (state.syntax === 'vcard' && /^[^:]*;CHARSET=/i.test(text)) return text;
    const place = placeOf(state, start, line, error.offset);
    refuse(state, problem('line.utf8', place.line, place.column));
    return undefined;
  }
}

/** Where the octet of that index in an unfolded line stands in the document. */
function placeOf(
  { octets }: State,
  start: number,
  firstLine: number,
  index: number,
): { readonly line: number; readonly column: number } {
  let line = firstLine;
  let lineStart = start;
  let at = start;
  for (let left = index; at < octets.length; left--) {
    let feed = at;
    while (octets[feed] === 0x0d) feed++;
    if (octets[feed] === 0x0a || feed === octets.length) {
      if (!isBlank(octets[feed + 1] ?? 0)) break; // the end of it
      line++;
      lineStart = feed + 1;
      at = feed + 2;
    }
    if (left === 0) break;
    at++;
  }
  return { line, column: at - lineStart + 1 };
}

/** A problem at a character of the decoded text of a line. */
function problemAt(
  state: State,
  code: Code,
  text: string,
  index: number,
  { start, line }: { readonly start: number; readonly line: number },
  detail?: string,
): Problem {
  const place = placeOf(state, start, line, encodeUtf8(text.slice(0, index)).length);
  return problem(code, place.line, place.column, detail);
}

const colon = 0x3a;
const semicolon = 0x3b;
const quote = 0x22;
const comma = 0x2c;
const equals = 0x3d;

function readLine(state: State, text: string, start: number, end: number, line: number): void {
  const { syntax, octets } = state;
  let at = 0;
  let code = 0;
  for (; at < text.length; at++) {
    code = text.charCodeAt(at);
    if (code === colon || code === semicolon) break;
  }
  const fail = (problemCode: Code, index: number): void =>
    refuse(
      state,
      problemAt(state, problemCode, text, index, { start, line }, excerpt(text, index)),
    );
  const noteAt = (noted: Code, index: number, detail?: string): void => {
    if (state.noted.has(noted)) return;
    state.noted.add(noted);
    state.notes.push(problemAt(state, noted, text, index, { start, line }, detail));
  };
  if (at === text.length) return fail('line.colon', at);
  let written = text.slice(0, at);
  let group: string | undefined;
  if (syntax === 'vcard') {
    const dot = written.lastIndexOf('.'); // RFC 6350 §3.3: group "."
    if (dot > 0) {
      group = written.slice(0, dot);
      written = written.slice(dot + 1);
    }
  }
  const name = nameOf(state, written, line);
  if (name === undefined) return fail('line.name', 0);
  if (code === colon) {
    const value = text.slice(at + 1);
    state.take({ name, written, group, parameters: none, value, octets, start, end, line });
    return;
  }
  const parameters: Parameter[] = [];
  while (code === semicolon) {
    const from = at + 1;
    at = from;
    for (; at < text.length; at++) {
      code = text.charCodeAt(at);
      if (code === equals || code === colon || code === semicolon) break;
    }
    if (at === text.length) return fail('line.colon', from);
    if (parameters.length >= maxParameters) return fail('line.parameters', from);
    const key = text.slice(from, at);
    if (code !== equals) {
      if (key.trim() === '') continue; // ";;" and ";:" say nothing
      if (syntax !== 'vcard') return fail('line.parameter', from);
      noteAt('tolerated.bare-parameter', from, key);
      parameters.push(bareParameter(key));
      continue;
    }
    const parameterName = nameOf(state, key, line);
    if (parameterName === undefined) return fail('line.parameter', from);
    const values: string[] = [];
    do {
      at++;
      if (text.charCodeAt(at) === quote) {
        const close = text.indexOf('"', at + 1);
        if (close === -1) return fail('line.quote', at);
        values.push(decodeParameterValue(text.slice(at + 1, close)));
        at = close + 1;
        code = at < text.length ? text.charCodeAt(at) : 0;
        if (code === comma || code === semicolon || code === colon) continue;
        if (at === text.length) return fail('line.colon', at);
        noteAt('tolerated.quote', at);
        // What follows the quotation belongs to the same value.
        const stop = unquotedEnd(text, at);
        values.push(values.pop()! + text.slice(at, stop));
        at = stop;
      } else {
        const stop = unquotedEnd(text, at);
        const value = text.slice(at, stop);
        if (value.includes('"')) noteAt('tolerated.quote', at);
        values.push(decodeParameterValue(value));
        at = stop;
      }
      if (at >= text.length) return fail('line.colon', at);
      code = text.charCodeAt(at);
    } while (code === comma);
    parameters.push({ name: parameterName, values, bare: false });
  }
  const value = text.slice(at + 1);
  state.take({ name, written, group, parameters, value, octets, start, end, line });
}

const none: readonly Parameter[] = [];

function unquotedEnd(text: string, from: number): number {
  let at = from;
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === comma || code === semicolon || code === colon) break;
  }
  return at;
}

/** In upper case; undefined if it is none. Blanks around it and odd characters in it are tolerated. */
function nameOf(state: State, written: string, line: number): string | undefined {
  let plain = written !== '';
  let upper = true;
  for (let i = 0; i < written.length; i++) {
    const code = written.charCodeAt(i);
    if (code >= 0x61 && code <= 0x7a) upper = false;
    else if (!((code >= 0x41 && code <= 0x5a) || code === 0x2d || (code >= 0x30 && code <= 0x39))) {
      plain = false;
    }
  }
  if (plain) return upper ? written : written.toUpperCase();
  const trimmed = written.trim();
  if (!tolerableName.test(trimmed) || !/[A-Za-z]/.test(trimmed)) return undefined;
  note(state, 'tolerated.name', line, 1, trimmed);
  return trimmed.toUpperCase();
}

const encodings = new Set(['QUOTED-PRINTABLE', 'BASE64', '8BIT', '7BIT']);
const valueKinds = new Set(['INLINE', 'URL', 'CONTENT-ID', 'CID']);

/** vCard 2.1 §2.1.2: the names of ENCODING, VALUE and TYPE may be left out. */
function bareParameter(key: string): Parameter {
  const value = key.trim();
  const upper = value.toUpperCase();
  const name = encodings.has(upper) ? 'ENCODING' : valueKinds.has(upper) ? 'VALUE' : 'TYPE';
  return { name, values: [value], bare: true };
}

function excerpt(text: string, index: number): string {
  const from = Math.max(0, Math.min(index, text.length) - 20);
  return JSON.stringify(text.slice(from, from + 40));
}
