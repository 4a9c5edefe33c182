/** Fetches zones from a server over TCP through the engine that takes transfers in. */
import { once } from 'node:events';
import { createConnection } from 'node:net';
import type { Name } from '@riad/dns/name';
import { transferQuery } from '@riad/dns-server/secondary/primary-messages';
import { sha1 } from '@riad/dns-server/testing/built-zone';
import { applyChange } from '@riad/dns-server/transfer/apply-change';
import { TransferIn, type TransferInOutcome } from '@riad/dns-server/transfer/transfer-in';
import type { ZoneImage } from '@riad/dns-server/zone-image/zone-image';
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
  socket.write(framed(transferQuery(zone, id, serial)));
  const frames = new Frames();
  let outcome: TransferInOutcome | undefined;
  let messages = 0;
  try {
    for await (const chunk of socket) {
      for (const message of frames.take(chunk as Buffer)) {
        messages++;
        outcome = transfer.take(message);
      }
      if (outcome !== undefined) break;
    }
  } catch (error) {
    // Cut by the peer: what that means the engine says.
    if ((error as NodeJS.ErrnoException).code !== 'ECONNRESET') throw error;
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
