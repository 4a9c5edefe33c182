/** The fields of a zone's SOA that every negative answer and every transfer needs. */
import type { ArenaWriter } from '@riad/octets/arena';
import { rrset, zoneVersion } from './layout.ts';
import { blobOctet } from './rrset-view.ts';

/** Puts what a zone's SOA says into the zone's version. */
export function putSoaFields(
  writer: ArenaWriter,
  zone: number,
  soa: number,
  words: Int32Array,
  octets: Uint8Array,
): void {
  const end = blobOctet(words, soa) + (words[soa * 2 + rrset.sizes]! & 0xffff);
  const uint32 = (at: number): number =>
    ((octets[at]! << 24) | (octets[at + 1]! << 16) | (octets[at + 2]! << 8) | octets[at + 3]!) >>>
    0;
  writer.put(zone + zoneVersion.serial, uint32(end - 20));
  const ttl = words[soa * 2 + rrset.ttlSeconds]! >>> 0;
  writer.put(zone + zoneVersion.negativeTtlSeconds, Math.min(ttl, uint32(end - 4))); // RFC 2308 §3
}
