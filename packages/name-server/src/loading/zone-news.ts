/** What other threads are told of zones that have changed. */
import type { Name } from '@riad/dns/name';
import { nameServerAddresses } from '@riad/dns-server/notify/notify-targets';
import type { ZoneImage } from '@riad/dns-server/zone-image/zone-image';
import { soaRecord } from '@riad/dns-server/zone-image/zone-records';
import type { ZoneNews } from './loader-messages.ts';
import { servedZone } from './served-zones.ts';

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
