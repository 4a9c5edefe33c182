/**
 * Reads a master file (RFC 1035 §5, RFC 2308 §4, RFC 3597 §5) and hands each record to a sink as
 * octets; nothing is allocated per record. `$GENERATE` and units of time are BIND's extensions.
 *
 * Not checked here: what makes the records a zone (one SOA, names below the apex, a CNAME alone).
 * Files to include come from the caller, who confines them to a folder; a path that tries to leave
 * it is refused here already.
 */

import { Writer } from '@riad/octets/writer';
import { findRecordClass, RecordClass } from '../iana/classes.ts';
import { findRecordType, isMetaType } from '../iana/record-types.ts';
import type { Name } from '../name.ts';
import { parseNameToken } from '../rdata/name-token.ts';
import type { RecordType } from '../rdata/record-type.ts';
import { recordTypeOf } from '../rdata/registry.ts';
import { Generator, readRange } from './generate.ts';
import { includePath } from './include-path.ts';
import {
  defaultMaxEntryOctets,
  defaultMaxErrors,
  defaultMaxGeneratedRecords,
  defaultMaxIncludeDepth,
  defaultMaxIncludes,
  type RecordSink,
  type ZoneFileOptions,
} from './reader-options.ts';
import { type ReaderState, sameStart } from './reader-state.ts';
import { Scanner } from './scanner.ts';
import { maxTtlSeconds, parseTtl } from './time-to-live.ts';
import { type ZoneFileCode, ZoneFileError } from './zone-file-error.ts';

/** Reads the whole text, or the part that `state` and `endOffset` mark, and returns its errors. */
export function readZoneFile(
  text: Uint8Array,
  options: ZoneFileOptions,
  sink: RecordSink,
): ZoneFileError[] {
  const reader = new ZoneFileReader(text, options, sink);
  reader.read();
  return reader.errors;
}

const noOwner = 0;
const ownerKnown = 1;
/** The owner's name was in error: what continues it is read for its own errors only. */
const ownerBroken = 2;

class ZoneFileReader {
  readonly errors: ZoneFileError[] = [];
  private readonly options: ZoneFileOptions;
  private readonly sink: RecordSink;
  private readonly recordClass: number;
  private readonly maxErrors: number;
  private readonly maxEntryOctets: number;
  private readonly top: Scanner;
  private readonly openFiles: string[];
  private readonly rdata = new Writer(4096);
  private owner = new Writer(512);
  private spareOwner = new Writer(512);
  private ownerState = noOwner;
  /** Whether the owner is that of the last record handed to the sink. */
  private ownerDelivered = false;
  private defaultTtl = -1; // -1: none
  private lastTtl = -1;
  private ttlWarned = false;
  private layoutType = -1;
  private layout: RecordType<unknown> = recordTypeOf(1);
  private includes = 0;
  private generated = 0;
  private stopped = false;

  constructor(text: Uint8Array, options: ZoneFileOptions, sink: RecordSink) {
    this.options = options;
    this.sink = sink;
    this.recordClass = options.recordClass ?? RecordClass.IN;
    this.maxErrors = options.maxErrors ?? defaultMaxErrors;
    this.maxEntryOctets = options.maxEntryOctets ?? defaultMaxEntryOctets;
    this.openFiles = [options.file];
    const { state } = options;
    const defaultTtl = state === undefined ? options.defaultTtlSeconds : state.defaultTtlSeconds;
    if (defaultTtl !== undefined) this.defaultTtl = defaultTtl;
    if (state?.lastTtlSeconds !== undefined) this.lastTtl = state.lastTtlSeconds;
    if (state?.owner !== undefined) {
      this.owner.octets(state.owner);
      this.ownerState = ownerKnown;
    }
    this.top = this.scanner(text, options.file, state?.origin ?? options.origin, state);
  }

  read(): void {
    this.sink.enterFile?.(this.options.file);
    const { endOffset, checkpoint } = this.options;
    this.entries(this.top, endOffset ?? this.top.buffer.length, checkpoint);
    checkpoint?.(this.state(this.top));
  }

  private scanner(text: Uint8Array, file: string, origin: Name, at?: ReaderState): Scanner {
    return new Scanner(
      text,
      text.length,
      at?.offset ?? 0,
      at?.line ?? 1,
      file,
      origin,
      this.maxEntryOctets,
    );
  }

  /** Reads entries up to `endOffset`. After an error it goes on with the next entry. */
  private entries(
    scanner: Scanner,
    endOffset: number,
    checkpoint?: (state: ReaderState) => void,
  ): void {
    const every = checkpoint === undefined ? 0 : (this.options.checkpointEveryOctets ?? 0);
    let due = every === 0 ? Number.POSITIVE_INFINITY : scanner.position + every;
    while (!this.stopped && scanner.position < endOffset) {
      if (scanner.position >= due) {
        due = scanner.position + every;
        checkpoint?.(this.state(scanner));
      }
      try {
        if (scanner.nextEntry(endOffset)) this.entry(scanner);
      } catch (error) {
        if (!(error instanceof ZoneFileError)) throw error;
        this.report(error);
        scanner.skipEntry((further) => this.report(further));
      }
    }
  }

  private entry(scanner: Scanner): void {
    if (scanner.startsBlank) {
      if (this.ownerState === noOwner) {
        this.fail(
          scanner,
          'zonefile.no-owner',
          'This line continues an owner, but none was named before.',
        );
      }
    } else if (scanner.buffer[scanner.start] === 0x24 /* $ */ && !scanner.quoted) {
      this.directive(scanner);
      return;
    } else {
      this.ownerName(scanner);
      scanner.require('a record type');
    }
    this.record(scanner);
  }

  private ownerName(scanner: Scanner): void {
    const before = this.owner;
    const next = this.spareOwner;
    const known = this.ownerState === ownerKnown;
    this.ownerState = ownerBroken;
    next.reset();
    parseNameToken(scanner, next);
    this.ownerState = ownerKnown;
    if (known && sameStart(before.buffer, before.position, next.buffer, next.position)) return;
    this.owner = next;
    this.spareOwner = before;
    this.ownerDelivered = false;
  }

  /** Reads on from the current token, the first behind the owner. */
  private record(scanner: Scanner): void {
    const buffer = scanner.buffer;
    let ttl = -1;
    let recordClass = -1;
    let type = -1;
    for (;;) {
      const octet = buffer[scanner.start]!;
      if (octet >= 0x30 && octet <= 0x39) {
        if (ttl >= 0) this.fail(scanner, 'zonefile.ttl', 'The record has two times to live.');
        ttl = parseTtl(scanner);
      } else {
        const found = this.classToken(scanner);
        if (found < 0) {
          type = findRecordType(buffer, scanner.start, scanner.end);
          break;
        }
        if (recordClass >= 0) this.fail(scanner, 'zonefile.class', 'The record has two classes.');
        recordClass = found;
        if (found !== this.recordClass) {
          this.fail(scanner, 'zonefile.class', 'The zone is of another class than this.');
        }
      }
      scanner.require('a record type');
    }
    if (type < 0) this.fail(scanner, 'zonefile.type', 'This is not the name of a record type.');
    if (isMetaType(type)) {
      this.fail(
        scanner,
        'zonefile.meta-type',
        'Only messages have records of this type, zones never.',
      );
    }
    if (ttl < 0) ttl = this.impliedTtl(scanner, type);
    else this.lastTtl = ttl;
    if (type !== this.layoutType) {
      this.layout = recordTypeOf(type, this.recordClass);
      this.layoutType = type;
    }
    const rdata = this.rdata;
    rdata.reset();
    this.layout.parse(scanner, rdata);
    if (ttl < 0) ttl = this.ttlOfSoa(scanner, rdata);
    if (this.ownerState === ownerBroken) return;
    this.sink.record(
      this.owner.buffer,
      this.owner.position,
      this.ownerDelivered,
      type,
      this.recordClass,
      ttl,
      rdata.buffer,
      0,
      rdata.position,
      scanner.entryLine,
    );
    this.ownerDelivered = true;
  }

  /** The class that the current token names, or -1. */
  private classToken(scanner: Scanner): number {
    const { buffer, start, end } = scanner;
    const first = buffer[start]! | 0x20;
    if (end - start === 2 && first === 0x69 && (buffer[start + 1]! | 0x20) === 0x6e) {
      return RecordClass.IN;
    }
    // Only classes begin with C or H besides CAA, CDS, CERT, CNAME, CSYNC, HINFO, HIP, HTTPS.
    return first === 0x61 ? -1 : findRecordClass(buffer, start, end);
  }

  /** The TTL of a record that has none (RFC 2308 §4, RFC 1035 §5.1); -1 if its SOA data decide. */
  private impliedTtl(scanner: Scanner, type: number): number {
    if (this.defaultTtl >= 0) return this.defaultTtl;
    if (this.lastTtl >= 0) {
      if (!this.ttlWarned) {
        this.ttlWarned = true;
        this.warn(
          scanner,
          'zonefile.rfc1035-ttl',
          'There is no $TTL; records without a TTL take that of the record before.',
        );
      }
      return this.lastTtl;
    }
    if (type === 6) return -1;
    this.fail(
      scanner,
      'zonefile.no-ttl',
      'The record has no TTL, and neither $TTL nor a record before gives one.',
    );
  }

  /** As BIND does: the minimum of an SOA without a TTL is its TTL and that of all that follows. */
  private ttlOfSoa(scanner: Scanner, rdata: Writer): number {
    const { buffer, position: end } = rdata;
    const minimum =
      ((buffer[end - 4]! << 24) |
        (buffer[end - 3]! << 16) |
        (buffer[end - 2]! << 8) |
        buffer[end - 1]!) >>>
      0;
    const ttl = minimum > maxTtlSeconds ? 0 : minimum; // RFC 2181 §8
    this.defaultTtl = ttl;
    this.warn(
      scanner,
      'zonefile.soa-ttl',
      `There is no TTL before the SOA; its minimum, ${ttl} seconds, serves as $TTL.`,
    );
    return ttl;
  }

  // --- directives -----------------------------------------------------------------------------

  private directive(scanner: Scanner): void {
    switch (textOf(scanner).toUpperCase()) {
      case '$ORIGIN':
        scanner.require('the new origin');
        scanner.origin = this.nameToken(scanner);
        this.endOfDirective(scanner);
        return;
      case '$TTL': {
        scanner.require('a time to live');
        const ttl = parseTtl(scanner);
        this.endOfDirective(scanner);
        this.defaultTtl = ttl;
        return;
      }
      case '$INCLUDE':
        this.include(scanner);
        return;
      case '$GENERATE':
        this.options.generate?.();
        this.generate(scanner);
        return;
      default:
        this.fail(
          scanner,
          'zonefile.directive',
          'Directives are $ORIGIN, $TTL, $INCLUDE and $GENERATE.',
        );
    }
  }

  private nameToken(scanner: Scanner): Name {
    const writer = new Writer(256);
    parseNameToken(scanner, writer);
    return writer.copy();
  }

  private endOfDirective(scanner: Scanner): void {
    if (scanner.next()) this.fail(scanner, 'zonefile.trailing', 'The directive ends before this.');
  }

  /** RFC 1035 §5.1: the file has an origin of its own, and the one here stays as it is. */
  private include(scanner: Scanner): void {
    scanner.require('the path of a file');
    const path = includePath(scanner);
    const place = scanner.error('', scanner.start, scanner.end, '');
    const refuse = (code: ZoneFileCode, sentence: string): never => {
      throw new ZoneFileError(code, scanner.file, place.line, place.column, place.token, sentence);
    };
    let origin = scanner.origin;
    if (scanner.next()) {
      origin = this.nameToken(scanner);
      this.endOfDirective(scanner);
    }
    const depth = this.openFiles.length;
    const { maxIncludeDepth = defaultMaxIncludeDepth, maxIncludes = defaultMaxIncludes } =
      this.options;
    if (this.openFiles.includes(path))
      refuse('zonefile.include-cycle', 'This file is being read already.');
    if (depth > maxIncludeDepth) {
      refuse('zonefile.include-depth', `Files may be included ${maxIncludeDepth} deep.`);
    }
    if (++this.includes > maxIncludes) {
      refuse('zonefile.include-count', `One zone may include ${maxIncludes} files.`);
    }
    const text = this.options.include?.(path);
    if (text === undefined) return refuse('zonefile.include-missing', 'This file cannot be read.');
    const owner = this.owner.copy();
    const ownerState = this.ownerState;
    this.openFiles.push(path);
    this.sink.enterFile?.(path);
    this.entries(this.scanner(text, path, origin), text.length);
    this.openFiles.pop();
    this.sink.enterFile?.(scanner.file);
    this.restoreOwner(owner, ownerState);
  }

  private restoreOwner(owner: Name, ownerState: number): void {
    this.owner.reset();
    this.owner.octets(owner);
    this.ownerState = ownerState;
    this.ownerDelivered = false;
  }

  private generate(scanner: Scanner): void {
    scanner.require('a range such as 1-254');
    const { file, entryLine } = scanner;
    const start = scanner.start;
    const end = scanner.end;
    const range = readRange(scanner);
    const { maxGeneratedRecords = defaultMaxGeneratedRecords } = this.options;
    this.generated += range.count;
    if (this.generated > maxGeneratedRecords) {
      this.fail(
        scanner,
        'zonefile.generate-count',
        `One zone may generate ${maxGeneratedRecords} records.`,
      );
    }
    const generator = new Generator(scanner);
    const owner = this.owner.copy();
    const ownerState = this.ownerState;
    for (let i = 0, value = range.first; i < range.count; i++, value += range.step) {
      generator.write(value);
      const { buffer, position } = generator.line;
      const inner = new Scanner(
        buffer,
        position,
        0,
        entryLine,
        file,
        scanner.origin,
        this.maxEntryOctets,
      );
      try {
        if (!inner.nextEntry(position)) continue;
        this.ownerName(inner);
        inner.require('a record type');
        this.record(inner);
      } catch (error) {
        if (!(error instanceof ZoneFileError)) throw error;
        // One complaint for all the lines, at the range, for the others would say the same.
        const place = scanner.error(error.code, start, end, '');
        const sentence = `${error.message} (In the line generated for ${value}.)`;
        this.report(
          new ZoneFileError(error.code, file, place.line, place.column, error.token, sentence),
        );
        break;
      }
    }
    this.restoreOwner(owner, ownerState);
  }

  // --- state and complaints -------------------------------------------------------------------

  private state(scanner: Scanner): ReaderState {
    return {
      offset: scanner.position,
      line: scanner.line,
      origin: scanner.origin,
      owner: this.ownerState === ownerKnown ? this.owner.copy() : undefined,
      defaultTtlSeconds: this.defaultTtl < 0 ? undefined : this.defaultTtl,
      lastTtlSeconds: this.lastTtl < 0 ? undefined : this.lastTtl,
    };
  }

  private fail(scanner: Scanner, code: ZoneFileCode, sentence: string): never {
    scanner.fail(code, sentence);
  }

  private warn(scanner: Scanner, code: ZoneFileCode, sentence: string): void {
    this.options.warn?.(scanner.error(code, scanner.entryStart, scanner.entryStart, sentence));
  }

  private report(error: ZoneFileError): void {
    if (this.stopped) return;
    this.errors.push(error);
    if (this.errors.length < this.maxErrors) return;
    this.stopped = true;
    const { file, line, column } = error;
    const sentence = `Reading stops here, after ${this.maxErrors} errors.`;
    this.errors.push(
      new ZoneFileError('zonefile.too-many-errors', file, line, column, '', sentence),
    );
  }
}

function textOf(scanner: Scanner): string {
  let text = '';
  for (let at = scanner.start; at < scanner.end; at++)
    text += String.fromCharCode(scanner.buffer[at]!);
  return text;
}
