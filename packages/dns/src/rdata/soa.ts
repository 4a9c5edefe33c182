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
