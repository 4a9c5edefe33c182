/** Fetches zones from a server over TCP through the engine that takes transfers in. */
import { once } from 'node:events';
import { createConnection } from 'node:net';
import { type Message, noFlags } from '@riad/dns/message';
import { encodeMessage } from '@riad/dns/message-writer';
import type { Name } from '@riad/dns/name';
import { soa } from '@riad/dns/rdata/soa';
import { sha1 } from '@riad/dns-server/testing/built-zone';
import { applyChange } from '@riad/dns-server/transfer/apply-change';
import { TransferIn, type TransferInOutcome } from '@riad/dns-server/transfer/transfer-in';
import type { ZoneImage } from '@riad/dns-server/zone-image/zone-image';
import { Writer } from '@riad/octets/writer';
import type { Target } from '../../peers/server.ts';

const timeoutMs = 20_000;

/** The messages of a stream: two octets of length before each (RFC 1035 §4.2.2). */
export class Frames {
  #pending: Buffer = Buffer.alloc(0);

  take(octets: Buffer): Uint8Array[] {
    this.#pending = Buffer.concat([this.#pending, octets]);
    const messages: Uint8Array[] = [];
    while (this.#pending.length >= 2) {
      const end = 2 + this.#pending.readUInt16BE(0);
      if (this.#pending.length < end) break;
      messages.push(Uint8Array.from(this.#pending.subarray(2, end)));
      this.#pending = this.#pending.subarray(end);
    }
    return messages;
  }
}

export function framed(message: Uint8Array): Buffer {
  const frame = Buffer.alloc(2 + message.length);
  frame.writeUInt16BE(message.length);
  frame.set(message, 2);
  return frame;
}

export function transferQuery(zone: Name, serial: number | undefined, id: number): Uint8Array {
  const rdata = new Writer(64);
  const root = Uint8Array.of(0);
  const times = { serial: serial ?? 0, refresh: 0, retry: 0, expire: 0, minimum: 0 };
  soa.encode({ primary: root, mailbox: root, ...times }, rdata);
  const record = { owner: zone, type: 6, class: 1, ttlSeconds: 0, rdata: rdata.copy() };
  const message: Message = {
    id,
    opcode: 0,
    rcode: 0,
    flags: noFlags,
    questions: [{ name: zone, type: serial === undefined ? 252 : 251, class: 1 }],
    answers: [],
    authorities: serial === undefined ? [] : [record],
    additionals: [],
  };
  return encodeMessage(message);
}

export type Fetched = { readonly outcome: TransferInOutcome; readonly messages: number };

/** Asks for a zone, or for what is newer than `serial`, and applies the answer to `image`. */
export async function fetchZone(
  image: ZoneImage,
  zone: Name,
  from: Target,
  serial?: number,
): Promise<Fetched> {
  const id = 4711;
  const kind = serial === undefined ? 'axfr' : 'ixfr';
  const transfer = new TransferIn(image, { kind, zone, id, serial, transport: 'tcp' }, sha1);
  const socket = createConnection(from.port, from.address);
  socket.setTimeout(timeoutMs, () => socket.destroy());
  await once(socket, 'connect');
  socket.write(framed(transferQuery(zone, serial, id)));
  const frames = new Frames();
  let outcome: TransferInOutcome | undefined;
  let messages = 0;
  for await (const chunk of socket) {
    for (const message of frames.take(chunk as Buffer)) {
      messages++;
      outcome = transfer.take(message);
    }
    if (outcome !== undefined) break;
  }
  socket.destroy();
  outcome ??= transfer.end();
  if (outcome.kind === 'zone') outcome.publish();
  if (outcome.kind === 'changes') {
    const applied = applyChange(image, zone, outcome.change, sha1);
    if (!applied.ok) throw new Error(`${applied.code}: ${applied.message}`);
  }
  return { outcome, messages };
}
