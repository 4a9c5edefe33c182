/** Asks a server for a whole zone over TCP, and gives its records in a form that compares. */

import { once } from 'node:events';
import { connect } from 'node:net';
import { RecordTypeCode } from '@riad/dns/iana/record-types';
import { decodeMessage, type ResourceRecord } from '@riad/dns/message';
import { canonicalName, formatName, parseName } from '@riad/dns/name';
import { recordTypeOf } from '@riad/dns/rdata/registry';
import { serialOfSoa, soaWithSerial } from '@riad/dns/rdata/soa';
import { transferQuery } from '@riad/dns-server/secondary/primary-messages';
import { framed } from '@riad/net/streams/stream-connection';

const timeoutMs = 60_000;
const id = 4711;

/** A server that can be asked. */
export type ZoneServer = {
  readonly name: string;
  readonly address: string;
  readonly port: number;
};

export type WholeZone = {
  readonly serial: number;
  /** One for each record, sorted, names in lower case; the SOA has 0 for its serial. */
  readonly lines: readonly string[];
};

/** Without a signature: the server has to let this address. */
export async function wholeZone(server: ZoneServer, zone: string): Promise<WholeZone> {
  const socket = connect(server.port, server.address);
  socket.setTimeout(timeoutMs, () => socket.destroy(new Error(`${server.name}: no whole zone`)));
  await once(socket, 'connect');
  socket.write(framed(transferQuery(parseName(zone), id, undefined)));
  let pending = Buffer.alloc(0);
  const lines: string[] = [];
  let serial: number | undefined;
  for await (const chunk of socket) {
    pending = Buffer.concat([pending, chunk as Buffer]);
    for (let end = endOfFirst(pending); end !== undefined; end = endOfFirst(pending)) {
      const decoded = decodeMessage(Uint8Array.from(pending.subarray(2, end)));
      pending = pending.subarray(end);
      if (!decoded.ok) throw decoded.error;
      const { rcode, answers } = decoded.value;
      if (rcode !== 0) throw new Error(`${server.name}: AXFR of ${zone}: rcode ${rcode}`);
      for (const record of answers) {
        if (record.type === RecordTypeCode.SOA && serial !== undefined) {
          socket.destroy(); // RFC 5936 §2.2: the second SOA is the end
          return { serial, lines: lines.sort() };
        }
        if (record.type === RecordTypeCode.SOA) serial = serialOfSoa(record.rdata);
        lines.push(lineOf(record));
      }
    }
  }
  throw new Error(`${server.name}: the stream of ${zone} ended early`);
}

/** Where the first message ends, if all of it is there (RFC 1035 §4.2.2). */
function endOfFirst(octets: Buffer): number | undefined {
  const end = octets.length < 2 ? Number.POSITIVE_INFINITY : 2 + octets.readUInt16BE(0);
  return octets.length < end ? undefined : end;
}

/** One record as it compares. */
export function lineOf({ owner, type, ttlSeconds, rdata }: Omit<ResourceRecord, 'class'>): string {
  const format = recordTypeOf(type);
  // By what RFC 4034 §6.2 says, and beyond: BIND gives back names in the case in which it saw them first.
  const whole = format.canonical(rdata);
  const canonical = type === RecordTypeCode.SOA ? soaWithSerial(whole, 0) : whole;
  const name = formatName(canonicalName(owner));
  return `${name} ${ttlSeconds} ${format.mnemonic} ${format.format(canonical)}`;
}
