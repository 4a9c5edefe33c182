/** A hosted zone as the text of a master file, in canonical order. */
import { compareNames, type Name } from '@riad/dns/name';
import { formatZone } from '@riad/dns/zonefile/writer';
import { octetsFromText } from '@riad/octets/ascii';
import type { ZoneRecord } from '../zone-image/zone-commit.ts';
import type { ZoneImage } from '../zone-image/zone-image.ts';
import { forEachRecord } from '../zone-image/zone-records.ts';

/** `zone`: an element of its chain, or one that is only built; the zone in force unless given. */
export function printZone(
  image: ZoneImage,
  apexName: Name,
  zone: number = image.zoneOf(apexName),
): Uint8Array {
  const records: ZoneRecord[] = [];
  if (zone !== 0) forEachRecord(image, zone, (record) => records.push(record));
  const [soa, ...others] = records;
  others.sort((a, b) => compareNames(a.owner, b.owner) || a.type - b.type);
  const all = soa === undefined ? [] : [soa, ...others];
  return octetsFromText(
    [
      ...formatZone(
        all.map((record) => ({ ...record, recordClass: 1 })),
        apexName,
      ),
    ].join(''),
  );
}
