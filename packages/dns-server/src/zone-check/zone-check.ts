/**
 * Looks at a zone that can be served for what its owner will hardly have meant. Each finding is a
 * warning: the zone is served as it stands.
 */
import { type CheckedRecord, type CheckedZone, nameIn } from './checked-zone.ts';

export type ZoneWarning = {
  readonly code: keyof typeof warnings;
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  readonly message: string;
};

/** The codes of warnings, with one sentence each. */
export const warnings = {
  'check.single-ns': 'the zone has one name server only',
  'check.ns-address': 'a target looks like an address; NS, MX and SRV take names',
  'check.glue-missing': 'a name server below its own delegation has no address record',
  'check.target-missing': 'a target inside the zone does not exist',
  'check.target-alias': 'the target of NS, MX or SRV is an alias',
  'check.target-address': 'a name server or mail host inside the zone has no address',
  'check.occluded': 'a record below a delegation or DNAME is never given out',
  'check.outside-glue': 'the address of a name server outside the zone is left out',
  'check.name-twice': 'a name has the zone’s name at its end twice: a final dot is missing',
  'check.ttl-differs': 'records of one RRset have different TTLs; the first is taken',
  'check.spf-twice': 'a name has more than one SPF record',
  'check.soa-expire': 'the zone expires at secondaries before they have tried again',
  'check.soa-negative': 'answers that a name does not exist are kept for more than a day',
} as const;

/** More would not be read. */
export const maxZoneWarnings = 100;

const typeA = 1;
const typeNs = 2;
const typeCname = 5;
const typeSoa = 6;
const typeMx = 15;
const typeTxt = 16;
const typeAaaa = 28;
const typeSrv = 33;
const typeRrsig = 46;
const typeNsec = 47;
const typeNsec3 = 50;
const daySeconds = 86_400;

/** Octets before the name in the RDATA of types that point to hosts. */
const hostTypes = new Map([
  [typeNs, { skip: 0, text: 'NS' }],
  [typeMx, { skip: 2, text: 'MX' }],
  [typeSrv, { skip: 6, text: 'SRV' }],
]);

export function checkZone(zone: CheckedZone): ZoneWarning[] {
  const found: ZoneWarning[] = [];
  const warn: Warn = (code, { file, line }, message) => {
    if (found.length < maxZoneWarnings) found.push({ code, file, line, message });
  };
  const servers = zone.of(zone.apex, typeNs);
  if (servers.length === 1)
    warn(
      'check.single-ns',
      servers[0]!,
      'the zone has one name server only; while it is away the zone is gone (RFC 2182 §5)',
    );
  checkSoa(zone, warn);
  for (const [owner, records] of zone.names) {
    if (found.length === maxZoneWarnings) break;
    if (!zone.contains(owner)) {
      warn(
        'check.outside-glue',
        records[0]!,
        `${owner} lies outside the zone; its addresses are not given out from here`,
      );
      continue;
    }
    if (zone.hasApexTwice(owner))
      warn('check.name-twice', records[0]!, twiceSentence(owner, zone.apex));
    checkRrsets(owner, records, warn);
    if (isOccluded(zone, owner, records, warn)) continue;
    for (const record of records) checkTarget(zone, owner, record, warn);
  }
  return found.sort((a, b) => a.line - b.line);
}

type Warn = (code: ZoneWarning['code'], at: CheckedRecord, message: string) => void;

function checkSoa(zone: CheckedZone, warn: Warn): void {
  const [soa] = zone.of(zone.apex, typeSoa);
  if (soa === undefined) return;
  const { rdata } = soa;
  const view = new DataView(rdata.buffer, rdata.byteOffset, rdata.length);
  // SERIAL, REFRESH, RETRY, EXPIRE, MINIMUM (RFC 1035 §3.3.13)
  const [refresh, retry, expire, minimum] = [16, 12, 8, 4].map((back) =>
    view.getUint32(rdata.length - back),
  ) as [number, number, number, number];
  if (expire <= refresh + retry)
    warn(
      'check.soa-expire',
      soa,
      `secondaries forget the zone after ${expire} s, but look for a new one after ${refresh} s and again after ${retry} s; give EXPIRE a week or more (RFC 1912 §2.2)`,
    );
  if (Math.min(minimum, soa.ttlSeconds) > daySeconds)
    warn(
      'check.soa-negative',
      soa,
      `a name that is added may be unknown to others for ${Math.min(minimum, soa.ttlSeconds)} s; lower the last number of the SOA (RFC 2308 §5)`,
    );
}

function checkRrsets(owner: string, records: readonly CheckedRecord[], warn: Warn): void {
  const ttls = new Map<number, number>();
  let policies = 0;
  for (const record of records) {
    const { type, ttlSeconds, rdata } = record;
    if (type === typeRrsig) continue;
    const first = ttls.get(type);
    if (first === undefined) ttls.set(type, ttlSeconds);
    else if (first !== ttlSeconds)
      warn(
        'check.ttl-differs',
        record,
        `${owner} has records of one type with TTLs ${first} and ${ttlSeconds}; all get ${first} (RFC 2181 §5.2)`,
      );
    if (type === typeTxt && isSpf(rdata) && ++policies === 2)
      warn(
        'check.spf-twice',
        record,
        `${owner} has more than one SPF record, which counts as none (RFC 7208 §4.5)`,
      );
  }
}

function isSpf(rdata: Uint8Array): boolean {
  const start = 'v=spf1';
  if (rdata[0]! < start.length) return false;
  for (let i = 0; i < start.length; i++)
    if ((rdata[1 + i]! | 32) !== (start.charCodeAt(i) | 32)) return false;
  return rdata[0] === start.length || rdata[1 + start.length] === 0x20;
}

/** Data below a cut or a DNAME; addresses below a cut are glue and belong there. */
function isOccluded(
  zone: CheckedZone,
  owner: string,
  records: readonly CheckedRecord[],
  warn: Warn,
): boolean {
  const barrier = zone.barrierAbove(owner);
  if (barrier === undefined || barrier.name === owner) return false;
  const hidden = records.find(
    ({ type }) =>
      type !== typeRrsig &&
      type !== typeNsec &&
      type !== typeNsec3 &&
      (barrier.type !== typeNs || (type !== typeA && type !== typeAaaa)),
  );
  if (hidden !== undefined)
    warn(
      'check.occluded',
      hidden,
      `${owner} lies below the ${barrier.type === typeNs ? 'delegation of' : 'DNAME of'} ${barrier.name}; it is never given out`,
    );
  return true;
}

function checkTarget(zone: CheckedZone, owner: string, record: CheckedRecord, warn: Warn): void {
  const { type, rdata } = record;
  if (type === typeCname) {
    const target = nameIn(rdata, 0);
    if (zone.hasApexTwice(target))
      warn('check.name-twice', record, twiceSentence(target, zone.apex));
    else if (isMissing(zone, target))
      warn(
        'check.target-missing',
        record,
        `${owner} is an alias of ${target}, which does not exist`,
      );
    return;
  }
  const host = hostTypes.get(type);
  if (host === undefined) return;
  const target = nameIn(rdata, host.skip);
  if (target === '.') return; // RFC 7505, RFC 2782: no such service
  if (/^\d+\.\d+\.\d+\.\d+\./.test(target)) {
    warn(
      'check.ns-address',
      record,
      `${target} looks like an address; ${host.text} takes the name of a host`,
    );
    return;
  }
  if (!zone.contains(target)) return;
  if (zone.hasApexTwice(target)) {
    warn('check.name-twice', record, twiceSentence(target, zone.apex));
    return;
  }
  const barrier = zone.barrierAbove(target);
  if (barrier !== undefined) {
    // RFC 9471 §2: without its address nobody finds the way to a name server below its own cut.
    if (
      type === typeNs &&
      barrier.type === typeNs &&
      barrier.name === owner &&
      !hasAddress(zone, target)
    )
      warn(
        'check.glue-missing',
        record,
        `${owner} is delegated to ${target}, which lies below it and has no A or AAAA record here`,
      );
    return;
  }
  if (!zone.exists(target))
    warn(
      'check.target-missing',
      record,
      `${host.text} of ${owner} points to ${target}, which does not exist`,
    );
  else if (zone.isAlias(target))
    warn(
      'check.target-alias',
      record,
      `${host.text} of ${owner} points to ${target}, which is an alias (RFC 2181 §10.3)`,
    );
  else if (!hasAddress(zone, target))
    warn(
      'check.target-address',
      record,
      `${host.text} of ${owner} points to ${target}, which has no A or AAAA record`,
    );
}

function twiceSentence(name: string, apex: string): string {
  return `${name} has ${apex} at its end twice: is a final dot missing?`;
}

function isMissing(zone: CheckedZone, name: string): boolean {
  return zone.contains(name) && zone.barrierAbove(name) === undefined && !zone.exists(name);
}

function hasAddress(zone: CheckedZone, name: string): boolean {
  const source = zone.barrierAbove(name) === undefined ? zone.sourceOf(name) : name;
  return zone.of(source, typeA).length > 0 || zone.of(source, typeAaaa).length > 0;
}
