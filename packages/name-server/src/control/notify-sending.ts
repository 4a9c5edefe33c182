/** Carries NOTIFY to secondaries and their answers back: over UDP, TCP, and connections that they registered. */
import { createSocket, type Socket } from 'node:dgram';
import { connect } from 'node:net';
import { equalNames, formatName, type Name, nameKey } from '@riad/dns/name';
import type { Hmac } from '@riad/dns/tsig/hmac';
import type { TsigKey } from '@riad/dns/tsig/tsig-key';
import type { RingChanges } from '@riad/dns-server/access/key-ring';
import {
  type NotifyInput,
  type NotifyOutput,
  NotifySender,
  type NotifyTarget,
} from '@riad/dns-server/notify/notify-sender';
import { notifyTargets } from '@riad/dns-server/notify/notify-targets';
import { Registrations } from '@riad/dns-server/notify/registrations';
import { notifySigner } from '@riad/dns-server/transfer/stream-signature';
import { framed, type StreamConnection } from '@riad/net/streams/stream-connection';
import type { UnixSeconds } from '@riad/octets/engine';
import type { Log } from '@riad/runtime/logging/log';
import type { ZoneNews } from '../loading/loader-messages.ts';
import type { Requester } from '../requests.ts';
import type { AccessControl } from './access-control.ts';
import type { ServedZones } from './served-zones.ts';

/** Connections opened for NOTIFY at a time; further copies wait for their next turn. */
export const maxNotifyConnections = 64;
/** From connecting to the answer. */
export const notifyConnectionMs = 10_000;
/** Changes that come together are announced together. */
export const announceMs = 100;
/** A clock of a machine that sleeps may ask for more than a timer can wait. */
const longestWaitMs = 2 ** 31 - 1;

export type AlsoNotify = {
  readonly address: string;
  readonly port: number;
  /** Presentation form; undefined: unsigned. */
  readonly key: string | undefined;
};

export type NotifySendingParts = {
  readonly zones: ServedZones;
  readonly access: AccessControl;
  readonly hmac: Hmac;
  readonly now: () => UnixSeconds;
  readonly alsoNotify: readonly AlsoNotify[];
  /** Our own addresses on port 53: nobody tells himself. */
  readonly own: ReadonlySet<string>;
  readonly log: Log;
};

export type PendingNotify = { readonly zone: string; readonly target: string };

export class NotifySending {
  readonly #parts: NotifySendingParts;
  readonly #sender: NotifySender;
  readonly #registrations = new Registrations();
  readonly #connections = new Map<number, StreamConnection>();
  readonly #numbers = new WeakMap<StreamConnection, number>();
  readonly #sockets = new Map<'udp4' | 'udp6', Socket>();
  readonly #outgoing = new Set<ReturnType<typeof connect>>();
  #nextConnection = 1;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  readonly #toAnnounce = new Map<string, Name>();
  #announcing: NodeJS.Timeout | undefined;
  readonly counts = { sent: 0, acknowledged: 0, refused: 0, unanswered: 0 };

  constructor(parts: NotifySendingParts) {
    this.#parts = parts;
    const keyOf = (name: string): TsigKey | undefined =>
      [...parts.access.ring.keys()].find((key) => formatName(key.name) === name)?.secrets[0];
    this.#sender = new NotifySender(notifySigner(keyOf, parts.now, parts.hmac), (length) =>
      crypto.getRandomValues(new Uint8Array(length)),
    );
  }

  get pending(): number {
    return this.#sender.pending;
  }

  /** Who has not answered yet. */
  pendingList(): PendingNotify[] {
    return this.#sender.list().map(({ zone, target }) => ({
      zone: formatName(zone),
      target:
        target.via === 'address'
          ? `${target.endpoint.address}@${target.endpoint.port}`
          : `registered connection ${target.connection}`,
    }));
  }

  get registered(): number {
    return this.#registrations.count;
  }

  /** Tells everybody concerned of a zone, a moment later: of many changes the last one counts. */
  announce(zone: Name): void {
    this.#toAnnounce.set(nameKey(zone), zone);
    this.#announcing ??= setTimeout(() => this.#announceAll(), announceMs);
  }

  #announceAll(): void {
    clearTimeout(this.#announcing);
    this.#announcing = undefined;
    const zones = [...this.#toAnnounce.values()];
    this.#toAnnounce.clear();
    for (const zone of zones) {
      const served = this.#parts.zones.find(zone);
      if (served !== undefined) this.#announce(zone, served.news);
    }
  }

  #announce(zone: Name, news: ZoneNews): void {
    const { access, alsoNotify, own } = this.#parts;
    const peers = access.ring
      .peersOf(zone)
      .map(({ address, key }) => ({ address, port: 53, key: formatName(key.name) }));
    const targets = notifyTargets(
      news.nameServers,
      peers,
      this.#registrations.targetsOf(zone),
      own,
    );
    for (const { address, port, key } of alsoNotify)
      targets.push({ via: 'address', endpoint: { address, port }, key });
    if (targets.length > 0) this.#feed({ type: 'announce', zone, soa: news.soa, targets });
  }

  removed(zone: Name): void {
    this.#feed({ type: 'zone-removed', zone });
  }

  /** Keys that went take along what waits for them; secondaries in the names of new ones are told of what there is. */
  keysChanged({ added, removed }: RingChanges): void {
    for (const { name } of removed) {
      const key = formatName(name);
      this.#registrations.keyRemoved(key);
      this.#feed({ type: 'key-removed', key });
    }
    for (const { grant } of added) {
      if (grant?.peers?.secondary === undefined) continue;
      for (const { apexName } of this.#parts.zones.all())
        if (grant.zone.length === 1 || equalNames(grant.zone, apexName)) this.announce(apexName);
    }
  }

  /** A signed query for a SOA over a stream: whoever asks wants to hear of changes there (dns: RFC 1996 leaves it open). */
  register(zone: Name, key: Name, connection: StreamConnection): void {
    let number = this.#numbers.get(connection);
    if (number === undefined) {
      number = this.#nextConnection++;
      this.#numbers.set(connection, number);
      this.#connections.set(number, connection);
      const own = number;
      connection.whenClosed(() => {
        this.#connections.delete(own);
        this.#registrations.closed(own);
        this.#feed({ type: 'closed', connection: own });
      });
    }
    const keyName = formatName(key);
    // What was about to be announced is old news to who comes only now.
    this.#announceAll();
    if (!this.#registrations.register(number, zone, keyName)) return;
    connection.hold();
    if (zone.length > 1) return;
    // Who asks for the root hears of every zone at once.
    const target: NotifyTarget = { via: 'connection', connection: number, key: keyName };
    for (const { apexName, news } of this.#parts.zones.all())
      this.#feed({ type: 'announce', zone: apexName, soa: news.soa, targets: [target] });
  }

  /** An answer that came over a connection. */
  response(message: Uint8Array, from: Requester): void {
    const number = from.connection && this.#numbers.get(from.connection);
    if (number !== undefined) this.#feed({ type: 'answer', from: number, octets: message });
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#announcing);
    for (const socket of this.#sockets.values()) socket.close();
    for (const socket of this.#outgoing) socket.destroy();
  }

  #feed(input: NotifyInput): void {
    if (this.#stopped) return;
    const outputs = this.#sender.step(performance.now(), input);
    for (const output of outputs) this.#perform(output);
  }

  #perform(output: NotifyOutput): void {
    const { log } = this.#parts;
    if (output.type === 'wake') {
      clearTimeout(this.#timer);
      const wait = Math.min(longestWaitMs, Math.max(0, Math.ceil(output.at - performance.now())));
      this.#timer = setTimeout(() => this.#feed({ type: 'timer' }), wait);
      this.#timer.unref();
    } else if (output.type === 'settled') {
      const { outcome, zone, target, rcode } = output;
      if (outcome in this.counts) this.counts[outcome as keyof typeof this.counts]++;
      if (outcome !== 'acknowledged') {
        const to = target.via === 'address' ? target.endpoint.address : 'a registered connection';
        log.warn('secondary not told', { zone: formatName(zone), to, outcome, rcode });
      }
    } else this.#send(output);
  }

  #send({ target, transport, octets }: Extract<NotifyOutput, { type: 'send' }>): void {
    this.counts.sent++;
    if (target.via === 'connection') this.#connections.get(target.connection)?.send(octets);
    else if (transport === 'udp') {
      const { address, port } = target.endpoint;
      // Where that address cannot be reached, the next copy is tried in time.
      this.#socketFor(address).send(octets, port, address, () => {});
    } else this.#sendOverTcp(target.endpoint, octets);
  }

  #socketFor(address: string): Socket {
    const family = address.includes(':') ? 'udp6' : 'udp4';
    let socket = this.#sockets.get(family);
    if (socket === undefined) {
      socket = createSocket(family);
      socket.on('error', () => {}); // the next copy is tried in time
      socket.on('message', (octets, { address: from, port }) =>
        this.#feed({ type: 'answer', from: { address: from, port }, octets }),
      );
      socket.unref();
      this.#sockets.set(family, socket);
    }
    return socket;
  }

  #sendOverTcp(endpoint: { address: string; port: number }, octets: Uint8Array): void {
    if (this.#outgoing.size >= maxNotifyConnections) return;
    const socket = connect({ host: endpoint.address, port: endpoint.port });
    this.#outgoing.add(socket);
    let held = Buffer.alloc(0);
    socket.setTimeout(notifyConnectionMs, () => socket.destroy());
    socket.on('error', () => {});
    socket.on('close', () => void this.#outgoing.delete(socket));
    socket.on('connect', () => socket.write(framed(octets)));
    socket.on('data', (piece: Buffer) => {
      held = Buffer.concat([held, piece]);
      if (held.length < 2 || held.length < 2 + held.readUInt16BE(0)) return;
      const answer = held.subarray(2, 2 + held.readUInt16BE(0));
      this.#feed({ type: 'answer', from: endpoint, octets: answer });
      socket.destroy();
    });
  }
}
