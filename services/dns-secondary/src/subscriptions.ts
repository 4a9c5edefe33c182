/**
 * Connections on which primaries announce changes: one for each key whose name has a primary and no
 * secondary, for then the primary does not know where we are. Whatever comes over one is handled as if it
 * had come to us.
 */
import { formatName, type Name } from '@riad/dns/name';
import type { Hmac } from '@riad/dns/tsig/hmac';
import type { KeyRing } from '@riad/dns-server/access/key-ring';
import { soaQuery } from '@riad/dns-server/secondary/primary-messages';
import {
  type Subscription,
  type SubscriptionInput,
  type SubscriptionOutput,
  stepSubscription,
  subscription,
} from '@riad/dns-server/secondary/subscription';
import type { Requester, RequestHandler } from '@riad/name-server/requests';
import { octetsOfAddress } from '@riad/net/streams/client-address';
import { MessageClient, StreamFailure } from '@riad/net/streams/message-client';
import type { UnixSeconds } from '@riad/octets/engine';
import type { Log } from '@riad/runtime/logging/log';
import { randomId, signing, soaAnswerMs } from './inquiries.ts';
import type { Reach } from './reach.ts';
import { textOf } from './zone-name.ts';

/** One for each primary of a small organisation, and much more. */
export const maxSubscriptions = 256;
/** While nothing is announced, empty probes tell whether the primary is there. */
const probeMs = 60_000;

export type SubscriptionsParts = {
  readonly ring: () => KeyRing;
  readonly reach: Reach;
  readonly requests: RequestHandler;
  readonly hmac: Hmac;
  readonly wall: () => UnixSeconds;
  /** A connection is there again: what was announced meanwhile was missed. */
  readonly refresh: (key: string) => void;
  readonly log: Log;
};

type Entry = {
  state: Subscription;
  timer: NodeJS.Timeout | undefined;
  abort: AbortController | undefined;
};

export class Subscriptions {
  readonly #parts: SubscriptionsParts;
  readonly #entries = new Map<string, Entry>();

  constructor(parts: SubscriptionsParts) {
    this.#parts = parts;
  }

  /** Keys with a connection, and whether it is open. */
  status(): { readonly key: string; readonly primary: string; readonly open: boolean }[] {
    return [...this.#entries].map(([key, { state }]) => ({
      key,
      primary: state.primary.endpoint.address,
      open: state.status === 'open',
    }));
  }

  /** Opens and closes connections as the keys are now. */
  keysChanged(): void {
    const wanted = new Map<string, { readonly address: string; readonly zone: Name }>();
    for (const { name, grant } of this.#parts.ring().keys()) {
      const { peers, zone } = grant ?? {};
      if (peers === undefined || peers.secondary !== undefined || zone === undefined) continue;
      if (wanted.size < maxSubscriptions)
        wanted.set(formatName(name), { address: peers.primary, zone });
    }
    for (const key of this.#entries.keys()) if (!wanted.has(key)) this.#end(key);
    for (const [key, { address, zone }] of wanted) {
      if (this.#entries.has(key)) continue;
      const primary = this.#parts.reach.known({ address, port: 53, key });
      const state = subscription(primary, zone, performance.now());
      this.#entries.set(key, { state, timer: undefined, abort: undefined });
      this.#feed(key, { type: 'timer' });
    }
  }

  stop(): void {
    for (const key of [...this.#entries.keys()]) this.#end(key);
  }

  #end(key: string): void {
    const entry = this.#entries.get(key);
    this.#entries.delete(key);
    clearTimeout(entry?.timer);
    entry?.abort?.abort();
  }

  #feed(key: string, input: SubscriptionInput): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    const fraction = (): number => crypto.getRandomValues(new Uint32Array(1))[0]! / 2 ** 32;
    const next = stepSubscription(entry.state, performance.now(), input, fraction);
    entry.state = next.state;
    for (const output of next.outputs) this.#perform(key, entry, output);
  }

  #perform(key: string, entry: Entry, output: SubscriptionOutput): void {
    if (output.type === 'refresh') this.#parts.refresh(key);
    else if (output.type === 'wake') {
      clearTimeout(entry.timer);
      const wait = Math.max(0, Math.ceil(output.at - performance.now()));
      entry.timer = setTimeout(() => this.#feed(key, { type: 'timer' }), wait);
    } else {
      entry.abort = new AbortController();
      void this.#hold(key, output, entry.abort.signal);
    }
  }

  /** Opens a connection and stays as long as it lasts. */
  async #hold(
    key: string,
    { token, primary, zone }: Extract<SubscriptionOutput, { type: 'open' }>,
    signal: AbortSignal,
  ): Promise<void> {
    const { reach, log, wall, hmac, requests } = this.#parts;
    let client: MessageClient | undefined;
    let late: NodeJS.Timeout | undefined;
    const close = (): void => client?.close();
    let reason = 'the primary closed it';
    try {
      const reached = reach.reach(primary);
      if (typeof reached === 'string') throw new StreamFailure(reached);
      client = await MessageClient.open(reached.target, signal);
      signal.addEventListener('abort', close, { once: true });
      client.keepAlive(probeMs);
      const id = randomId();
      const { octets, open } = signing(soaQuery(zone, id), reached.key, wall, hmac);
      client.send(octets);
      late = setTimeout(close, soaAnswerMs);
      const from = requesterOf(client, primary.endpoint, reached.target.tls !== undefined);
      for await (const messages of client.messages(undefined)) {
        for (const each of messages) {
          if (((each[2] ?? 0) & 0x80) === 0) {
            void requests.request(each, from);
            continue;
          }
          const message = open(each);
          if (message === undefined || message[0] !== id >>> 8 || message[1] !== (id & 255))
            continue;
          // Whatever it says: the primary knows the connection now (a root that is not hosted is NOTAUTH).
          clearTimeout(late);
          log.info('primary announces over a connection', {
            key,
            primary: from.address,
            zone: textOf(zone),
          });
          this.#feed(key, { type: 'answered', token });
        }
      }
    } catch (error) {
      if (error instanceof StreamFailure) reason = error.message;
      else log.error('a connection for announcements failed', { key, error });
    } finally {
      clearTimeout(late);
      signal.removeEventListener('abort', close);
      client?.close();
    }
    if (signal.aborted) return;
    log.warn('connection for announcements lost', {
      key,
      primary: primary.endpoint.address,
      reason,
    });
    this.#feed(key, { type: 'lost', token });
  }
}

function requesterOf(
  client: MessageClient,
  { address, port }: { readonly address: string; readonly port: number },
  tls: boolean,
): Requester {
  return {
    address,
    addressOctets: octetsOfAddress(address) ?? new Uint8Array(4),
    port,
    transport: tls ? 'tls' : 'tcp',
    connection: undefined,
    send: (message) => client.send(message),
  };
}
