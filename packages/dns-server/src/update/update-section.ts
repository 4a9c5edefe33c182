/**
 * The update section (RFC 2136 §2.5, §3.4): first all of it is looked over, then applied in order to
 * contents that nobody sees yet. Not here: prerequisites, rights, the serial.
 */

import { RecordClass } from '@riad/dns/iana/classes';
import { Rcode } from '@riad/dns/iana/rcodes';
import { isMetaType, RecordTypeCode } from '@riad/dns/iana/record-types';
import type { ResourceRecord } from '@riad/dns/message';
import { equalNames, isSubdomain, type Name } from '@riad/dns/name';
import { serialOfSoa } from '@riad/dns/rdata/soa';
import { isNewerSerial } from '@riad/dns/serial';
import { hasWellFormedData } from './record-data.ts';
import type { ChangedContents, NameDraft } from './zone-contents.ts';

const { SOA, NS, CNAME, DNAME, RRSIG, NSEC, NSEC3, NSEC3PARAM, KEY, ANY, WKS } = RecordTypeCode;

/** Types that may stand beside a CNAME (RFC 4035 §2.5; KEY: RFC 2535 had it so, and RFC 3007 §3 relies on it). */
const besideCname: ReadonlySet<number> = new Set([RRSIG, NSEC, KEY]);
/** Of these a name has one at most: another one takes its place (RFC 2136 §3.4.2.2, RFC 6672 §5.2). */
const singletons: ReadonlySet<number> = new Set([CNAME, DNAME, SOA]);
const cnameAndBeside: ReadonlySet<number> = new Set([CNAME, ...besideCname]);
/** What a signer makes. Nothing here can sign, and half a chain would make the zone bogus. */
export const signersTypes: ReadonlySet<number> = new Set([RRSIG, NSEC, NSEC3, NSEC3PARAM]);

/** RFC 2136 §3.4.1: NOERROR if the whole section may be tried. */
export function prescan(updates: readonly ResourceRecord[], apexName: Name): number {
  for (const record of updates) {
    if (!isSubdomain(record.owner, apexName)) return Rcode.NOTZONE;
    const { type, ttlSeconds, rdata } = record;
    const meta = isMetaType(type);
    let wellFormed: boolean;
    if (record.class === RecordClass.IN) wellFormed = !meta && hasWellFormedData(record);
    else if (record.class === RecordClass.ANY)
      wellFormed = ttlSeconds === 0 && rdata.length === 0 && (!meta || type === ANY);
    else if (record.class === RecordClass.NONE)
      wellFormed = ttlSeconds === 0 && !meta && hasWellFormedData(record);
    else wellFormed = false;
    if (!wellFormed) return Rcode.FORMERR;
  }
  return Rcode.NOERROR;
}

/** Applies a section that passed the prescan; what the RFC skips in silence is skipped. */
export function applyUpdates(
  updates: readonly ResourceRecord[],
  apexName: Name,
  contents: ChangedContents,
): void {
  for (const record of updates) {
    const draft = contents.draftOf(record.owner);
    const apex = equalNames(record.owner, apexName);
    if (record.class === RecordClass.IN) add(draft, record, apex);
    else if (record.class === RecordClass.ANY) removeSet(draft, record.type, apex);
    else removeRecord(draft, record, apex);
  }
}

function add(
  draft: NameDraft,
  { owner, type, ttlSeconds, rdata }: ResourceRecord,
  apex: boolean,
): void {
  // A CNAME and other data exclude each other; who comes second is skipped (RFC 2136 §3.4.2.2).
  if (type === CNAME) {
    if (draft.hasBeside(cnameAndBeside)) return;
  } else if (draft.count(CNAME) > 0 && !besideCname.has(type)) return;
  if (type === SOA && !(apex && raisesSerial(draft, rdata))) return;
  if (singletons.has(type)) draft.removeWhere((other) => other.type === type);
  else if (type === WKS && draft.count(WKS) > 0)
    draft.removeWhere((other) => other.type === WKS && samePort(other.rdata, rdata));
  draft.add({ owner, type, ttlSeconds, rdata });
}

function raisesSerial(draft: NameDraft, rdata: Uint8Array): boolean {
  for (const { type, rdata: present } of draft.records.values())
    if (type === SOA) return isNewerSerial(serialOfSoa(rdata), serialOfSoa(present));
  return false;
}

/** RFC 2136 §3.4.2.2: WKS records with the same address and protocol are one. */
function samePort(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = 0; i < 5; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** RFC 2136 §3.4.2.3: SOA and NS of the apex survive. */
function removeSet(draft: NameDraft, type: number, apex: boolean): void {
  draft.removeWhere(
    (other) =>
      (type === ANY || other.type === type) && !(apex && (other.type === SOA || other.type === NS)),
  );
}

/** RFC 2136 §3.4.2.4: never the SOA, and not the last NS of the apex. */
function removeRecord(draft: NameDraft, { type, rdata }: ResourceRecord, apex: boolean): void {
  if (type === SOA || (apex && type === NS && draft.count(NS) === 1)) return;
  draft.remove(type, rdata);
}
