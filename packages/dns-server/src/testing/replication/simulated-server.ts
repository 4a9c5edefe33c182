/**
 * A server as far as zones are copied: the engines that the services run, with a disk that survives and a
 * memory that does not. The shell around the engines is the simulation's own, and literal.
 */
import { expire } from '@riad/dns/edns/expire';
import { Rcode } from '@riad/dns/iana/rcodes';
import { decodeMessage, type Message, noFlags } from '@riad/dns/message';
import { encodeMessage } from '@riad/dns/message-writer';
import { type Name, nameKey, parseName } from '@riad/dns/name';
import { Arena } from '@riad/octets/arena';
import type { Instant, UnixSeconds } from '@riad/octets/engine';
import type { Random } from '@riad/octets/testing/random';
import { notifyAnswer, readNotify } from '../../notify/notify-message.ts';
import { type NotifyOutput, NotifySender, type NotifyTarget } from '../../notify/notify-sender.ts';
import { timesOfSoa } from '../../secondary/refresh-times.ts';
import { applyChange } from '../../transfer/apply-change.ts';
import type { MessageSigner } from '../../transfer/transfer-message.ts';
import { transferOut } from '../../transfer/transfer-out.ts';
import { readTransferQuery } from '../../transfer/transfer-query.ts';
import type { MemoryHistory } from '../../zone-history/zone-history.ts';
import { HeldVersions } from '../../zone-image/held-versions.ts';
import { zoneFlag, zoneVersion } from '../../zone-image/layout.ts';
import { ZoneImage } from '../../zone-image/zone-image.ts';
import { soaRecord } from '../../zone-image/zone-records.ts';
import { sha1 } from '../built-zone.ts';
import type { Oracle, Source } from './oracle.ts';
import { buildZone, historyOf, recordsIn, SimulatedDisk } from './simulated-disk.ts';
import type { Host, SimulatedNetwork } from './simulated-network.ts';
import type { VirtualTime } from './virtual-time.ts';

/** Small messages, so that transfers have several and can be cut between them. */
const messageOctets = 700;

export type World = {
  readonly time: VirtualTime;
  readonly random: Random;
  readonly network: SimulatedNetwork;
  readonly oracle: Oracle;
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

  start(): void {
    this.life++;
    this.up = true;
    const { random } = this.world;
    this.image = ZoneImage.create(Arena.reserve(2 << 20), random.uint32());
    this.#holds = new HeldVersions(this.image.arena);
    this.#notify = new NotifySender(
      () => undefined,
      (length) => random.octets(length),
    );
    this.histories.clear();
    this.#wakes.clear();
    for (const [zone, { records, changes }] of this.disk.zones) {
      const apex = parseName(zone);
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
    return this.world.zones.find((name) => nameKey(parseName(name)) === nameKey(zone))!;
  }

  /** What the oracle knows of a copy here just now. */
  source(zone: Name): Source {
    return this.world.oracle.source(this.address, this.textOf(zone), this.now);
  }

  serialOf(zone: string): number | undefined {
    const element = this.image.zoneOf(parseName(zone));
    return element === 0
      ? undefined
      : this.image.writer.words[element * 2 + zoneVersion.serial]! >>> 0;
  }

  /** Looks as a reader would. */
  look(): void {
    if (!this.up) return;
    for (const zone of this.world.zones)
      this.world.oracle.look(this.address, zone, this.image, parseName(zone), this.now);
  }

  announce(zone: string): void {
    const element = this.image.zoneOf(parseName(zone));
    const targets = this.secondaries.map(
      (address): NotifyTarget => ({
        via: 'address',
        endpoint: { address, port: 53 },
        key: undefined,
      }),
    );
    if (element === 0 || targets.length === 0) return;
    const soa = soaRecord(this.image, element);
    const input = { type: 'announce', zone: parseName(zone), soa, targets } as const;
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
    const decoded = decodeMessage(octets);
    if (!decoded.ok) return;
    const { value: message } = decoded;
    if (message.flags.qr) {
      if (message.opcode === 4) {
        const endpoint = { address: from.address, port: 53 };
        this.#performNotify(
          this.#notify.step(this.now, { type: 'answer', from: endpoint, octets }),
        );
      } else this.answered(octets, from, source);
      return;
    }
    const notify = readNotify(message);
    if (notify === undefined) {
      const name = message.questions[0]!.name;
      this.world.network.send(this, from, this.#answerSoa(message), this.source(name));
    }
    if (notify !== undefined && !('rcode' in notify)) {
      const rcode = this.notified(notify.zone, notify.serial, from);
      this.world.network.send(this, from, notifyAnswer(message, rcode));
    }
  }

  /** An answer to a question of ours over UDP. */
  abstract answered(octets: Uint8Array, from: Host, source: Source): void;
  abstract notified(zone: Name, serial: number | undefined, from: Host): number;
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
    const { words } = this.image.writer;
    if ((words[element * 2 + zoneVersion.flags]! & zoneFlag.withheld) !== 0)
      return encodeMessage({ ...common, flags, rcode: Rcode.SERVFAIL });
    const soa = soaRecord(this.image, element);
    const seconds = this.expiresIn(question.name) ?? timesOfSoa(soa.rdata).expireSeconds;
    return encodeMessage({
      ...common,
      flags: { ...flags, aa: true },
      answers: [{ ...soa, class: 1 }],
      edns: { ...query.edns!, options: [expire.encode({ seconds })] },
    });
  }

  *stream(octets: Uint8Array, _from: Host): Generator<Uint8Array> {
    const decoded = decodeMessage(octets);
    if (!decoded.ok) return;
    const query = readTransferQuery(decoded.value);
    if (query === undefined) {
      yield this.#answerSoa(decoded.value);
      return;
    }
    if ('rcode' in query) return;
    const held = this.#holds.hold(this.now);
    if (held === undefined) return;
    try {
      yield* transferOut(this.image.arena, held, query, {
        transport: 'tcp',
        signer: smallMessages,
        history: this.histories.get(this.textOf(query.zone)),
        expireSeconds: this.expiresIn(query.zone),
      });
    } finally {
      held.release();
    }
  }

  records(zone: string): ReturnType<typeof recordsIn> {
    return recordsIn(this.image, this.image.zoneOf(parseName(zone)));
  }
}

/** Signs nothing, but claims room for a signature: so messages are small. */
const smallMessages: MessageSigner = {
  maxOctets: 65_535 - messageOctets,
  sign: (message) => message.slice(),
};
