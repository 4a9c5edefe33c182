/**
 * Dynamic updates as the pseudo-code of RFC 2136 has them (§3.2.5, §3.4.2.7), over a plain list of records
 * and with nothing in common with the engine. All names are in lower case here. What the engine adds is
 * RFC 2181 §5.2: the TTL of a record that is added becomes that of its RRset.
 */
import { Rcode } from '@riad/dns/iana/rcodes';
import type { ResourceRecord } from '@riad/dns/message';
import type { Name } from '@riad/dns/name';
import type { ZoneRecord } from '../../zone-image/zone-commit.ts';
import { type Contents, ContentsSum } from './contents.ts';

const typeNs = 2;
const typeCname = 5;
const typeSoa = 6;
const typeAny = 255;
const classIn = 1;
const classNone = 254;

export type LiteralOutcome = { readonly rcode: number; readonly contents: Contents };

/** `octets`: of the RDATA, which compare as text. */
type Kept = {
  readonly owner: string;
  readonly name: Name;
  readonly type: number;
  ttlSeconds: number;
  rdata: string;
  octets: Uint8Array;
};

export function literalUpdate(
  given: readonly ZoneRecord[],
  apexName: Name,
  prerequisites: readonly ResourceRecord[],
  updates: readonly ResourceRecord[],
): LiteralOutcome {
  const zone = given.map(keep);
  const rcode = judge(zone, prerequisites.map(keepWithClass));
  const before = contentsOf(zone);
  if (rcode !== Rcode.NOERROR) return { rcode, contents: before };
  const serialBefore = serialOf(zone);
  const apex = apexName.toHex();
  for (const update of updates) apply(zone, apex, keepWithClass(update));
  const after = contentsOf(zone);
  if (after === before || isNewer(serialOf(zone), serialBefore)) return { rcode, contents: after };
  const soa = zone.find(({ type }) => type === typeSoa)!;
  soa.octets = soa.octets.slice();
  const next = serialBefore === 0xffff_ffff ? 1 : serialBefore + 1; // RFC 2136 §3.6
  new DataView(soa.octets.buffer).setUint32(soa.octets.length - 20, next);
  return { rcode, contents: contentsOf(zone) };
}

type Classed = Kept & { readonly recordClass: number };

/** §3.2.5. */
function judge(zone: readonly Kept[], prerequisites: readonly Classed[]): number {
  const wanted = new Map<string, Classed[]>();
  for (const one of prerequisites) {
    const atName = zone.filter(({ owner }) => owner === one.owner);
    const ofType = atName.filter(({ type }) => type === one.type);
    if (one.recordClass === classIn) {
      const key = `${one.owner} ${one.type}`;
      wanted.set(key, [...(wanted.get(key) ?? []), one]);
      continue;
    }
    const any = one.type === typeAny;
    const exists = (any ? atName : ofType).length > 0;
    if (one.recordClass === classNone) {
      if (exists) return any ? Rcode.YXDOMAIN : Rcode.YXRRSET;
    } else if (!exists) return any ? Rcode.NXDOMAIN : Rcode.NXRRSET;
  }
  for (const values of wanted.values()) {
    const [{ owner, type }] = values as [Classed];
    const there = zone.filter((each) => each.owner === owner && each.type === type);
    const same =
      there.every(({ rdata }) => values.some((value) => value.rdata === rdata)) &&
      values.every(({ rdata }) => there.some((value) => value.rdata === rdata));
    if (!same) return Rcode.NXRRSET;
  }
  return Rcode.NOERROR;
}

/** §3.4.2.7. */
function apply(zone: Kept[], apex: string, update: Classed): void {
  const { owner, name, type, rdata, octets, ttlSeconds, recordClass } = update;
  const atName = zone.filter((each) => each.owner === owner);
  const remove = (goes: (each: Kept) => boolean): void => {
    for (const each of atName) if (goes(each)) zone.splice(zone.indexOf(each), 1);
  };
  if (recordClass === classIn) {
    const others = atName.filter((each) => each.type !== typeCname);
    if (type === typeCname ? others.length > 0 : others.length < atName.length) return;
    const rrset = atName.filter((each) => each.type === type);
    if (type === typeSoa) {
      const [present] = rrset;
      if (present === undefined || !isNewer(serialIn(rdata), serialIn(present.rdata))) return;
    }
    const replaced = rrset.find(
      (each) => type === typeCname || type === typeSoa || each.rdata === rdata,
    );
    if (replaced === undefined) zone.push({ owner, name, type, ttlSeconds, rdata, octets });
    else Object.assign(replaced, { rdata, octets });
    for (const each of rrset) each.ttlSeconds = ttlSeconds;
  } else if (recordClass === classNone) {
    if (type === typeSoa) return;
    const servers = atName.filter((each) => each.type === typeNs);
    if (type === typeNs && owner === apex && servers.length === 1) return;
    remove((each) => each.type === type && each.rdata === rdata);
  } else {
    remove((each) => {
      const protectedOne = owner === apex && (each.type === typeSoa || each.type === typeNs);
      return (type === typeAny || each.type === type) && !protectedOne;
    });
  }
}

function keep({ owner, type, ttlSeconds, rdata }: ZoneRecord): Kept {
  const [name, octets] = [owner, rdata];
  return { owner: owner.toHex(), name, type, ttlSeconds, rdata: rdata.toHex(), octets };
}

function keepWithClass(record: ResourceRecord): Classed {
  return { ...keep(record), recordClass: record.class };
}

function contentsOf(zone: readonly Kept[]): Contents {
  const sum = new ContentsSum();
  for (const { name: owner, type, ttlSeconds, octets: rdata } of zone)
    sum.add({ owner, type, ttlSeconds, rdata });
  return sum.contents;
}

function serialOf(zone: readonly Kept[]): number {
  return serialIn(zone.find(({ type }) => type === typeSoa)!.rdata);
}

/** RFC 1035 §3.3.13: four numbers follow it. */
function serialIn(rdata: string): number {
  return Number.parseInt(rdata.slice(-40, -32), 16);
}

/** RFC 1982 §3.2, as it stands there. */
function isNewer(a: number, b: number): boolean {
  return (a < b && b - a > 2 ** 31) || (a > b && a - b < 2 ** 31);
}
