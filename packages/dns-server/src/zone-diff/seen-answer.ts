/** An answer as its asker understands it (RFC 2308 §2, RFC 1034 §4.3.2), and whether two say the same. */

import { Rcode } from '@riad/dns/iana/rcodes';
import { RecordTypeCode } from '@riad/dns/iana/record-types';
import { decodeMessage, type Message, type ResourceRecord } from '@riad/dns/message';
import { equalNames, isSubdomain, type Name, nameKey } from '@riad/dns/name';
import { recordTypeOf } from '@riad/dns/rdata/registry';
import { soaWithSerial } from '@riad/dns/rdata/soa';

const { NS, CNAME, DNAME, A, AAAA, SOA } = RecordTypeCode;

export type SeenOutcome =
  /** Records of the type. */
  | 'answer'
  /** An alias whose target gives no records of the type here: it leads elsewhere, to nothing, or round in a circle. */
  | 'alias'
  | 'referral'
  | 'no-data'
  | 'name-error'
  /** The zone is not served. */
  | 'not-served'
  | 'failure';

export type SeenAnswer = {
  readonly outcome: SeenOutcome;
  /** Of the answer section; with a referral the NS records of the cut. */
  readonly records: readonly ResourceRecord[];
  /** With a referral: addresses of name servers below the cut. */
  readonly glue: readonly ResourceRecord[];
  /** For how long others keep it. */
  readonly ttlSeconds: number;
  /** An alias led to a name that does not exist, or has nothing of the type, in a zone served here. */
  readonly endsInNothing: boolean;
  readonly fromWildcard: boolean;
};

export const notServed: SeenAnswer = {
  outcome: 'not-served',
  records: [],
  glue: [],
  ttlSeconds: 0,
  endsInNothing: false,
  fromWildcard: false,
};

export function readAnswer(octets: Uint8Array, type: number, fromWildcard: boolean): SeenAnswer {
  const decoded = decodeMessage(octets.slice());
  if (!decoded.ok) throw decoded.error; // ours: that would be our bug
  const message = decoded.value;
  const { answers, authorities, rcode } = message;
  const soa = authorities.find((record) => record.type === SOA);
  const seen = {
    records: answers,
    glue: [],
    ttlSeconds: leastTtl(answers.length > 0 ? answers : soa === undefined ? [] : [soa]),
    endsInNothing: false,
    fromWildcard,
  };
  if (rcode === Rcode.REFUSED) return notServed;
  if (answers.length > 0) {
    const alias = answers.some((record) => record.type === CNAME || record.type === DNAME);
    const found = answers.some((record) => record.type === type);
    if (found || !alias) return { ...seen, outcome: 'answer' };
    return { ...seen, outcome: 'alias', endsInNothing: soa !== undefined };
  }
  if (rcode === Rcode.NXDOMAIN) return { ...seen, outcome: 'name-error' };
  if (rcode !== Rcode.NOERROR) return { ...seen, outcome: 'failure' };
  const referral = readReferral(message);
  if (referral !== undefined) return { ...seen, ...referral, outcome: 'referral' };
  return { ...seen, outcome: 'no-data' };
}

function readReferral({
  flags,
  authorities,
  additionals,
}: Message): Pick<SeenAnswer, 'records' | 'glue' | 'ttlSeconds'> | undefined {
  const records = authorities.filter((record) => record.type === NS);
  const [first] = records;
  if (flags.aa || first === undefined) return undefined;
  // Only those below the cut are needed to get there (RFC 9471 §2).
  const glue = additionals.filter(
    ({ type, owner }) => (type === A || type === AAAA) && isSubdomain(owner, first.owner),
  );
  return { records, glue, ttlSeconds: leastTtl(records) };
}

function leastTtl(records: readonly ResourceRecord[]): number {
  return records.reduce((least, { ttlSeconds }) => Math.min(least, ttlSeconds), 2 ** 31) % 2 ** 31;
}

/** Equal for answers that say the same, however their records are ordered and spelled, whatever their TTLs. */
export function meaningOf({ outcome, records, glue }: SeenAnswer): string {
  return [outcome, ...records.map(keyOf).sort(), '', ...glue.map(keyOf).sort()].join('\n');
}

/** The TTL of every RRset. */
export function ttlsOf({ records, glue }: SeenAnswer): string {
  return [...records, ...glue]
    .map((record) => `${nameKey(record.owner)} ${record.type} ${record.ttlSeconds}`)
    .sort()
    .join('\n');
}

function keyOf({ owner, type, rdata }: ResourceRecord): string {
  return `${nameKey(owner)} ${type} ${recordTypeOf(type).canonical(withoutSerial(type, rdata)).toHex()}`;
}

/** A serial is different in every version; what else the SOA says is not. */
function withoutSerial(type: number, rdata: Uint8Array): Uint8Array {
  return type === SOA ? soaWithSerial(rdata, 0) : rdata;
}

/** Records of one type in the answer, wherever aliases led. */
export function recordsOfType(seen: SeenAnswer, type: number): readonly ResourceRecord[] {
  return seen.records.filter((record) => record.type === type);
}

export function hasOwn({ records }: SeenAnswer, name: Name, type: number): boolean {
  return records.some((record) => record.type === type && equalNames(record.owner, name));
}
