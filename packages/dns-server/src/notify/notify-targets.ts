/**
 * Who is told of a change (RFC 1996 §2.1): the name servers of the zone except the one that its SOA
 * names as primary, as far as their addresses stand in our own data, glue included; and whoever keys
 * and registrations add. A peer with a key is told with it, once.
 */
import { canonicalName, equalNames, type Name, parentName } from '@riad/dns/name';
import { formatIpv4, formatIpv6 } from '@riad/octets/ip-address';
import { node, zoneVersion } from '../zone-image/layout.ts';
import { findRrset } from '../zone-image/node-version.ts';
import { RecordBuffer } from '../zone-image/record-buffer.ts';
import { unpackRrset } from '../zone-image/rrset-view.ts';
import type { ZoneImage } from '../zone-image/zone-image.ts';
import type { NotifyTarget } from './notify-sender.ts';

const typeA = 1;
const typeNs = 2;
const typeSoa = 6;
const typeAaaa = 28;

/** Secondaries of one zone that are told; nobody lists more. */
export const maxNotifyTargets = 64;

/** The addresses of the name servers of a hosted zone that are not its primary, as text. */
export function nameServerAddresses(image: ZoneImage, zoneName: Name): string[] {
  const zone = image.zoneOf(zoneName);
  if (zone === 0) return [];
  const [soa] = rdataOf(image, zone, zoneName, typeSoa);
  const primary = soa === undefined ? undefined : soa.subarray(0, nameOctets(soa));
  const addresses = new Set<string>();
  for (const server of rdataOf(image, zone, zoneName, typeNs)) {
    if (primary !== undefined && equalNames(server, primary)) continue;
    for (const address of addressesOf(image, zone, server)) addresses.add(address);
  }
  return [...addresses].slice(0, maxNotifyTargets);
}

/** What our own data says of a name: the zone itself with its glue first, then the zone it is in. */
function addressesOf(image: ZoneImage, zone: number, name: Name): string[] {
  const found = addressesIn(image, zone, name);
  if (found.length > 0) return found;
  for (
    let apex: Name | undefined = canonicalName(name);
    apex !== undefined;
    apex = parentName(apex)
  ) {
    const other = image.zoneOf(apex);
    if (other !== 0) return other === zone ? [] : addressesIn(image, other, name);
  }
  return [];
}

function addressesIn(image: ZoneImage, zone: number, name: Name): string[] {
  return [typeA, typeAaaa]
    .flatMap((type) => rdataOf(image, zone, name, type))
    .map((rdata) => (rdata.length === 4 ? formatIpv4(rdata) : formatIpv6(rdata)));
}

/** The RDATA of an RRset in a zone's newest version. */
function rdataOf(image: ZoneImage, zone: number, name: Name, type: number): Uint8Array[] {
  const { words, octets } = image.writer;
  const reference = image.namesOf(zone).find(name, 0);
  const version = reference === 0 ? 0 : words[reference * 2 + node.head]!;
  const found = version === 0 ? 0 : findRrset(words, version, type);
  if (found === 0) return [];
  const records = new RecordBuffer();
  const apex = words[zone * 2 + zoneVersion.apex]!;
  unpackRrset(words, octets, found, reference, apex, false, records);
  return Array.from({ length: records.count }, (_, i) =>
    records.data.slice(records.spans[i * 2]!, records.spans[i * 2 + 1]!),
  );
}

function nameOctets(data: Uint8Array): number {
  let at = 0;
  while (data[at]! !== 0) at += data[at]! + 1;
  return at + 1;
}

/**
 * All targets, each once: an address that a key brings is not told a second time without it. `own`:
 * addresses that we ourselves listen on.
 */
export function notifyTargets(
  nameServers: readonly string[],
  keyPeers: readonly { readonly address: string; readonly port: number; readonly key: string }[],
  registered: readonly NotifyTarget[],
  own: ReadonlySet<string>,
  port: number = 53,
): NotifyTarget[] {
  const byAddress = new Map<string, NotifyTarget>();
  for (const { address, port: keyPort, key } of keyPeers) {
    if (own.has(address)) continue;
    byAddress.set(address, { via: 'address', endpoint: { address, port: keyPort }, key });
  }
  for (const address of nameServers) {
    if (own.has(address) || byAddress.has(address)) continue;
    byAddress.set(address, { via: 'address', endpoint: { address, port }, key: undefined });
  }
  return [...byAddress.values(), ...registered];
}
