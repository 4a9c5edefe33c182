/**
 * What turned one version of a zone into another: the records that went and those that came, between
 * two serials. It is what a journal keeps, what IXFR carries (RFC 1995 §4) and what a commit applies.
 * Not checked here: whether the zone has what is removed.
 */
import { codes as dnsCodes } from '@riad/dns/codes';
import { decodeName } from '@riad/dns/name';
import { recordTypeOf } from '@riad/dns/rdata/registry';
import { serialOfSoa, soaWithSerial } from '@riad/dns/rdata/soa';
import { equalIgnoringCase, equalOctets, foldTable, textFromOctets } from '@riad/octets/ascii';
import { DecodeError } from '@riad/octets/decode-error';
import { Reader } from '@riad/octets/reader';
import type { Result } from '@riad/octets/result';
import { Writer } from '@riad/octets/writer';
import { caselessStart, rdataKey, sameRdata } from '../zone-image/same-rdata.ts';
import type { ZoneRecord } from '../zone-image/zone-commit.ts';

/**
 * Removals come before additions; a changed TTL is both. The first removal is the SOA with
 * `fromSerial`, the first addition the SOA with `toSerial`; neither list has another SOA.
 */
export type ZoneChange = {
  readonly fromSerial: number;
  readonly toSerial: number;
  readonly removals: readonly ZoneRecord[];
  readonly additions: readonly ZoneRecord[];
};

export const codes = {
  'change.format': 'the octets of a change to a zone are of another format than is known here',
  'change.soa': 'a change to a zone does not begin and end with the SOA of its serials',
} as const;

const typeSoa = 6;
/** The first octet of an encoded change. */
const formatNumber = 1;
/** In the place of an owner: the one before once more. No label has this length octet (RFC 1035 §4.1.4). */
const sameOwner = 0xff;

/** The change that gives a zone another serial and nothing else. `soa`: the record as it is. */
export function serialChange(soa: ZoneRecord, toSerial: number): ZoneChange {
  const { rdata } = soa;
  return {
    fromSerial: serialOfSoa(rdata),
    toSerial,
    removals: [soa],
    additions: [{ ...soa, rdata: soaWithSerial(rdata, toSerial) }],
  };
}

// --- octets ---------------------------------------------------------------------------------

/** For changes of up to so many records, which most updates are; filled and copied from within one call. */
const smallRecords = 16;
const scratch = new Writer(1024);

/** For a journal; `decodeZoneChange` reads it back. */
export function encodeZoneChange(change: ZoneChange): Uint8Array {
  return viewZoneChange(change).slice();
}

/** The same as a view, valid until the next call. */
export function viewZoneChange(change: ZoneChange): Uint8Array {
  const { removals, additions } = change;
  const records = removals.length + additions.length;
  const writer = records > smallRecords ? new Writer(64 + records * 64) : scratch;
  writer.reset();
  writer.uint8(formatNumber);
  writer.uint32(change.fromSerial);
  writer.uint32(change.toSerial);
  writer.uint32(removals.length);
  writer.uint32(additions.length);
  let owner: Uint8Array = new Uint8Array(0);
  for (const list of [removals, additions]) {
    for (const record of list) {
      if (equalOctets(record.owner, owner)) writer.uint8(sameOwner);
      else writer.octets(record.owner);
      owner = record.owner;
      writer.uint16(record.type);
      writer.uint32(record.ttlSeconds);
      writer.uint16(record.rdata.length);
      writer.octets(record.rdata);
    }
  }
  return writer.view();
}

/** The change that octets are. RDATA are views into them. */
export function decodeZoneChange(octets: Uint8Array): Result<ZoneChange, DecodeError> {
  try {
    return { ok: true, value: readZoneChange(new Reader(octets)) };
  } catch (error) {
    if (error instanceof DecodeError) return { ok: false, error };
    throw error;
  }
}

/** The serials before and after a change, as `encodeZoneChange` made it; nothing else is looked at. */
export function serialsOfChange(octets: Uint8Array): Pick<ZoneChange, 'fromSerial' | 'toSerial'> {
  const reader = new Reader(octets);
  reader.uint8('format');
  return { fromSerial: reader.uint32('serial before'), toSerial: reader.uint32('serial after') };
}

function readZoneChange(reader: Reader): ZoneChange {
  if (reader.uint8('format') !== formatNumber) {
    reader.fail('change.format', codes['change.format'], 0);
  }
  const fromSerial = reader.uint32('serial before');
  const toSerial = reader.uint32('serial after');
  const removalCount = reader.uint32('removals');
  const additionCount = reader.uint32('additions');
  const context = { owner: undefined as Uint8Array | undefined };
  const removals = readRecords(reader, removalCount, fromSerial, context);
  const additions = readRecords(reader, additionCount, toSerial, context);
  reader.finish('a change to a zone');
  return { fromSerial, toSerial, removals, additions };
}

/** As many records as are said to follow: each has its octets, so a lie ends with the octets. */
function readRecords(
  reader: Reader,
  count: number,
  serial: number,
  context: { owner: Uint8Array | undefined },
): ZoneRecord[] {
  const records: ZoneRecord[] = [];
  for (let i = 0; i < count; i++) {
    const start = reader.position;
    const owner = readOwner(reader, context.owner);
    context.owner = owner;
    const type = reader.uint16('type');
    const ttlSeconds = reader.uint32('TTL');
    const window = reader.window(reader.uint16('RDLENGTH'), 'RDATA');
    const rdata = reader.source.subarray(window.position, window.end);
    // The image takes RDATA for what its type says, so it has to be that.
    recordTypeOf(type).check(window);
    const wanted = i === 0;
    if ((type === typeSoa) !== wanted || (wanted && serialOfSoa(rdata) !== serial)) {
      reader.fail('change.soa', codes['change.soa'], start);
    }
    records.push({ owner, type, ttlSeconds, rdata });
  }
  if (count === 0) reader.fail('change.soa', codes['change.soa']);
  return records;
}

function readOwner(reader: Reader, before: Uint8Array | undefined): Uint8Array {
  if (reader.source[reader.position] !== sameOwner || reader.remaining === 0) {
    return decodeName(reader, 'owner', false);
  }
  if (before === undefined) {
    return reader.fail('name.label-type', dnsCodes['name.label-type']);
  }
  reader.skip(1, 'owner');
  return before;
}

// --- several changes as one -------------------------------------------------------------------

/** What all changes together did to one record: how it began and how it ended. */
type Fate = {
  readonly record: ZoneRecord;
  /** The TTL the record had before the first change; undefined if it was not there. */
  readonly before: number | undefined;
  /** The record as it is after the last change; undefined if it is gone. */
  after: ZoneRecord | undefined;
};

/**
 * The one change that does what `changes` do one after the other (RFC 1995 §4, condensation): what
 * came and went again is in neither list, and what went and came again is in neither or, with another
 * TTL, in both. Throws RangeError when there is none, or when one does not begin where the one before
 * it ended.
 */
export function condense(changes: readonly ZoneChange[]): ZoneChange {
  const first = changes[0];
  const last = changes.at(-1);
  if (first === undefined || last === undefined) throw new RangeError('changes: there is none');
  if (changes.length === 1) return first;
  const fates = new Fates();
  let serial = first.fromSerial;
  for (const change of changes) {
    if (change.fromSerial !== serial) {
      throw new RangeError(`changes: one from ${change.fromSerial} follows one to ${serial}`);
    }
    serial = change.toSerial;
    for (const record of change.removals) fates.take(record, undefined);
    for (const record of change.additions) fates.take(record, record);
  }
  const removals: ZoneRecord[] = [first.removals[0]!];
  const additions: ZoneRecord[] = [last.additions[0]!];
  for (const { record, before, after } of fates.all) {
    if (record.type === typeSoa || before === after?.ttlSeconds) continue;
    if (before !== undefined) removals.push({ ...record, ttlSeconds: before });
    if (after !== undefined) additions.push(after);
  }
  return { fromSerial: first.fromSerial, toSerial: last.toSerial, removals, additions };
}

/**
 * Records by owner, type and RDATA, without the TTL: removing a record removes it with whatever TTL.
 * Found by a plain hash; the few that share one are found by all their octets as text, whose hash
 * nobody can foresee, so that chosen records do not make it slow.
 */
class Fates {
  readonly all: Fate[] = [];
  readonly #byHash = new Map<number, Fate>();
  readonly #byText = new Map<string, Fate>();

  take(record: ZoneRecord, after: ZoneRecord | undefined): void {
    const hash = hashOf(record);
    const holder = this.#byHash.get(hash);
    if (holder === undefined) {
      this.#byHash.set(hash, this.#make(record, after));
    } else if (isSame(holder.record, record)) {
      holder.after = after;
    } else {
      const text = recordKey(record);
      const fate = this.#byText.get(text);
      if (fate === undefined) this.#byText.set(text, this.#make(record, after));
      else fate.after = after;
    }
  }

  #make(record: ZoneRecord, after: ZoneRecord | undefined): Fate {
    const fate = { record, before: after === undefined ? record.ttlSeconds : undefined, after };
    this.all.push(fate);
    return fate;
  }
}

function hashOf({ owner, type, rdata }: ZoneRecord): number {
  let h = type;
  for (let i = 0; i < owner.length; i++) h = Math.imul(h ^ foldTable[owner[i]!]!, 0x01000193);
  const caseless = caselessStart(type);
  for (let i = 0; i < rdata.length; i++) {
    h = Math.imul(h ^ (i < caseless ? rdata[i]! : foldTable[rdata[i]!]!), 0x01000193);
  }
  return h;
}

/** RFC 4343 §3: owners without case, and RDATA as a commit compares it. */
function isSame(a: ZoneRecord, b: ZoneRecord): boolean {
  return (
    a.type === b.type &&
    a.rdata.length === b.rdata.length &&
    equalIgnoringCase(a.owner, b.owner) &&
    sameRdata(a.rdata, 0, a.rdata.length, b.rdata, 0, caselessStart(a.type))
  );
}

/** The same text for records that are the same, whatever their TTL and the case of their names. */
export function recordKey({ owner, type, rdata }: ZoneRecord): string {
  // A name ends itself, so the two do not run together.
  return `${textFromOctets(owner.map((octet) => foldTable[octet]!))}${rdataKey(type, rdata)}`;
}
