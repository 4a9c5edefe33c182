/** What the service tells about zones in force. */
import { formatName } from '@riad/dns/name';
import { node, zoneFlag, zoneVersion } from '@riad/dns-server/zone-image/layout';
import type { ZoneImage } from '@riad/dns-server/zone-image/zone-image';
import type { ServedZone } from './loader-messages.ts';

export function servedZones(from: ZoneImage): ServedZone[] {
  const zones: ServedZone[] = [];
  from.forEachZone((zone) => zones.push(servedZone(from, zone)));
  return zones;
}

export function servedZone(from: ZoneImage, zone: number): ServedZone {
  const { words, octets } = from.writer;
  const word = zone * 2;
  const apex = words[word + zoneVersion.apex]!;
  const at = apex * 8 + node.nameOctet;
  const flags = words[word + zoneVersion.flags]!;
  return {
    name: formatName(octets.slice(at, at + (words[apex * 2 + node.info]! & 0xff))),
    serial: words[word + zoneVersion.serial]! >>> 0,
    records: words[word + zoneVersion.records]!,
    names: words[word + zoneVersion.nodes]!,
    signed:
      (flags & zoneFlag.nsec3) !== 0 ? 'nsec3' : (flags & zoneFlag.nsec) !== 0 ? 'nsec' : 'no',
    withheld: (flags & zoneFlag.withheld) !== 0,
  };
}
