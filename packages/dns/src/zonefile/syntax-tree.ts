/**
 * A master file as it was written: comments, order and layout included, so that one record can be
 * changed while every other octet stays. `print` gives the text back, octet for octet. Built only on
 * request, for it holds an object for each entry.
 *
 * Records that come out of `$INCLUDE` and `$GENERATE` belong to no entry and cannot be edited here.
 */

import { compareOctets, textFromOctets } from '@riad/octets/ascii';
import { encodeUtf8 } from '@riad/octets/utf8';
import { findRecordType, formatRecordType, RecordTypeCode } from '../iana/record-types.ts';
import { equalNames, type Name } from '../name.ts';
import { recordTypeOf } from '../rdata/registry.ts';
import { soaWithSerial } from '../rdata/soa.ts';
import { readZoneFile } from './reader.ts';
import type { ZoneFileOptions } from './reader-options.ts';
import type { ReaderState } from './reader-state.ts';
import { Scanner } from './scanner.ts';
import { formatRelativeName, type ZoneRecord } from './writer.ts';
import type { ZoneFileError } from './zone-file-error.ts';

/** A stretch of an entry's text; those of an entry lie end to end. */
export type Piece = {
  readonly kind: 'token' | 'comment' | 'layout';
  readonly text: string;
};

/** The text from the end of the entry before to the end of this one. */
export class ZoneEntry {
  /** Blank and comment lines above the entry, then its own lines; each octet is one character. */
  text: string;
  /** What the reader knew where `text` begins. */
  readonly state: ReaderState;
  /** What the entry says, unless it is a directive or only comments. */
  record: ZoneRecord | undefined;

  constructor(text: string, state: ReaderState, record: ZoneRecord | undefined) {
    this.text = text;
    this.state = state;
    this.record = record;
  }

  pieces(): Piece[] {
    const { text } = this;
    const pieces: Piece[] = [];
    let at = 0;
    for (const { from, to } of layOut(text).tokens) {
      addGap(pieces, text, at, from);
      pieces.push({ kind: 'token', text: text.slice(from, to) });
      at = to;
    }
    addGap(pieces, text, at, text.length);
    return pieces;
  }
}

export class ZoneTree {
  readonly entries: ZoneEntry[];
  private readonly end: ReaderState;

  constructor(entries: ZoneEntry[], end: ReaderState) {
    this.entries = entries;
    this.end = end;
  }

  print(): Uint8Array {
    let length = 0;
    for (const { text } of this.entries) length += text.length;
    const octets = new Uint8Array(length);
    let at = 0;
    for (const { text } of this.entries) {
      for (let i = 0; i < text.length; i++) octets[at++] = text.charCodeAt(i);
    }
    return octets;
  }

  /** The entry that holds this record, whatever its TTL. */
  find(owner: Name, type: number, rdata: Uint8Array): ZoneEntry | undefined {
    const canonical = recordTypeOf(type).canonical(rdata);
    return this.entries.find(
      ({ record }) =>
        record !== undefined &&
        record.type === type &&
        equalNames(record.owner, owner) &&
        compareOctets(recordTypeOf(type).canonical(record.rdata), canonical) === 0,
    );
  }

  /** Gives the record other data or another TTL; fields that stay keep their spelling and place. */
  replace(entry: ZoneEntry, rdata: Uint8Array, ttlSeconds: number): void {
    const record = this.recordOf(entry);
    const { type, recordClass } = record;
    const layout = layOut(entry.text);
    const data = layout.tokens.slice(typeIndex(entry, layout) + 1);
    const before = textTokens(recordTypeOf(type, recordClass).format(record.rdata));
    const after = textTokens(recordTypeOf(type, recordClass).format(rdata));
    if (before.length === data.length && after.length === data.length) {
      for (let i = data.length - 1; i >= 0; i--) {
        if (before[i] !== after[i]) splice(entry, data[i]!.from, data[i]!.to, after[i]!);
      }
    } else if (compareOctets(record.rdata, rdata) !== 0) {
      const from = data[0]!.from;
      const to = data.at(-1)!.to;
      splice(entry, from, to, after.join(' ') + parenthesesLeft(layout, from, to));
    }
    if (ttlSeconds !== record.ttlSeconds) {
      this.pinTtlBelow(entry);
      this.writeTtl(entry, ttlSeconds);
    }
    entry.record = { ...record, rdata, ttlSeconds };
  }

  /** Takes the record's own lines away; comments above stay. */
  remove(entry: ZoneEntry): void {
    const record = this.recordOf(entry);
    const index = this.entries.indexOf(entry);
    const next = this.entries
      .slice(index + 1)
      .find((other) => other.record !== undefined || isDirective(other));
    if (next?.record !== undefined && startsBlank(next)) {
      writeOwner(next, formatRelativeName(next.record.owner, next.state.origin));
    } else if (next !== undefined && next.record === undefined) {
      this.pinOwnerBelow(index, record.owner);
    }
    this.pinTtlBelow(entry);
    entry.text = entry.text.slice(0, layOut(entry.text).lineStart);
    entry.record = undefined;
  }

  /** Puts a record behind the last of the same owner, or at the end of the file. */
  add(record: ZoneRecord): ZoneEntry {
    let index = this.entries.length - 1;
    for (let i = 0; i < this.entries.length; i++) {
      const known = this.entries[i]!.record;
      if (known !== undefined && equalNames(known.owner, record.owner)) index = i;
    }
    const belongs = this.entries[index]?.record;
    if (belongs === undefined || !equalNames(belongs.owner, record.owner))
      index = this.entries.length - 1;
    const place = this.entries[index];
    if (place !== undefined && place.text !== '' && !/[\r\n]$/.test(place.text)) place.text += '\n';
    const state = this.entries[index + 1]?.state ?? this.end;
    const format = recordTypeOf(record.type, record.recordClass).format(record.rdata);
    const owner = formatRelativeName(record.owner, state.origin);
    const ttl = record.ttlSeconds === state.defaultTtlSeconds ? '' : `${record.ttlSeconds} `;
    const text = `${owner} ${ttl}${formatRecordType(record.type)} ${format}\n`;
    const entry = new ZoneEntry(text, { ...state, owner: record.owner }, record);
    this.entries.splice(index + 1, 0, entry);
    // The lines below may continue an owner spelled in another case, or the TTL of the one above.
    this.pinOwnerBelow(index + 1, belongs?.owner ?? record.owner);
    this.pinTtlBelow(entry);
    return entry;
  }

  /** Changes the serial of the SOA and nothing else; false if no entry holds an SOA. */
  setSerial(serial: number): boolean {
    const entry = this.entries.find(({ record }) => record?.type === RecordTypeCode.SOA);
    if (entry?.record === undefined) return false;
    this.replace(entry, soaWithSerial(entry.record.rdata, serial), entry.record.ttlSeconds);
    return true;
  }

  private recordOf(entry: ZoneEntry): ZoneRecord {
    if (entry.record === undefined) throw new TypeError('this entry holds no record');
    return entry.record;
  }

  /** Names the owner where the next record would continue the one above the change. */
  private pinOwnerBelow(index: number, owner: Name): void {
    for (const next of this.entries.slice(index + 1)) {
      if (next.record === undefined) continue; // directives leave the owner as it is
      if (startsBlank(next))
        writeOwner(next, formatRelativeName(next.record.owner ?? owner, next.state.origin));
      return;
    }
  }

  /** Without `$TTL` records take the TTL of the one before (RFC 1035 §5.1): the next gets its own. */
  private pinTtlBelow(entry: ZoneEntry): void {
    const index = this.entries.indexOf(entry);
    for (const next of this.entries.slice(index + 1)) {
      if (next.record === undefined) continue;
      if (next.state.defaultTtlSeconds === undefined) this.writeTtl(next, next.record.ttlSeconds);
      return;
    }
  }

  private writeTtl(entry: ZoneEntry, ttlSeconds: number): void {
    const layout = layOut(entry.text);
    const type = typeIndex(entry, layout);
    for (let i = startsBlank(entry) ? 0 : 1; i < type; i++) {
      const { from, to } = layout.tokens[i]!;
      if (/^\d/.test(entry.text.slice(from, to)))
        return splice(entry, from, to, String(ttlSeconds));
    }
    const at = layout.tokens[type]!.from;
    splice(entry, at, at, `${ttlSeconds} `);
  }
}

/**
 * The tree of a text and the errors in it; with errors in it, edits are not safe. With `state` and
 * `endOffset`, both from checkpoints, the tree is that of the part between them.
 */
export function readZoneTree(
  text: Uint8Array,
  options: Omit<ZoneFileOptions, 'checkpoint' | 'checkpointEveryOctets'>,
): { tree: ZoneTree; errors: ZoneFileError[] } {
  const entries: ZoneEntry[] = [];
  const { file } = options;
  let reading = file;
  let records: ZoneRecord[] = [];
  const end = Math.min(options.endOffset ?? text.length, text.length);
  let state: ReaderState = options.state ?? {
    offset: 0,
    line: 1,
    origin: options.origin,
    owner: undefined,
    defaultTtlSeconds: options.defaultTtlSeconds,
    lastTtlSeconds: undefined,
  };
  const errors = readZoneFile(
    text,
    {
      ...options,
      checkpointEveryOctets: 1, // that is, before each entry
      checkpoint: (next) => {
        if (next.offset === state.offset) return;
        const own = textFromOctets(text, state.offset, next.offset);
        const entry = new ZoneEntry(own, state, undefined);
        if (records.length === 1 && !isDirective(entry)) entry.record = records[0];
        entries.push(entry);
        records = [];
        state = next;
      },
    },
    {
      enterFile: (next) => {
        reading = next;
      },
      record: (owner, ownerLength, _same, type, recordClass, ttlSeconds, rdata, start, end) => {
        if (reading !== file) return;
        records.push({
          owner: owner.slice(0, ownerLength),
          type,
          recordClass,
          ttlSeconds,
          rdata: rdata.slice(start, end),
        });
      },
    },
  );
  // Reading stops early after too many errors: the rest is kept as it is.
  if (state.offset < end) {
    entries.push(new ZoneEntry(textFromOctets(text, state.offset, end), state, undefined));
  }
  return { tree: new ZoneTree(entries, state), errors };
}

// --- the text of an entry ---------------------------------------------------------------------

type Span = { readonly from: number; readonly to: number };
type Layout = {
  /** Quotes included. */
  readonly tokens: readonly Span[];
  /** Where the entry's own first line begins, below blank and comment lines. */
  readonly lineStart: number;
  readonly text: string;
};

function layOut(text: string): Layout {
  const octets = Uint8Array.from(text, (character) => character.charCodeAt(0));
  const scanner = new Scanner(octets, octets.length, 0, 1, '', Uint8Array.of(0), octets.length);
  const tokens: Span[] = [];
  const note = (): void => {
    const quote = scanner.quoted ? 1 : 0;
    tokens.push({ from: scanner.start - quote, to: scanner.end + quote });
  };
  try {
    if (scanner.nextEntry(octets.length)) {
      note();
      while (scanner.next()) note();
    }
  } catch {
    // An entry in error: what follows its last good token is shown as layout.
  }
  const lineStart = tokens.length === 0 ? text.length : scanner.entryStart;
  return { tokens, lineStart, text };
}

function addGap(pieces: Piece[], text: string, from: number, to: number): void {
  for (const part of text.slice(from, to).match(/;[^\r\n]*|[^;]+/g) ?? []) {
    pieces.push({ kind: part.startsWith(';') ? 'comment' : 'layout', text: part });
  }
}

function startsBlank(entry: ZoneEntry): boolean {
  const { lineStart, text } = layOut(entry.text);
  return text[lineStart] === ' ' || text[lineStart] === '\t';
}

function isDirective(entry: ZoneEntry): boolean {
  const { lineStart, text } = layOut(entry.text);
  return text[lineStart] === '$';
}

/** Which token names the type: the first behind owner, class and TTL that is one. */
function typeIndex(entry: ZoneEntry, { tokens, text }: Layout): number {
  for (let i = startsBlank(entry) ? 0 : 1; i < tokens.length; i++) {
    const { from, to } = tokens[i]!;
    const word = Uint8Array.from(text.slice(from, to), (character) => character.charCodeAt(0));
    if (findRecordType(word, 0, word.length) >= 0) return i;
  }
  throw new TypeError('this entry holds no record');
}

/** What is open or closed between `from` and `to` and must stay so when that text goes. */
function parenthesesLeft({ tokens, text }: Layout, from: number, to: number): string {
  let closed = 0;
  let open = 0;
  let at = from;
  for (const token of tokens) {
    if (token.to <= at) continue;
    const gap = text.slice(at, Math.min(token.from, to)).replace(/;[^\r\n]*/g, '');
    for (const character of gap) {
      if (character === '(') open++;
      if (character !== ')') continue;
      if (open > 0) open--;
      else closed++;
    }
    at = token.to;
    if (at >= to) break;
  }
  return ' )'.repeat(closed) + ' ('.repeat(open);
}

function textTokens(text: string): string[] {
  return text.match(/"(?:[^"\\]|\\.)*"|(?:[^\s"\\]|\\.)+(?:"(?:[^"\\]|\\.)*")?/g) ?? [];
}

function writeOwner(entry: ZoneEntry, owner: string): void {
  const { lineStart, tokens } = layOut(entry.text);
  const white = /^[ \t]*/.exec(entry.text.slice(lineStart))![0];
  // The columns stay where they are if the owner fits into the white space.
  const room = white.includes('\t') ? ` ${white.slice(1)}` : white.slice(owner.length) || ' ';
  splice(entry, lineStart, lineStart + white.length, owner + (tokens.length > 0 ? room : ''));
}

function splice(entry: ZoneEntry, from: number, to: number, text: string): void {
  const octets = textFromOctets(encodeUtf8(text));
  entry.text = entry.text.slice(0, from) + octets + entry.text.slice(to);
}
