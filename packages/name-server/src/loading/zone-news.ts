/** What other threads are told of zones that have changed, and of the changes; apart from what a restart begins with. */
import { canonicalName, formatName, type Name } from '@riad/dns/name';
import { nameServerAddresses } from '@riad/dns-server/notify/notify-targets';
import { encodeZoneChange } from '@riad/dns-server/zone-history/zone-change';
import type { ZoneImage } from '@riad/dns-server/zone-image/zone-image';
import { soaRecord } from '@riad/dns-server/zone-image/zone-records';
import type { ServedChange, ZoneNews } from './loader-messages.ts';
import { servedZone } from './served-zones.ts';
import type { Published } from './zone-updates.ts';

/** What secondaries are told of a zone; undefined without it. `pending`: its text has not all of it. */
export function zoneNews(image: ZoneImage, apexName: Name, pending: boolean): ZoneNews | undefined {
  const zone = image.zoneOf(apexName);
  if (zone === 0) return undefined;
  return {
    zone: servedZone(image, zone),
    soa: soaRecord(image, zone),
    pending,
    nameServers: nameServerAddresses(image, apexName),
  };
}

export function servedChange({ sequence, record }: Published): ServedChange {
  return {
    zone: formatName(canonicalName(record.zone)),
    sequence,
    kind: record.kind,
    author: record.author,
    change: 'change' in record ? encodeZoneChange(record.change) : undefined,
    request: record.kind === 'update' ? record.request : undefined,
    ...(record.kind === 'confirmed'
      ? { confirmed: { serial: record.serial, expireSeconds: record.expireSeconds } }
      : {}),
  };
}
