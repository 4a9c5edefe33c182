/** Master files as lists of records, for tests. */

import { formatHex } from '@riad/octets/hex';
import { encodeUtf8 } from '@riad/octets/utf8';
import { formatRecordClass } from '../iana/classes.ts';
import { formatRecordType } from '../iana/record-types.ts';
import { canonicalName, formatName, type Name, parseName } from '../name.ts';
import { recordTypeOf } from '../rdata/registry.ts';
import { readZoneFile } from '../zonefile/reader.ts';
import type { RecordSink, ZoneFileOptions } from '../zonefile/reader-options.ts';
import type { ZoneRecord } from '../zonefile/writer.ts';
import type { ZoneFileError } from '../zonefile/zone-file-error.ts';

export const exampleOrigin: Name = parseName('example.');

/** Keeps what it is given. */
export class Collector implements RecordSink {
  readonly records: ZoneRecord[] = [];
  readonly lines: number[] = [];
  readonly files: string[] = [];

  enterFile(file: string): void {
    this.files.push(file);
  }

  record(
    ownerBuffer: Uint8Array,
    ownerLength: number,
    sameOwnerAsBefore: boolean,
    type: number,
    recordClass: number,
    ttlSeconds: number,
    rdataBuffer: Uint8Array,
    rdataStart: number,
    rdataEnd: number,
    line: number,
  ): void {
    const owner = ownerBuffer.slice(0, ownerLength);
    const before = this.records.at(-1);
    if (sameOwnerAsBefore && formatName(owner) !== formatName(before!.owner)) {
      throw new Error('sameOwnerAsBefore, but it is another');
    }
    const rdata = rdataBuffer.slice(rdataStart, rdataEnd);
    this.records.push({ owner, type, recordClass, ttlSeconds, rdata });
    this.lines.push(line);
  }
}

export function readRecords(
  text: string | Uint8Array,
  options: Partial<ZoneFileOptions> = {},
): {
  records: ZoneRecord[];
  errors: ZoneFileError[];
  warnings: ZoneFileError[];
  files: string[];
  lines: number[];
} {
  const octets = typeof text === 'string' ? encodeUtf8(text) : text;
  const warnings: ZoneFileError[] = [];
  const collector = new Collector();
  const errors = readZoneFile(
    octets,
    { file: 'zone', origin: exampleOrigin, warn: (warning) => warnings.push(warning), ...options },
    collector,
  );
  const { records, files, lines } = collector;
  return { records, errors, warnings, files, lines };
}

/** One line for each record: everything written out. */
export function showRecord({ owner, type, recordClass, ttlSeconds, rdata }: ZoneRecord): string {
  const data = recordTypeOf(type, recordClass).format(rdata);
  return `${formatName(owner)} ${ttlSeconds} ${formatRecordClass(recordClass)} ${formatRecordType(type)} ${data}`;
}

/** The record in canonical form (RFC 4034 §6.2), for comparing what two readers made of a file. */
export function canonicalRecord({
  owner,
  type,
  recordClass,
  ttlSeconds,
  rdata,
}: ZoneRecord): string {
  const data = formatHex(recordTypeOf(type, recordClass).canonical(rdata));
  return `${formatName(canonicalName(owner))} ${ttlSeconds} ${formatRecordType(type)} ${data}`;
}
