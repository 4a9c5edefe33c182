/**
 * What is no plain query, on its way to who handles it: updates, notices, transfers and whatever is
 * signed. It may be answered later, and with many messages over a stream.
 */
import type { StreamConnection } from '@riad/net/streams/stream-connection';

export type Requester = {
  /** Presentation form. */
  readonly address: string;
  /** 4 or 16. */
  readonly addressOctets: Uint8Array;
  readonly port: number;
  readonly transport: 'udp' | 'tcp' | 'tls';
  /** Present over TCP and TLS. */
  readonly connection: StreamConnection | undefined;
  /** Sends one message; may be called at any time, and does nothing once the client is gone. */
  send(message: Uint8Array): void;
};

export interface RequestHandler {
  /** `message` is the handler's own. Resolves when all has been answered; never rejects. */
  request(message: Uint8Array, from: Requester): Promise<void>;
  /** A message with QR set that came over a connection or socket of ours. */
  response(message: Uint8Array, from: Requester): void;
}
