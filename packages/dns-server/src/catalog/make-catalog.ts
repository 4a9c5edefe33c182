/** A catalog zone of the zones that are served here (RFC 9432 §4), for secondaries to follow. */

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

/**
 * The label of its own that a zone has in a catalog: the same for as long as the zone is the same, and
 * another when it was taken away and made again (`incarnation` counts that).
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
  const soaData = new Writer(64);
  soa.encode({ primary: nobody, mailbox: nobody, ...times, minimum: 0 }, soaData);
  const records: ZoneRecord[] = [
    { owner: apex, type: RecordTypeCode.SOA, ttlSeconds, rdata: soaData.copy() },
    { owner: apex, type: RecordTypeCode.NS, ttlSeconds, rdata: nobody },
    { owner: below(apex, 'version'), type: RecordTypeCode.TXT, ttlSeconds, rdata: text('2') },
  ];
  for (const { zone, unique, movesTo, groups } of members) {
    const owner = below(apex, unique, 'zones');
    records.push({ owner, type: RecordTypeCode.PTR, ttlSeconds, rdata: zone });
    if (movesTo !== undefined) {
      const coo = below(apex, 'coo', unique, 'zones');
      records.push({ owner: coo, type: RecordTypeCode.PTR, ttlSeconds, rdata: movesTo });
    }
    for (const group of groups) {
      const at = below(apex, 'group', unique, 'zones');
      records.push({ owner: at, type: RecordTypeCode.TXT, ttlSeconds, rdata: text(group) });
    }
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
  if (octets.length > 255) throw new RangeError('a group has more than 255 octets');
  return Uint8Array.of(octets.length, ...octets);
}
