/** SOA: where a zone begins, and how its copies are kept (RFC 1035 §3.3.13, RFC 2308 §4). */
import type { Name } from '../name.ts';
import { compressibleName } from './name-field.ts';
import { uint32 } from './number-field.ts';
import { type RecordType, recordType } from './record-type.ts';
import { duration } from './time-field.ts';

export type Soa = {
  readonly primary: Name;
  readonly mailbox: Name;
  readonly serial: number;
  readonly refresh: number;
  readonly retry: number;
  readonly expire: number;
  readonly minimum: number;
};

/** Where the serial begins in the data of a SOA: what it leads has 20 octets, and ends the data. */
const serialAt = (rdata: Uint8Array): number => rdata.length - 20;

/** The serial in the data of a SOA (RFC 1035 §3.3.13). */
export function serialOfSoa(rdata: Uint8Array): number {
  const at = serialAt(rdata);
  return (
    ((rdata[at]! << 24) | (rdata[at + 1]! << 16) | (rdata[at + 2]! << 8) | rdata[at + 3]!) >>> 0
  );
}

/** The data of a SOA with another serial; a copy. */
export function soaWithSerial(rdata: Uint8Array, serial: number): Uint8Array {
  const copy = new Uint8Array(rdata); // `slice` of a Node Buffer is no copy
  new DataView(copy.buffer).setUint32(serialAt(copy), serial);
  return copy;
}

export const soa: RecordType<Soa> = recordType({
  code: 6,
  mnemonic: 'SOA',
  reference: 'RFC 1035 §3.3.13',
  fields: [
    compressibleName('primary'),
    compressibleName('mailbox'),
    uint32('serial'),
    duration('refresh'),
    duration('retry'),
    duration('expire'),
    duration('minimum'),
  ],
});
