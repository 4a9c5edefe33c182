/** What the owner of a zone file will hardly have meant, though the service takes it. */
import type { Name } from '@riad/dns/name';
import { readZoneFile } from '@riad/dns/zonefile/reader';
import { CheckedZone } from '@riad/dns-server/zone-check/checked-zone';
import { checkZone } from '@riad/dns-server/zone-check/zone-check';
import type { LoadFault } from '@riad/dns-server/zone-loading/load-zone';

/** A text larger than this is checked for what would refuse it, and no further: that takes memory. */
export const maxCheckedOctets: number = 64 << 20;

/** Of a text without faults. */
export function warningsOf(
  apexName: Name,
  text: Uint8Array,
  file: string,
  include: (path: string) => Uint8Array | undefined,
  origin: Name = apexName,
): LoadFault[] {
  const checked = new CheckedZone(apexName);
  readZoneFile(text, { file, origin, include }, checked);
  return checkZone(checked).map((finding) => ({ ...finding, column: 1 }));
}
