/**
 * Updates that came to the main thread, on their way to the loader which answers them: as they came, many in
 * one piece. Each object and each array of octets that a message is made of costs more than what an update
 * has in it.
 */
import { Reader } from '@riad/octets/reader';
import { Writer } from '@riad/octets/writer';
import type { Requester } from '../requests.ts';

export type PassedUpdate = {
  readonly id: number;
  readonly transport: Requester['transport'];
  /** 4 or 16. */
  readonly addressOctets: Uint8Array;
  readonly port: number;
  /** With its signature. */
  readonly message: Uint8Array;
};

/** Undefined octets: it gets no answer. */
export type UpdateReply = { readonly id: number; readonly octets: Uint8Array | undefined };

const transports = ['udp', 'tcp', 'tls'] as const;
/** What a group may have in octets to be packed without growing; grows for more. */
const usualOctets = 4096;

/** In a buffer of its own. */
export function packUpdates(updates: readonly PassedUpdate[]): Uint8Array<ArrayBuffer> {
  const writer = new Writer(usualOctets);
  for (const { id, transport, addressOctets, port, message } of updates) {
    writer.uint48(id); // 32 bits are used up within days
    writer.uint8(transports.indexOf(transport));
    writer.uint8(addressOctets.length);
    writer.octets(addressOctets);
    writer.uint16(port);
    writer.uint16(message.length);
    writer.octets(message);
  }
  return writer.view() as Uint8Array<ArrayBuffer>;
}

/** Addresses and messages are views. */
export function unpackUpdates(octets: Uint8Array): PassedUpdate[] {
  const reader = new Reader(octets);
  const updates: PassedUpdate[] = [];
  while (reader.remaining > 0) {
    const id = reader.uint48('id');
    const transport = transports[reader.uint8('transport')]!;
    const addressOctets = reader.octets(reader.uint8('address'), 'address');
    const port = reader.uint16('port');
    const message = reader.octets(reader.uint16('message'), 'message');
    updates.push({ id, transport, addressOctets, port, message });
  }
  return updates;
}
