/** The records of a catalog zone of the zones that are served here (RFC 9432 §4), for secondaries to follow. */

import { RecordTypeCode } from '@riad/dns/iana/record-types';
import { appendName, canonicalName, type Name, nameFromLabels } from '@riad/dns/name';
import { soa } from '@riad/dns/rdata/soa';
import { octetsFromText } from '@riad/octets/ascii';
import { formatBase32hex } from '@riad/octets/base32hex';
import { Writer } from '@riad/octets/writer';
import type { Sha1 } from '../zone-image/denial-index.ts';
import type { ZoneRecord } from '../zone-image/zone-commit.ts';
import type { CatalogMember } from './read-catalog.ts';

export type CatalogTimes = {
  readonly serial: number;
  readonly refresh: number;
  readonly retry: number;
  readonly expire: number;
};

const ttlSeconds = 3600;
/** RFC 9432 §4: nobody asks for a catalog's name servers, so that none need be named. */
const nobody: Name = nameFromLabels([octetsFromText('invalid')]);
/** RFC 1035 §3.3: a group is one character string. */
export const maxGroupOctets = 255;

/**
 * The label of its own that a zone has in a catalog: the same for as long as the zone is the same, and
 * another when it was taken away and made again (`incarnation` tells the two apart).
 */
export function uniqueLabel(zone: Name, incarnation: number, sha1: Sha1): string {
  const input = new Writer(64);
  input.octets(canonicalName(zone));
  input.uint32(incarnation);
  const digest = new Uint8Array(20);
  sha1(input.buffer, 0, input.position, digest, 0);
  return formatBase32hex(digest).toLowerCase();
}

/** All records of a catalog, its SOA first. Throws RangeError when the catalog's name is too long for its members. */
export function catalogRecords(
  apex: Name,
  times: CatalogTimes,
  members: Iterable<CatalogMember>,
): ZoneRecord[] {
  const records: ZoneRecord[] = [
    catalogSoa(apex, times),
    { owner: apex, type: RecordTypeCode.NS, ttlSeconds, rdata: nobody },
    { owner: below(apex, 'version'), type: RecordTypeCode.TXT, ttlSeconds, rdata: text('2') },
  ];
  for (const member of members) records.push(...memberRecords(apex, member));
  return records;
}

export function catalogSoa(apex: Name, times: CatalogTimes): ZoneRecord {
  const rdata = new Writer(64);
  soa.encode({ primary: nobody, mailbox: nobody, ...times, minimum: 0 }, rdata);
  return { owner: apex, type: RecordTypeCode.SOA, ttlSeconds, rdata: rdata.copy() };
}

/** What a catalog says of one member: that it is one (§4.1), and its properties (§4.3). */
export function memberRecords(
  apex: Name,
  { zone, unique, movesTo, groups }: CatalogMember,
): ZoneRecord[] {
  const owner = below(apex, unique, 'zones');
  const records: ZoneRecord[] = [{ owner, type: RecordTypeCode.PTR, ttlSeconds, rdata: zone }];
  if (movesTo !== undefined) {
    const coo = below(apex, 'coo', unique, 'zones');
    records.push({ owner: coo, type: RecordTypeCode.PTR, ttlSeconds, rdata: movesTo });
  }
  for (const group of groups) {
    const at = below(apex, 'group', unique, 'zones');
    records.push({ owner: at, type: RecordTypeCode.TXT, ttlSeconds, rdata: text(group) });
  }
  return records;
}

function below(apex: Name, ...labels: string[]): Name {
  const name = appendName(nameFromLabels(labels.map(octetsFromText)), apex);
  if (name === undefined) throw new RangeError('apex: its name is too long for a catalog');
  return name;
}

/** TXT of one character string; a longer one is the caller's fault. */
function text(value: string): Uint8Array {
  const octets = octetsFromText(value);
  if (octets.length > maxGroupOctets) throw new RangeError('a group has more than 255 octets');
  return Uint8Array.of(octets.length, ...octets);
}
