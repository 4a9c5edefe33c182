/** A zone as the literal reading holds it: its records in plain lists, and the names that exist. */
import { RecordTypeCode as Type } from '@riad/dns/iana/record-types';
import type { ResourceRecord } from '@riad/dns/message';
import { isSubdomain, type Name, nameKey, parentName, parseName } from '@riad/dns/name';
import { readZoneFile } from '@riad/dns/zonefile/reader';
import { encodeUtf8 } from '@riad/octets/utf8';
import type { ServedZone } from '../../../peers/server.ts';

export type LiteralZone = {
  readonly apex: Name;
  /** The records of each owner, by the owner's name without case. */
  readonly records: ReadonlyMap<string, readonly ResourceRecord[]>;
  /** Owners, and the empty non-terminals above them (RFC 4592 §2.2.2). */
  readonly existing: ReadonlySet<string>;
};

export function literalZone({ name, text }: ServedZone): LiteralZone {
  const apex = parseName(name === '.' ? '.' : `${name.replace(/\.$/, '')}.`);
  const records = new Map<string, ResourceRecord[]>();
  const errors = readZoneFile(
    typeof text === 'string' ? encodeUtf8(text) : text,
    { file: name, origin: apex },
    {
      record(ownerBuffer, ownerLength, _same, type, recordClass, ttlSeconds, rdata, start, end) {
        const owner = ownerBuffer.slice(0, ownerLength);
        const list = records.get(nameKey(owner)) ?? [];
        records.set(nameKey(owner), list);
        list.push({ owner, type, class: recordClass, ttlSeconds, rdata: rdata.slice(start, end) });
      },
    },
  );
  if (errors.length > 0) throw new Error(errors.map(({ message }) => message).join('; '));
  const existing = new Set<string>();
  for (const list of records.values()) {
    // RFC 5155 §7.2.8: owners of nothing but NSEC3 and its signatures are no names of the zone.
    if (list.every((record) => typeDenied(record) === Type.NSEC3)) continue;
    for (
      let at: Name | undefined = list[0]!.owner;
      at !== undefined && isSubdomain(at, apex);
      at = parentName(at)
    ) {
      existing.add(nameKey(at));
    }
  }
  return { apex, records, existing };
}

/** The type of a record; of a signature, the type it signs. */
function typeDenied({ type, rdata }: ResourceRecord): number {
  return type === Type.RRSIG ? typeCovered(rdata) : type;
}

export function typeCovered(rrsig: Uint8Array): number {
  return (rrsig[0]! << 8) | rrsig[1]!; // RFC 4034 §3.1.1
}

export function recordsAt(zone: LiteralZone, name: Name): readonly ResourceRecord[] {
  return zone.records.get(nameKey(name)) ?? [];
}

export function rrset(zone: LiteralZone, name: Name, type: number): ResourceRecord[] {
  return recordsAt(zone, name).filter((record) => record.type === type);
}

export function signatures(zone: LiteralZone, name: Name, type: number): ResourceRecord[] {
  return rrset(zone, name, Type.RRSIG).filter(({ rdata }) => typeCovered(rdata) === type);
}

export function exists(zone: LiteralZone, name: Name): boolean {
  return zone.existing.has(nameKey(name));
}
