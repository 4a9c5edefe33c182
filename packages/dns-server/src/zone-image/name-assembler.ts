/**
 * Makes what a name owns in one version out of its records: groups them into RRsets, puts each RRSIG
 * beside the RRset it covers, leaves out duplicates, and says what kind of name it is.
 */
import type { ArenaWriter } from '@riad/octets/arena';
import { nodeVersionFlag } from './layout.ts';
import type { NameNodes } from './name-nodes.ts';
import { makeNodeVersion } from './node-version.ts';
import { maxRecordsAtName, type RecordBuffer } from './record-buffer.ts';
import { maxRrsetOctets, type RecordSpans, RrsetEncoder, RrsetTooLarge } from './rrset-encoder.ts';
import { caselessStart, sameRdata } from './same-rdata.ts';

/** The most RRsets that one name may own. */
export const maxRrsetsAtName = 1024;

/** More records of one type could not fit into a message: each takes 12 octets besides its RDATA. */
const maxRecordsInRrset = Math.floor(maxRrsetOctets / 12);

const typeNs = 2;
const typeCname = 5;
const typeSoa = 6;
const typeDname = 39;
const typeRrsig = 46;
const typeNsec = 47;
const typeNsec3 = 50;
const typeKey = 25;

export class TooManyRecords extends Error {
  readonly code = 'name.too-many-records';
  constructor() {
    super(`a name has more than ${maxRecordsAtName} records or ${maxRrsetsAtName} RRsets`);
    this.name = 'TooManyRecords';
  }
}

type Spans = { data: Uint8Array; spans: Int32Array; first: number; count: number };

/** What an assembled name amounts to; valid until the next call. */
export type Assembled = {
  version: number;
  rrsets: number;
  records: number;
  /** Records left out because they were there already, or written with another TTL than their RRset has. */
  irregular: number;
  /** A CNAME and something else that may not stand beside it (RFC 2181 §10.1, RFC 4035 §2.5). */
  cnameConflict: boolean;
  /** More than one CNAME, DNAME or SOA, of which a name has one at most. */
  several: number;
};

export class NameAssembler {
  readonly #writer: ArenaWriter;
  readonly #encoder: RrsetEncoder;
  readonly #done = new Uint8Array(maxRecordsAtName);
  readonly #made = new Int32Array(maxRrsetsAtName);
  readonly #records: Spans = {
    data: new Uint8Array(0),
    spans: new Int32Array(2 * maxRecordsAtName),
    first: 0,
    count: 0,
  };
  readonly #signatures: Spans = {
    data: new Uint8Array(0),
    spans: new Int32Array(2 * maxRecordsAtName),
    first: 0,
    count: 0,
  };
  readonly #targetOf: (data: Uint8Array, at: number) => number;
  #apex = 0;
  #nodes: NameNodes | undefined;
  readonly result: Assembled = {
    version: 0,
    rrsets: 0,
    records: 0,
    irregular: 0,
    cnameConflict: false,
    several: 0,
  };

  constructor(writer: ArenaWriter) {
    this.#writer = writer;
    this.#encoder = new RrsetEncoder(writer);
    this.#targetOf = (data, at) => this.#nodes!.reach(data, at, this.#apex);
  }

  /**
   * Encodes `records`, all that `owner` owns, and makes its element of the version chain (with
   * version `version` and nothing older). The counts are in `result`.
   */
  assemble(
    nodes: NameNodes,
    owner: number,
    apex: number,
    records: RecordBuffer,
    version: number,
    denial: number,
  ): Assembled {
    if (records.count > maxRecordsAtName) throw new TooManyRecords();
    this.#apex = apex;
    this.#nodes = nodes;
    // Most names have one record: a loop, for a call of the library would take longer.
    for (let i = 0; i < records.count; i++) this.#done[i] = 0;
    let rrsets = 0;
    let typeMask = 0;
    let flags = 0;
    let total = 0;
    let beside = false;
    this.result.irregular = 0;
    this.result.several = 0;
    for (let i = 0; i < records.count; i++) {
      if (this.#done[i] === 1) continue;
      const type = this.#typeOf(records, i);
      if (rrsets === maxRrsetsAtName) throw new TooManyRecords();
      this.#made[rrsets++] = this.#encode(owner, apex, type, records, i);
      total += this.#records.count + this.#signatures.count;
      typeMask |= 1 << (type & 31);
      if (this.#records.count === 0) continue; // signatures of nothing: kept, but they make no name
      if (this.#records.count > 1 && isSingleton(type)) this.result.several = type;
      if (type !== typeCname && type !== typeNsec && type !== typeKey) beside = true;
      if (type === typeNs && owner !== apex) flags |= nodeVersionFlag.cut;
      else if (type === typeCname) flags |= nodeVersionFlag.cname;
      else if (type === typeDname) flags |= nodeVersionFlag.dname;
      else if (type === typeNsec3) flags |= nodeVersionFlag.hashOwner;
    }
    if (rrsets === 0) flags |= nodeVersionFlag.emptyNonTerminal;
    if (rrsets > 1) flags &= ~nodeVersionFlag.hashOwner; // it owns more: a name like any other
    this.result.version = makeNodeVersion(
      this.#writer,
      version,
      flags,
      typeMask,
      this.#made,
      rrsets,
      denial,
    );
    this.result.rrsets = rrsets;
    this.result.cnameConflict = beside && (flags & nodeVersionFlag.cname) !== 0;
    this.result.records = total;
    return this.result;
  }

  /** Encodes the RRset of one type from `records`, marking what it used. */
  #encode(owner: number, apex: number, type: number, records: RecordBuffer, from: number): number {
    const data = this.#records;
    const signatures = this.#signatures;
    data.data = records.data;
    signatures.data = records.data;
    data.count = 0;
    signatures.count = 0;
    let ttl = -1;
    let signatureTtl = 0;
    for (let i = from; i < records.count; i++) {
      if (this.#done[i] === 1 || this.#typeOf(records, i) !== type) continue;
      this.#done[i] = 1;
      const isSignature = records.types[i] === typeRrsig;
      const into = isSignature ? signatures : data;
      if (this.#isDuplicate(into, isSignature ? typeRrsig : type, records, i)) {
        this.result.irregular++;
        continue;
      }
      if (into.count === maxRecordsInRrset) throw new RrsetTooLarge();
      into.spans[into.count * 2] = records.spans[i * 2]!;
      into.spans[into.count * 2 + 1] = records.spans[i * 2 + 1]!;
      into.count++;
      // RFC 2181 §5.2: an RRset has one TTL; the first one written is it.
      if (isSignature) {
        if (signatures.count === 1) signatureTtl = records.ttls[i]!;
      } else if (ttl === -1) ttl = records.ttls[i]!;
      else if (records.ttls[i] !== ttl) this.result.irregular++;
    }
    const spans = data as RecordSpans;
    return this.#encoder.encode(
      owner,
      apex,
      type,
      ttl === -1 ? signatureTtl : ttl,
      spans,
      signatureTtl,
      signatures,
      this.#targetOf,
    );
  }

  /** The type of the RRset a record belongs to: for an RRSIG the one it covers (RFC 4034 §3.1.1). */
  #typeOf(records: RecordBuffer, index: number): number {
    const type = records.types[index]!;
    if (type !== typeRrsig) return type;
    const start = records.spans[index * 2]!;
    return (records.data[start]! << 8) | records.data[start + 1]!;
  }

  #isDuplicate(into: Spans, type: number, records: RecordBuffer, index: number): boolean {
    const start = records.spans[index * 2]!;
    const end = records.spans[index * 2 + 1]!;
    const caseless = caselessStart(type);
    for (let i = 0; i < into.count; i++) {
      const other = into.spans[i * 2]!;
      if (into.spans[i * 2 + 1]! - other !== end - start) continue;
      if (sameRdata(records.data, start, end, into.data, other, caseless)) return true;
    }
    return false;
  }
}

/** RFC 2181 §10.1, RFC 6672 §2.4, RFC 1035 §5.2: a name has one of these. */
function isSingleton(type: number): boolean {
  return type === typeCname || type === typeDname || type === typeSoa;
}
