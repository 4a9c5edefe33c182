/**
 * Records of one owner as plain octets, before they are encoded or after they were taken out of an
 * image. One buffer is used over and over, so that loading makes no object per record.
 */
import { sameRdata } from './same-rdata.ts';

/** The most records that one owner may have; more could not leave in one message. */
export const maxRecordsAtName = 32768;

/** What most names have; grows where it has to. Up to 64 octets cost no allocation outside V8's own heap. */
const firstOctets = 64;
const firstRecords = 8;

export class RecordBuffer {
  data: Uint8Array = new Uint8Array(firstOctets);
  /** Octets of `data` in use. */
  length = 0;
  count = 0;
  types: Uint16Array = new Uint16Array(firstRecords);
  ttls: Uint32Array = new Uint32Array(firstRecords);
  /** Start and end in `data`, one pair a record. */
  spans: Int32Array = new Int32Array(firstRecords * 2);

  clear(): void {
    this.length = 0;
    this.count = 0;
  }

  /** Appends a record whose RDATA is `source[start..end)`, uncompressed. */
  push(type: number, ttlSeconds: number, source: Uint8Array, start: number, end: number): void {
    const at = this.open(end - start);
    const data = this.data;
    for (let i = start, to = at; i < end; i++, to++) data[to] = source[i]!;
    this.close(type, ttlSeconds, end - start);
  }

  /** Makes room for RDATA of `most` octets and returns where it is to be written. */
  open(most: number): number {
    if (this.length + most > this.data.length) {
      const larger = new Uint8Array(Math.max(this.data.length * 2, this.length + most));
      larger.set(this.data);
      this.data = larger;
    }
    return this.length;
  }

  /** Ends the record begun with `open`; `octets` of RDATA were written. */
  close(type: number, ttlSeconds: number, octets: number): void {
    const index = this.count;
    if (index === this.types.length) this.#grow();
    this.types[index] = type;
    this.ttls[index] = ttlSeconds;
    this.spans[index * 2] = this.length;
    this.length += octets;
    this.spans[index * 2 + 1] = this.length;
    this.count = index + 1;
  }

  /** Whether record `index` has these RDATA octets; `caseless` as with `sameRdata`. */
  equalRdata(
    index: number,
    source: Uint8Array,
    start: number,
    end: number,
    caseless: number,
  ): boolean {
    const from = this.spans[index * 2]!;
    if (this.spans[index * 2 + 1]! - from !== end - start) return false;
    return sameRdata(source, start, end, this.data, from, caseless);
  }

  #grow(): void {
    const size = this.types.length * 2;
    const types = new Uint16Array(size);
    types.set(this.types);
    this.types = types;
    const ttls = new Uint32Array(size);
    ttls.set(this.ttls);
    this.ttls = ttls;
    const spans = new Int32Array(size * 2);
    spans.set(this.spans);
    this.spans = spans;
  }
}
