/**
 * The prerequisites of an update (RFC 2136 §2.4, §3.2), judged by what stands at each name: wildcards
 * do not apply, a delegation hides nothing, and an empty non-terminal is a name that is not in use.
 */
import { RecordClass } from '@riad/dns/iana/classes';
import { Rcode } from '@riad/dns/iana/rcodes';
import { isMetaType, RecordTypeCode } from '@riad/dns/iana/record-types';
import type { ResourceRecord } from '@riad/dns/message';
import { isSubdomain, type Name, nameKey } from '@riad/dns/name';
import { hasWellFormedData } from './record-data.ts';
import { canonicalKey, type NameContents, type ZoneContents } from './zone-contents.ts';

/** NOERROR if all hold, else the code of the first that does not. */
export function judgePrerequisites(
  prerequisites: readonly ResourceRecord[],
  apexName: Name,
  contents: ZoneContents,
): number {
  /** Values asked for, by RRset: compared when all have been collected (§3.2.3). */
  const wanted = new Map<string, { owner: Name; type: number; keys: Set<string> }>();
  for (const record of prerequisites) {
    if (record.ttlSeconds !== 0) return Rcode.FORMERR; // §3.2.5, first line
    if (!isSubdomain(record.owner, apexName)) return Rcode.NOTZONE;
    const rcode = judge(record, contents.at(record.owner), wanted);
    if (rcode !== Rcode.NOERROR) return rcode;
  }
  for (const { owner, type, keys } of wanted.values()) {
    if (!hasExactly(contents.at(owner), type, keys)) return Rcode.NXRRSET;
  }
  return Rcode.NOERROR;
}

function judge(
  record: ResourceRecord,
  present: NameContents,
  wanted: Map<string, { owner: Name; type: number; keys: Set<string> }>,
): number {
  const { type, owner, rdata } = record;
  switch (record.class) {
    case RecordClass.ANY:
      if (rdata.length > 0) return Rcode.FORMERR;
      if (type === RecordTypeCode.ANY) return present.size > 0 ? Rcode.NOERROR : Rcode.NXDOMAIN; // §2.4.4
      if (isMetaType(type)) return Rcode.FORMERR;
      return hasType(present, type) ? Rcode.NOERROR : Rcode.NXRRSET; // §2.4.1
    case RecordClass.NONE:
      if (rdata.length > 0) return Rcode.FORMERR;
      if (type === RecordTypeCode.ANY) return present.size > 0 ? Rcode.YXDOMAIN : Rcode.NOERROR; // §2.4.5
      if (isMetaType(type)) return Rcode.FORMERR;
      return hasType(present, type) ? Rcode.YXRRSET : Rcode.NOERROR; // §2.4.3
    case RecordClass.IN: {
      if (isMetaType(type) || !hasWellFormedData(record)) return Rcode.FORMERR;
      const key = `${type} ${nameKey(owner)}`;
      const set = wanted.get(key) ?? { owner, type, keys: new Set<string>() };
      set.keys.add(canonicalKey(type, rdata));
      wanted.set(key, set);
      return Rcode.NOERROR; // §2.4.2: judged with the others of its set
    }
    default:
      return Rcode.FORMERR;
  }
}

function hasType(present: NameContents, type: number): boolean {
  for (const record of present.values()) if (record.type === type) return true;
  return false;
}

/** §3.2.3: the same records, their order and TTL aside. */
function hasExactly(present: NameContents, type: number, keys: ReadonlySet<string>): boolean {
  let found = 0;
  for (const [key, record] of present) {
    if (record.type !== type) continue;
    if (!keys.has(key)) return false;
    found++;
  }
  return found === keys.size;
}
