/**
 * A version of a catalog as the messages of a transfer (RFC 5936 §2.2, RFC 1995 §4): a catalog that is
 * made here comes into the zone image as a copy does that another server gives.
 */
import { RecordClass } from '@riad/dns/iana/classes';
import { Opcode } from '@riad/dns/iana/opcodes';
import { Rcode } from '@riad/dns/iana/rcodes';
import { RecordTypeCode } from '@riad/dns/iana/record-types';
import { maxMessageOctets, noFlags } from '@riad/dns/message';
import { encodeMessage } from '@riad/dns/message-writer';
import type { Name } from '@riad/dns/name';
import type { TransferInRequest } from '../transfer/transfer-in.ts';
import type { ZoneRecord } from '../zone-image/zone-commit.ts';
import { catalogSoa } from './make-catalog.ts';
import {
  type CatalogVersion,
  catalogTimes,
  type NextCatalog,
  versionRecords,
} from './next-catalog.ts';

export type CatalogTransfer = {
  readonly request: TransferInRequest;
  readonly messages: readonly Uint8Array[];
};

/** Header, question and some to spare. */
const aroundOctets = 512;

/** All of a version. */
export function wholeCatalog(apex: Name, version: CatalogVersion): CatalogTransfer {
  const records = versionRecords(apex, version);
  return transfer(apex, 'axfr', undefined, [...records, records[0]!]);
}

/** One step from the version with the serial `from`. */
export function catalogStep(
  apex: Name,
  from: number,
  { version, removals, additions }: Extract<NextCatalog, { kind: 'next' }>,
): CatalogTransfer {
  const soa = (serial: number): ZoneRecord => catalogSoa(apex, { ...catalogTimes, serial });
  const [before, after] = [soa(from), soa(version.serial)];
  return transfer(apex, 'ixfr', from, [after, before, ...removals, after, ...additions, after]);
}

function transfer(
  zone: Name,
  kind: 'axfr' | 'ixfr',
  serial: number | undefined,
  records: readonly ZoneRecord[],
): CatalogTransfer {
  const messages: Uint8Array[] = [];
  const type = kind === 'axfr' ? RecordTypeCode.AXFR : RecordTypeCode.IXFR;
  let part: ZoneRecord[] = [];
  let octets = 0;
  const send = (): void => {
    messages.push(messageOf(zone, type, part));
    part = [];
    octets = 0;
  };
  for (const record of records) {
    // What they take uncompressed: then they fit in any case.
    const more = record.owner.length + 10 + record.rdata.length;
    if (octets + more > maxMessageOctets - aroundOctets) send();
    part.push(record);
    octets += more;
  }
  send();
  return { request: { kind, zone, id: 0, serial, transport: 'tcp' }, messages };
}

function messageOf(name: Name, type: number, records: readonly ZoneRecord[]): Uint8Array {
  return encodeMessage({
    id: 0,
    opcode: Opcode.QUERY,
    rcode: Rcode.NOERROR,
    flags: { ...noFlags, qr: true, aa: true },
    questions: [{ name, type, class: RecordClass.IN }],
    answers: records.map((record) => ({ ...record, class: RecordClass.IN })),
    authorities: [],
    additionals: [],
  });
}
