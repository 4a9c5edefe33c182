/**
 * What a catalog zone says (RFC 9432 §4): its member zones with their properties. A catalog is used whole
 * or not at all: one that is broken changes nothing.
 */
import { RecordTypeCode } from '@riad/dns/iana/record-types';
import {
  canonicalName,
  isSubdomain,
  labelCount,
  labelsOf,
  type Name,
  nameKey,
} from '@riad/dns/name';
import { foldTable, textFromOctets } from '@riad/octets/ascii';
import type { ZoneRecord } from '../zone-image/zone-commit.ts';

export type CatalogMember = {
  readonly zone: Name;
  /** The label of its own, in lower case: when it changes, the zone starts afresh (RFC 9432 §5.4). */
  readonly unique: string;
  /** The catalog that the zone is to move to (§4.3.1). */
  readonly movesTo: Name | undefined;
  /** How the zone is to be treated, as those who run both sides have agreed (§4.3.2). */
  readonly groups: readonly string[];
};

export type Catalog =
  /** Members by their names in lower case, as `nameKey` has them. */
  | { readonly ok: true; readonly members: ReadonlyMap<string, CatalogMember> }
  | { readonly ok: false; readonly code: keyof typeof codes; readonly message: string };

export const codes = {
  'catalog.version': 'a catalog zone has no version, several, or one that is not known here',
  'catalog.member-twice': 'a catalog zone has the same member twice',
  'catalog.several': 'a catalog zone has several values where only one may be',
  'catalog.too-many': 'a catalog zone has more members than can be kept',
} as const;

/** As many as zones that are kept as copies. */
export const maxCatalogMembers = 100_000;

type Found = { zones: Name[]; movesTo: Name[]; groups: string[] };

export function readCatalog(apex: Name, records: Iterable<ZoneRecord>): Catalog {
  const depth = labelCount(apex);
  const versions: string[] = [];
  const byUnique = new Map<string, Found>();
  for (const { owner, type, rdata } of records) {
    if (type !== RecordTypeCode.PTR && type !== RecordTypeCode.TXT) continue; // §4.1: not ours to mind
    if (!isSubdomain(owner, apex)) continue;
    const labels = labelsOf(owner).map(labelText);
    const own = labels.slice(0, labels.length - depth);
    if (own.length === 1 && own[0] === 'version' && type === RecordTypeCode.TXT) {
      versions.push(...stringsOf(rdata).slice(0, 2));
      continue;
    }
    if (own.at(-1) !== 'zones' || own.length < 2 || own.length > 3) continue;
    const found = foundAt(byUnique, own.at(-2)!);
    const property = own.length === 3 ? own[0] : undefined;
    if (property === undefined && type === RecordTypeCode.PTR)
      found.zones.push(canonicalName(rdata));
    else if (property === 'coo' && type === RecordTypeCode.PTR) {
      found.movesTo.push(canonicalName(rdata));
    } else if (property === 'group' && type === RecordTypeCode.TXT) {
      found.groups.push(stringsOf(rdata).join(''));
    }
  }
  // §4.2.1: one record with one value; another version may mean anything.
  if (versions.length !== 1 || versions[0] !== '2') return broken('catalog.version');
  const members = new Map<string, CatalogMember>();
  for (const [unique, { zones, movesTo, groups }] of byUnique) {
    if (zones.length > 1 || movesTo.length > 1) return broken('catalog.several'); // §4.1, §4.3.1
    const [zone] = zones;
    if (zone === undefined) continue; // properties of nobody
    const key = nameKey(zone);
    if (members.has(key)) return broken('catalog.member-twice'); // §4.1
    if (members.size === maxCatalogMembers) return broken('catalog.too-many');
    members.set(key, { zone, unique, movesTo: movesTo[0], groups: groups.sort() });
  }
  return { ok: true, members };
}

function broken(code: keyof typeof codes): Catalog {
  return { ok: false, code, message: codes[code] };
}

function foundAt(byUnique: Map<string, Found>, unique: string): Found {
  let found = byUnique.get(unique);
  if (found === undefined) {
    found = { zones: [], movesTo: [], groups: [] };
    byUnique.set(unique, found);
  }
  return found;
}

function labelText(label: Uint8Array): string {
  return textFromOctets(label.map((octet) => foldTable[octet]!));
}

function stringsOf(rdata: Uint8Array): string[] {
  const strings: string[] = [];
  for (let at = 0; at < rdata.length; at += 1 + rdata[at]!) {
    strings.push(textFromOctets(rdata, at + 1, at + 1 + rdata[at]!));
  }
  return strings;
}
