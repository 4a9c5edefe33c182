/**
 * Reads updates in the language of nsupdate, as people and programs write it: `server`, `zone`, `class`,
 * `ttl`, `key`, prerequisites, `update add` and `update delete`, `send` (or an empty line), `show`,
 * `answer`, `quit`. All of a script is read before anything of it is done; every line that is wrong is
 * told, with its column. Names are relative to the root.
 */
import { parseRecordClass, RecordClass } from '@riad/dns/iana/classes';
import { isMetaType, parseRecordType, RecordTypeCode } from '@riad/dns/iana/record-types';
import type { ResourceRecord } from '@riad/dns/message';
import { type Name, root } from '@riad/dns/name';
import { parseNameToken } from '@riad/dns/rdata/name-token';
import { recordTypeOf } from '@riad/dns/rdata/registry';
import type { TokenReader } from '@riad/dns/rdata/token-reader';
import { parseKeyArgument } from '@riad/dns/tsig/key-argument';
import type { TsigKey } from '@riad/dns/tsig/tsig-key';
import { Scanner } from '@riad/dns/zonefile/scanner';
import { parseTtl } from '@riad/dns/zonefile/time-to-live';
import { ZoneFileError } from '@riad/dns/zonefile/zone-file-error';
import { textFromOctets } from '@riad/octets/ascii';
import { DecodeError } from '@riad/octets/decode-error';
import { Writer } from '@riad/octets/writer';
import {
  addRecord,
  deleteName,
  deleteRecord,
  deleteRrset,
  nameIsInUse,
  nameIsNotInUse,
  rrsetDoesNotExist,
  rrsetExists,
  rrsetHasRecord,
} from './update-request.ts';

export type ScriptUpdate = {
  /** Undefined: whichever its names lie in. */
  readonly zone: Name | undefined;
  readonly prerequisites: readonly ResourceRecord[];
  readonly updates: readonly ResourceRecord[];
  /** Of what ends it. */
  readonly line: number;
};

export type ScriptStep =
  | { readonly kind: 'server'; readonly address: string; readonly port: string | undefined }
  | { readonly kind: 'key'; readonly key: TsigKey }
  | { readonly kind: 'send'; readonly update: ScriptUpdate }
  | { readonly kind: 'show'; readonly update: ScriptUpdate }
  | { readonly kind: 'answer' };

export type UpdateScript = {
  readonly steps: readonly ScriptStep[];
  /** Where there are some, nothing is to be done. */
  readonly errors: readonly ZoneFileError[];
};

export const codes = {
  'update.command': 'not a command of an update script',
  'update.word': 'another word is expected here',
  'update.class': 'only class IN is updated',
  'update.type': 'not a record type that is updated',
  'update.no-ttl': 'a record is added without a time to live, and none was given before',
  'update.key': 'not a key',
  'update.trailing': 'a line goes on after its command is complete',
} as const;
type Code = keyof typeof codes;

/** Megabytes of updates are a zone, and that is better a file. */
export const maxUpdateScriptOctets: number = 16 << 20;
/** A line with 65,535 octets of data, each as `\DDD`, and its names. */
const maxLineOctets = 300_000;
export const maxScriptErrors = 100;

export function readUpdateScript(text: Uint8Array, file: string): UpdateScript {
  if (text.length > maxUpdateScriptOctets) {
    const sentence = `An update script has at most ${maxUpdateScriptOctets} octets.`;
    return { steps: [], errors: [new ZoneFileError('update.command', file, 1, 1, '', sentence)] };
  }
  const reading = new ScriptReading();
  const errors: ZoneFileError[] = [];
  let line = 0;
  for (let start = 0; start < text.length && !reading.ended; ) {
    const newline = text.indexOf(0x0a, start);
    const end = newline === -1 ? text.length : newline;
    line++;
    const scanner = new Scanner(text, end, start, line, file, root, maxLineOctets);
    try {
      if (scanner.nextEntry(end)) reading.command(new Line(scanner), line);
      // nsupdate sends at an empty line, but not at one with a comment alone.
      else if (isBlank(text, start, end)) reading.send(line);
    } catch (error) {
      if (!(error instanceof ZoneFileError)) throw error;
      errors.push(error);
      if (errors.length === maxScriptErrors) break;
    }
    start = end + 1;
  }
  if (!reading.ended) reading.send(line);
  return { steps: reading.steps, errors };
}

function isBlank(text: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    if (text[at] !== 0x20 && text[at] !== 0x09 && text[at] !== 0x0d) return false;
  }
  return true;
}

/** The tokens of a line, of which the next can be looked at. */
class Line implements TokenReader {
  readonly #scanner: Scanner;
  #looked: boolean | undefined;

  constructor(scanner: Scanner) {
    this.#scanner = scanner;
  }

  get buffer(): Uint8Array {
    return this.#scanner.buffer;
  }
  get start(): number {
    return this.#scanner.start;
  }
  get end(): number {
    return this.#scanner.end;
  }
  get quoted(): boolean {
    return this.#scanner.quoted;
  }
  get origin(): Name {
    return this.#scanner.origin;
  }

  next(): boolean {
    const looked = this.#looked;
    this.#looked = undefined;
    return looked ?? this.#scanner.next();
  }

  /** Whether there is another token, which is then the current one and the next. */
  look(): boolean {
    this.#looked ??= this.#scanner.next();
    return this.#looked;
  }

  require(what: string): void {
    const looked = this.#looked;
    this.#looked = undefined;
    if (looked === undefined) this.#scanner.require(what);
    else if (!looked) this.#scanner.require(what); // fails once more
  }

  fail(code: string, sentence: string): never {
    this.#scanner.fail(code, sentence);
  }

  get text(): string {
    return textFromOctets(this.buffer, this.start, this.end);
  }

  refuse(code: Code, sentence: string): never {
    this.fail(code, sentence);
  }

  finish(): void {
    if (this.next()) this.refuse('update.trailing', 'The command ends before this.');
  }

  name(what: string): Name {
    this.require(what);
    const writer = new Writer(256);
    parseNameToken(this, writer);
    return writer.copy();
  }
}

class ScriptReading {
  readonly steps: ScriptStep[] = [];
  ended = false;
  #zone: Name | undefined;
  #ttlSeconds: number | undefined;
  #prerequisites: ResourceRecord[] = [];
  #updates: ResourceRecord[] = [];

  /** The current token of `line` is its first. */
  command(line: Line, number: number): void {
    const word = line.text.toLowerCase();
    switch (word) {
      case 'server':
        return this.#server(line);
      case 'zone':
        this.#zone = line.name('the zone’s name');
        return line.finish();
      case 'class':
        line.require('a class');
        requireIn(line);
        return line.finish();
      case 'ttl':
        line.require('a time to live');
        this.#ttlSeconds = parseTtl(line);
        return line.finish();
      case 'key':
        return this.#key(line);
      case 'send':
        line.finish();
        return this.send(number);
      case 'show':
        line.finish();
        this.steps.push({ kind: 'show', update: this.#update(number) });
        return;
      case 'answer':
        line.finish();
        this.steps.push({ kind: 'answer' });
        return;
      case 'quit':
        this.ended = true;
        return line.finish();
      case 'prereq':
      case 'update':
        line.require(word === 'update' ? 'add or delete' : 'a prerequisite');
        return this.#change(line, line.text.toLowerCase());
      default:
        return this.#change(line, word);
    }
  }

  /** What there is so far makes one message; nothing makes none. */
  send(line: number): void {
    if (this.#prerequisites.length + this.#updates.length === 0) return;
    this.steps.push({ kind: 'send', update: this.#update(line) });
    this.#prerequisites = [];
    this.#updates = [];
  }

  #update(line: number): ScriptUpdate {
    return {
      zone: this.#zone,
      prerequisites: [...this.#prerequisites],
      updates: [...this.#updates],
      line,
    };
  }

  #change(line: Line, word: string): void {
    switch (word) {
      case 'nxdomain':
        this.#prerequisites.push(nameIsNotInUse(line.name('a name')));
        return line.finish();
      case 'yxdomain':
        this.#prerequisites.push(nameIsInUse(line.name('a name')));
        return line.finish();
      case 'nxrrset': {
        const owner = line.name('a name');
        this.#prerequisites.push(rrsetDoesNotExist(owner, typeOf(line)));
        return line.finish();
      }
      case 'yxrrset': {
        const owner = line.name('a name');
        const type = typeOf(line);
        const rdata = dataOf(line, type);
        this.#prerequisites.push(
          rdata === undefined ? rrsetExists(owner, type) : rrsetHasRecord(owner, type, rdata),
        );
        return;
      }
      case 'add': {
        this.#updates.push(this.#addition(line));
        return;
      }
      case 'delete':
      case 'del':
        this.#updates.push(deletion(line));
        return;
      case 'local':
      case 'gsstsig':
      case 'oldgsstsig':
      case 'realm':
      case 'check-names':
      case 'debug':
      case 'help':
      case 'version':
        return line.refuse('update.command', 'nsupdate has this command; it is not offered here.');
      default:
        return line.refuse(
          'update.command',
          'Commands are server, zone, ttl, key, prereq, update, send, show, answer and quit.',
        );
    }
  }

  #addition(line: Line): ResourceRecord {
    const owner = line.name('a name');
    line.require('a time to live or a type');
    let ttlSeconds = this.#ttlSeconds;
    if (startsWithDigit(line)) {
      ttlSeconds = parseTtl(line);
      line.require('a type');
    }
    const type = typeOf(line, true);
    if (ttlSeconds === undefined) {
      line.refuse('update.no-ttl', 'Before the type stands a time to live, or give one with ttl.');
    }
    return addRecord(owner, type, ttlSeconds, parseData(line, type));
  }

  #server(line: Line): void {
    line.require('an address');
    const address = line.text;
    const port = line.next() ? line.text : undefined;
    if (port !== undefined && !/^\d{1,5}$/.test(port)) {
      line.refuse('update.word', 'Behind the address stands a port, if anything.');
    }
    this.steps.push({ kind: 'server', address, port });
    line.finish();
  }

  /** `key [ALGORITHM:]NAME SECRET`; without algorithm HMAC-SHA256. */
  #key(line: Line): void {
    line.require('the name of a key');
    const words = line.text.split(':');
    line.require('the secret');
    const [algorithm, name] = words.length === 2 ? words : ['hmac-sha256', words[0]];
    const word = algorithm!.toUpperCase().replace(/^HMAC-/, '');
    try {
      this.steps.push({ kind: 'key', key: parseKeyArgument(`${name}:${word}:${line.text}`) });
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      line.refuse('update.key', `This is no key: ${error.message}.`);
    }
    line.finish();
  }
}

/** `NAME [TTL] [CLASS] [TYPE [DATA]]`; the TTL counts for nothing. */
function deletion(line: Line): ResourceRecord {
  const owner = line.name('a name');
  if (!line.look()) return deleteName(owner);
  if (startsWithDigit(line)) {
    line.next();
    parseTtl(line);
    if (!line.look()) return deleteName(owner);
  }
  const recordClass = parseRecordClass(line.text.toUpperCase());
  if (recordClass !== undefined) {
    line.next();
    const fits =
      recordClass === RecordClass.IN ||
      recordClass === RecordClass.ANY ||
      recordClass === RecordClass.NONE;
    if (!fits) line.refuse('update.class', 'Only class IN is updated.');
    if (!line.look()) return deleteName(owner);
  }
  line.next();
  if (line.text.toUpperCase() === 'ANY') {
    line.finish();
    return deleteName(owner);
  }
  const type = typeOf(line, true);
  const rdata = dataOf(line, type);
  return rdata === undefined ? deleteRrset(owner, type) : deleteRecord(owner, type, rdata);
}

function startsWithDigit(line: Line): boolean {
  const first = line.buffer[line.start]!;
  return first >= 0x30 && first <= 0x39;
}

function requireIn(line: Line): void {
  const word = line.text.toUpperCase();
  if (word !== 'IN' && word !== 'INTERNET') {
    line.refuse('update.class', 'Only class IN is updated.');
  }
}

/** `[CLASS] TYPE`. `there`: the current token is the first of them. */
function typeOf(line: Line, there: boolean = false): number {
  if (!there) line.require('a record type');
  if (parseRecordClass(line.text.toUpperCase()) !== undefined) {
    requireIn(line);
    line.require('a record type');
  }
  const type = parseRecordType(line.text.toUpperCase());
  if (type === undefined) line.refuse('update.type', 'This is not the name of a record type.');
  if (isMetaType(type) || type === RecordTypeCode.ANY) {
    line.refuse('update.type', 'No record has this type.');
  }
  return type;
}

/** The rest of the line as data of a type; undefined where there is no rest. */
function dataOf(line: Line, type: number): Uint8Array | undefined {
  return line.look() ? parseData(line, type) : undefined;
}

function parseData(line: Line, type: number): Uint8Array {
  const writer = new Writer(64);
  recordTypeOf(type, RecordClass.IN).parse(line, writer);
  return writer.copy();
}
