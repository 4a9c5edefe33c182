/**
 * A server as far as zones are copied: the engines that the services run, with a disk that survives and a
 * memory that does not. The shell around the engines is the simulation's own, and literal.
 */
import { expire } from '@riad/dns/edns/expire';
import { Rcode } from '@riad/dns/iana/rcodes';
import { type Message, noFlags } from '@riad/dns/message';
import { encodeMessage } from '@riad/dns/message-writer';
import type { Name } from '@riad/dns/name';
import { Arena } from '@riad/octets/arena';
import type { Instant, UnixSeconds } from '@riad/octets/engine';
import type { Random } from '@riad/octets/testing/random';
import { notifyAnswer, readNotify } from '../../notify/notify-message.ts';
import { type NotifyOutput, NotifySender, type NotifyTarget } from '../../notify/notify-sender.ts';
import { timesOfSoa } from '../../secondary/refresh-times.ts';
import { applyChange } from '../../transfer/apply-change.ts';
import { messageSigner, notifySigner } from '../../transfer/stream-signature.ts';
import type { MessageSigner } from '../../transfer/transfer-message.ts';
import { transferOut } from '../../transfer/transfer-out.ts';
import { readTransferQuery, type TransferQuery } from '../../transfer/transfer-query.ts';
import type { MemoryHistory } from '../../zone-history/zone-history.ts';
import { HeldVersions } from '../../zone-image/held-versions.ts';
import { zoneFlag, zoneVersion } from '../../zone-image/layout.ts';
import { ZoneImage } from '../../zone-image/zone-image.ts';
import { soaRecord } from '../../zone-image/zone-records.ts';
import { sha1 } from '../built-zone.ts';
import { apexOf, zoneOfApex } from './apexes.ts';
import { type LinkKeys, type OpenedRequest, openRequest, quickHmac } from './link-keys.ts';
import type { Oracle, Source } from './oracle.ts';
import { buildZone, historyOf, recordsIn, SimulatedDisk } from './simulated-disk.ts';
import type { Host, SimulatedNetwork } from './simulated-network.ts';
import { stepByStep } from './step-by-step.ts';
import type { VirtualTime } from './virtual-time.ts';

/** Small messages, so that transfers have several and can be cut between them. */
const messageOctets = 400;
/** A server that is up for two hours under updates needs a fifth of it. */
const arenaOctets = 1 << 19;
/** Differences that leave step by step, as other servers send them. */
const stepByStepShare = 0.3;

export type World = {
  readonly time: VirtualTime;
  readonly random: Random;
  readonly network: SimulatedNetwork;
  readonly oracle: Oracle;
  readonly keys: LinkKeys;
  readonly hosts: Map<string, Host>;
  readonly zones: readonly string[];
};

export abstract class SimulatedServer implements Host {
  readonly address: string;
  readonly world: World;
  disk: SimulatedDisk = new SimulatedDisk();
  image!: ZoneImage;
  readonly histories: Map<string, MemoryHistory> = new Map();
  /** Who hears of changes. */
  readonly secondaries: string[] = [];
  life = 0;
  up = false;
  /** How far the wall clock is off. */
  wallOffsetSeconds = 0;
  #notify!: NotifySender;
  #holds!: HeldVersions;
  readonly #wakes = new Map<string, Instant>();

  constructor(address: string, world: World) {
    this.address = address;
    this.world = world;
    world.hosts.set(address, this);
  }

  get now(): Instant {
    return this.world.time.now;
  }

  get wall(): UnixSeconds {
    return (1_800_000_000 + Math.floor(this.now / 1000) + this.wallOffsetSeconds) as UnixSeconds;
  }

  readonly wallClock = (): UnixSeconds => this.wall;

  start(): void {
    this.life++;
    this.up = true;
    const { random, keys } = this.world;
    this.image = ZoneImage.create(Arena.reserve(arenaOctets), random.uint32());
    this.#holds = new HeldVersions(this.image.arena);
    this.#notify = new NotifySender(
      notifySigner((name) => keys.named(name), this.wallClock, quickHmac),
      (length) => random.octets(length),
    );
    this.histories.clear();
    this.#wakes.clear();
    for (const [zone, { records, changes }] of this.disk.zones) {
      const apex = apexOf(zone);
      this.image.publish(apex, buildZone(this.image, apex, records), true);
      for (const change of changes) {
        const applied = applyChange(this.image, apex, change, sha1);
        if (!applied.ok) throw new Error(`${this.address}: ${zone}: ${applied.message}`);
      }
      this.histories.set(zone, historyOf(changes));
    }
    for (const zone of this.disk.zones.keys()) this.announce(zone);
  }

  crash(): void {
    this.up = false;
    this.life++;
  }

  /** Does something later, unless the server has gone down by then. */
  later(milliseconds: number, what: () => void): void {
    const { life } = this;
    this.world.time.after(milliseconds, () => {
      if (this.life === life && this.up) what();
    });
  }

  /** Calls an engine at the time it asked for; one call that comes before spares the later one. */
  wake(engine: string, at: Instant, call: () => void): void {
    const next = this.#wakes.get(engine);
    if (next !== undefined && next <= at) return;
    this.#wakes.set(engine, at);
    this.later(at - this.now, () => {
      if (this.#wakes.get(engine) !== at) return;
      this.#wakes.delete(engine);
      call();
    });
  }

  /** The zone as it is called here. */
  textOf(zone: Name): string {
    return zoneOfApex(zone)!;
  }

  /** What the oracle knows of a copy here just now. */
  source(zone: Name): Source {
    return this.world.oracle.source(this.address, this.textOf(zone), this.now);
  }

  serialOf(zone: string): number | undefined {
    const element = this.image.zoneOf(apexOf(zone));
    return element === 0
      ? undefined
      : this.image.writer.words[element * 2 + zoneVersion.serial]! >>> 0;
  }

  /** Looks as a reader would. */
  look(): void {
    if (!this.up) return;
    for (const zone of this.world.zones)
      this.world.oracle.look(this.address, zone, this.image, apexOf(zone), this.now);
  }

  announce(zone: string): void {
    const element = this.image.zoneOf(apexOf(zone));
    const targets = this.secondaries.map(
      (address): NotifyTarget => ({
        via: 'address',
        endpoint: { address, port: 53 },
        key: this.world.keys.nameBetween(this, { address }),
      }),
    );
    if (element === 0 || targets.length === 0) return;
    const soa = soaRecord(this.image, element);
    const input = { type: 'announce', zone: apexOf(zone), soa, targets } as const;
    this.#performNotify(this.#notify.step(this.now, input));
  }

  #performNotify(outputs: readonly NotifyOutput[]): void {
    for (const output of outputs) {
      if (output.type === 'send' && output.target.via === 'address') {
        const to = this.world.hosts.get(output.target.endpoint.address)!;
        this.world.network.send(this, to, output.octets);
      } else if (output.type === 'wake') {
        this.wake('notify', output.at, () =>
          this.#performNotify(this.#notify.step(this.now, { type: 'timer' })),
        );
      }
    }
  }

  datagram(octets: Uint8Array, from: Host, source: Source): void {
    const { network, keys } = this.world;
    const isResponse = (octets[2]! & 0x80) !== 0;
    const isNotify = (octets[2]! & 0x78) === 0x20;
    if (isResponse && isNotify) {
      const endpoint = { address: from.address, port: 53 };
      this.#performNotify(this.#notify.step(this.now, { type: 'answer', from: endpoint, octets }));
    } else if (isResponse) this.answered(octets, from, source);
    else {
      const request = openRequest(octets, keys.between(this, from), this.wallClock);
      if (request === undefined) return;
      if ('refusal' in request) network.send(this, from, request.refusal);
      else this.#answer(request, from);
    }
  }

  #answer({ message, signed, reply }: OpenedRequest, from: Host): void {
    const { network } = this.world;
    const notify = readNotify(message);
    if (notify === undefined) {
      const [question] = message.questions;
      const source = question && this.source(question.name);
      network.send(this, from, reply(this.#answerSoa(message)), source);
    } else if (!('rcode' in notify)) {
      const { zone, serial } = notify;
      const key = signed && this.world.keys.nameBetween(this, from);
      network.send(
        this,
        from,
        reply(notifyAnswer(message, this.notified(zone, serial, from, key))),
      );
    }
  }

  /** An answer to a question of ours over UDP. */
  abstract answered(octets: Uint8Array, from: Host, source: Source): void;
  /** `key`: what it was signed with. Gives the RCODE. */
  abstract notified(
    zone: Name,
    serial: number | undefined,
    from: Host,
    key: string | undefined,
  ): number;
  /** Seconds for EXPIRE. */
  abstract expiresIn(zone: Name): number | undefined;

  /** The answer to a query for a SOA, as the answering engine and its shell give it (RFC 7314 §3). */
  #answerSoa(query: Message): Uint8Array {
    const [question] = query.questions;
    const element = question === undefined ? 0 : this.image.zoneOf(question.name);
    const flags = { ...noFlags, qr: true };
    const common = { ...query, answers: [], authorities: [], additionals: [] };
    if (question === undefined || element === 0)
      return encodeMessage({ ...common, flags, rcode: Rcode.REFUSED });
    if (this.#isWithheld(element))
      return encodeMessage({ ...common, flags, rcode: Rcode.SERVFAIL });
    const soa = soaRecord(this.image, element);
    const seconds = this.#expireSeconds(question.name);
    return encodeMessage({
      ...common,
      flags: { ...flags, aa: true },
      answers: [{ ...soa, class: 1 }],
      edns: { ...query.edns!, options: [expire.encode({ seconds })] },
    });
  }

  *stream(octets: Uint8Array, from: Host): Generator<Uint8Array> {
    const { keys, random } = this.world;
    const request = openRequest(octets, keys.between(this, from), this.wallClock);
    if (request === undefined) return;
    if ('refusal' in request) {
      yield request.refusal;
      return;
    }
    const { message, signed, reply } = request;
    const query = readTransferQuery(message);
    if (query === undefined) {
      yield reply(this.#answerSoa(message));
      return;
    }
    if ('rcode' in query) return;
    const signer = smallMessages(signed && messageSigner(signed, this.wallClock, quickHmac));
    if (query.kind === 'ixfr' && random.chance(stepByStepShare)) {
      const messages = this.#stepByStep(query);
      for (const each of messages ?? []) yield signer.sign(each);
      if (messages !== undefined) return;
    }
    const held = this.#holds.hold(this.now);
    if (held === undefined) return;
    try {
      yield* transferOut(this.image.arena, held, query, {
        transport: 'tcp',
        signer,
        history: this.histories.get(this.textOf(query.zone)),
        expireSeconds: this.expiresIn(query.zone),
      });
    } finally {
      held.release();
    }
  }

  #stepByStep(query: TransferQuery): Uint8Array[] | undefined {
    const element = this.image.zoneOf(query.zone);
    if (element === 0 || this.#isWithheld(element)) return undefined;
    const { changes } = this.disk.zones.get(this.textOf(query.zone))!;
    return stepByStep(query, changes, this.#expireSeconds(query.zone));
  }

  /** RFC 7314 §3: what is left of a copy, or what the SOA says. */
  #expireSeconds(zone: Name): number {
    const soa = soaRecord(this.image, this.image.zoneOf(zone));
    return this.expiresIn(zone) ?? timesOfSoa(soa.rdata).expireSeconds;
  }

  #isWithheld(element: number): boolean {
    const flags = this.image.writer.words[element * 2 + zoneVersion.flags]!;
    return (flags & zoneFlag.withheld) !== 0;
  }

  records(zone: string): ReturnType<typeof recordsIn> {
    return recordsIn(this.image, this.image.zoneOf(apexOf(zone)));
  }
}

/** Claims more room for a signature than it needs: so messages are small. */
function smallMessages(signer: MessageSigner | undefined): MessageSigner {
  return {
    maxOctets: 65_535 - messageOctets,
    sign: (message) => signer?.sign(message) ?? message.slice(),
  };
}
