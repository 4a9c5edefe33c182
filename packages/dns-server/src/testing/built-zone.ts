/** Zones for tests: built from text, read back as sorted lines, and changed. */
import { createHash } from 'node:crypto';
import { formatName, parseName } from '@riad/dns/name';
import { readRecords } from '@riad/dns/testing/zone-records';
import { readZoneFile } from '@riad/dns/zonefile/reader';
import { Arena } from '@riad/octets/arena';
import { encodeUtf8 } from '@riad/octets/utf8';
import { ZoneBuilder } from '../zone-image/zone-builder.ts';
import type { ZoneRecord } from '../zone-image/zone-commit.ts';
import { ZoneImage } from '../zone-image/zone-image.ts';
import { forEachRecord } from '../zone-image/zone-records.ts';

export const sha1 = (
  data: Uint8Array,
  start: number,
  end: number,
  out: Uint8Array,
  at: number,
): void => out.set(createHash('sha1').update(data.subarray(start, end)).digest(), at);

export function emptyImage(octets: number = 32 << 20): ZoneImage {
  return ZoneImage.create(Arena.reserve(octets), 0x5eed);
}

/** Hosts the zone that a master file describes; what is wrong with it is thrown. */
export function hostZone(image: ZoneImage, name: string, text: string): Uint8Array {
  const origin = parseName(name);
  const builder = new ZoneBuilder(image, origin, 100, sha1);
  const errors = readZoneFile(encodeUtf8(text), { file: name, origin }, builder);
  const zone = errors.length > 0 ? 0 : builder.finish(image.nextVersion, 0);
  if (zone === 0) throw new Error(JSON.stringify([errors, builder.faults]));
  image.publish(origin, zone, true);
  return origin;
}

/** The records of a master file. */
export function recordsOf(name: string, text: string): ZoneRecord[] {
  return readRecords(text, { origin: parseName(name) }).records.map(
    ({ owner, type, ttlSeconds, rdata }) => ({ owner, type, ttlSeconds, rdata }),
  );
}

/** Every record of a hosted zone as a line, sorted; [] when it is not hosted. */
export function linesOf(image: ZoneImage, apexName: Uint8Array): string[] {
  const zone = image.zoneOf(apexName);
  const records: ZoneRecord[] = [];
  if (zone !== 0) forEachRecord(image, zone, (record) => records.push(record));
  return sortedLines(records);
}

export function sortedLines(records: readonly ZoneRecord[]): string[] {
  return records.map(lineOf).sort();
}

export function lineOf({ owner, type, ttlSeconds, rdata }: ZoneRecord): string {
  return `${formatName(owner)} ${ttlSeconds} ${type} ${rdata.toHex()}`;
}
