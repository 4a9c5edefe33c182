/** A primary made of the transfer engines and little else, over TCP and UDP on one port, for peers to ask. */

import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { decodeMessage, type Message, noFlags } from '@riad/dns/message';
import { encodeMessage } from '@riad/dns/message-writer';
import type { Name } from '@riad/dns/name';
import { serialOfSoa } from '@riad/dns/rdata/soa';
import { emptyImage, hostZone, recordsOf, sha1 } from '@riad/dns-server/testing/built-zone';
import { transferOut } from '@riad/dns-server/transfer/transfer-out';
import { readTransferQuery } from '@riad/dns-server/transfer/transfer-query';
import type { ZoneChange } from '@riad/dns-server/zone-history/zone-change';
import { MemoryHistory } from '@riad/dns-server/zone-history/zone-history';
import { HeldVersions } from '@riad/dns-server/zone-image/held-versions';
import type { ZoneRecord } from '@riad/dns-server/zone-image/zone-commit';
import { commitChanges } from '@riad/dns-server/zone-image/zone-commit';
import type { ZoneImage } from '@riad/dns-server/zone-image/zone-image';
import { forEachRecord } from '@riad/dns-server/zone-image/zone-records';
import { freePort } from '@riad/net/testing/free-port';
import { loopback, type Target } from '../../peers/server.ts';
import { Frames, framed } from './fetch.ts';

export type RiadPrimary = AsyncDisposable &
  Target & {
    readonly image: ZoneImage;
    readonly zone: Name;
    readonly history: MemoryHistory;
    /** What was sent: the question, and the second record, by which answers to IXFR are told apart. */
    readonly sent: { readonly type: number; readonly second: number | undefined }[];
    soa(): ZoneRecord;
    /** Turns the zone into what the text of a later version says. */
    change(text: string): void;
  };

export async function riadPrimary(
  name: string,
  text: string,
  memoryOctets: number = 64 << 20,
): Promise<RiadPrimary> {
  const image = emptyImage(memoryOctets);
  const zone = hostZone(image, name, text);
  const history = new MemoryHistory();
  const holds = new HeldVersions(image.arena);
  const sent: { type: number; second: number | undefined }[] = [];
  const port = await freePort();

  const soa = (): ZoneRecord => {
    const records: ZoneRecord[] = [];
    forEachRecord(image, image.zoneOf(zone), (record) => records.push(record));
    return records[0]!;
  };

  const plainAnswer = (message: Message): Uint8Array => {
    const [question] = message.questions;
    const isSoa = question?.type === 6;
    return encodeMessage({
      ...message,
      flags: { ...noFlags, qr: true, aa: true },
      rcode: isSoa ? 0 : 5,
      answers: isSoa ? [{ ...soa(), class: 1 }] : [],
      authorities: [],
      additionals: [],
    });
  };

  function* answer(octets: Uint8Array, transport: 'udp' | 'tcp'): Generator<Uint8Array> {
    const decoded = decodeMessage(octets);
    if (!decoded.ok || decoded.value.flags.qr) return;
    const query = readTransferQuery(decoded.value);
    if (query === undefined || 'rcode' in query) {
      yield plainAnswer(decoded.value);
      return;
    }
    using held = holds.hold(performance.now())!;
    let first = true;
    for (const message of transferOut(image.arena, held, query, { transport, history })) {
      if (first) {
        const { answers } = decodedOrThrow(message);
        sent.push({ type: query.kind === 'axfr' ? 252 : 251, second: answers[1]?.type });
        first = false;
      }
      yield message;
    }
  }

  /** No faster than the peer reads, so that the version is held for as long as it is needed. */
  const send = async (socket: Socket, messages: Generator<Uint8Array>): Promise<void> => {
    for (const message of messages) {
      if (socket.write(framed(message)) || socket.destroyed) continue;
      await Promise.race([once(socket, 'drain'), once(socket, 'close')]).catch(() => undefined);
    }
  };

  const server = createServer((socket: Socket) => {
    const frames = new Frames();
    socket.on('error', () => undefined); // peers close as they like
    socket.on('data', (chunk) => {
      for (const query of frames.take(Buffer.from(chunk))) {
        void send(socket, answer(query, 'tcp'));
      }
    });
  });
  server.listen(port, loopback);
  await once(server, 'listening');
  const udp = createSocket('udp4');
  udp.bind(port, loopback);
  await once(udp, 'listening');
  udp.on('message', (octets, from) => {
    for (const message of answer(octets, 'udp')) udp.send(message.slice(), from.port, from.address);
  });

  return {
    name: 'riad',
    address: loopback,
    port,
    image,
    zone,
    history,
    sent,
    soa,
    change: (next) => {
      const change = difference(image, zone, recordsOf(name, next));
      const outcome = commitChanges(image, zone, change.removals, change.additions, sha1, true);
      if (!outcome.ok) throw new Error(outcome.message);
      history.add(change, 1e9);
    },
    [Symbol.asyncDispose]: async () => {
      udp.close();
      server.close();
      await once(server, 'close').catch(() => undefined);
    },
  };
}

function decodedOrThrow(message: Uint8Array): Message {
  const decoded = decodeMessage(message.slice());
  if (!decoded.ok) throw decoded.error;
  return decoded.value;
}

function difference(image: ZoneImage, zone: Name, after: readonly ZoneRecord[]): ZoneChange {
  const before: ZoneRecord[] = [];
  forEachRecord(image, image.zoneOf(zone), (record) => before.push(record));
  const key = ({ owner, type, ttlSeconds, rdata }: ZoneRecord): string =>
    `${owner.toHex()} ${type} ${ttlSeconds} ${rdata.toHex()}`;
  const old = new Map(before.map((record) => [key(record), record]));
  const additions: ZoneRecord[] = [];
  for (const record of after) if (!old.delete(key(record))) additions.push(record);
  const soaFirst = (records: ZoneRecord[]): ZoneRecord[] =>
    records.sort((a, b) => Number(b.type === 6) - Number(a.type === 6));
  const removals = soaFirst([...old.values()]);
  soaFirst(additions);
  return {
    fromSerial: serialOfSoa(removals[0]!.rdata),
    toSerial: serialOfSoa(additions[0]!.rdata),
    removals,
    additions,
  };
}
