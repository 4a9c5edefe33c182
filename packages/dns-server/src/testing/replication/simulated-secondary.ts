/** A server that keeps copies, and gives them on: the engine that decides, and transfers taken in. */
import { Rcode } from '@riad/dns/iana/rcodes';
import { type Name, nameKey } from '@riad/dns/name';
import { signRequest } from '@riad/dns/tsig/sign';
import {
  outcomeOfTransfer,
  readSoaAnswer,
  soaQuery,
  transferQuery,
} from '../../secondary/primary-messages.ts';
import { timesOfSoa } from '../../secondary/refresh-times.ts';
import { Secondaries, type SetInput, type SetOutput } from '../../secondary/secondary.ts';
import { type CheckOutcome, factsOfTransfer, unreachable } from '../../secondary/secondary-zone.ts';
import { prepareChange } from '../../transfer/apply-change.ts';
import { messageVerifier } from '../../transfer/stream-signature.ts';
import { TransferIn, type TransferInOutcome } from '../../transfer/transfer-in.ts';
import { zoneDifference } from '../../zone-history/zone-difference.ts';
import { MemoryHistory } from '../../zone-history/zone-history.ts';
import type { ZoneRecord } from '../../zone-image/zone-commit.ts';
import { soaRecord } from '../../zone-image/zone-records.ts';
import { sha1 } from '../built-zone.ts';
import { apexOf } from './apexes.ts';
import { quickHmac, sealQuery } from './link-keys.ts';
import type { Source } from './oracle.ts';
import { recordsIn } from './simulated-disk.ts';
import type { Host } from './simulated-network.ts';
import { SimulatedServer, type World } from './simulated-server.ts';

type Start = Extract<SetOutput, { type: 'ask-soa' | 'transfer' }>;
type Question = {
  readonly to: Host;
  readonly take: (octets: Uint8Array, source: Source) => void;
};

export class SimulatedSecondary extends SimulatedServer {
  readonly #primaries: readonly string[];
  #engine!: Secondaries;
  #questions: Question[] = [];
  #cancelled = new Set<string>();
  /** How often each zone was asked about. */
  starts = 0;
  notifies = 0;
  lives = 0;
  transfers = 0;

  constructor(address: string, world: World, primaries: readonly string[]) {
    super(address, world);
    this.#primaries = primaries;
  }

  override start(): void {
    super.start();
    this.lives++;
    this.#questions = [];
    this.#cancelled = new Set();
    const { random, zones, oracle, keys } = this.world;
    this.#engine = new Secondaries({ maxAddedPerKey: 0 }, () => random.below(1000) / 1000);
    const primaries = this.#primaries.map((address) => ({
      endpoint: { address, port: 53 },
      key: keys.nameBetween(this, { address }),
    }));
    for (const zone of zones) {
      const facts = this.disk.zones.get(zone)?.facts;
      oracle.restarted(this.address, zone);
      const what = { primaries, addedBy: undefined, facts, wallSeconds: this.wall };
      this.#feed({ type: 'add', zone: apexOf(zone), ...what });
    }
    this.look();
  }

  isExpired(zone: Name): boolean {
    return this.#engine.stateOf(zone)?.expired ?? false;
  }

  /** The disk is lost: nothing is known any more. */
  loseDisk(): void {
    this.disk.zones.clear();
    for (const zone of this.world.zones) this.world.oracle.forgotten(this.address, zone);
  }

  order(zone: string, what: 'refresh' | 'retransfer'): void {
    if (!this.up) return;
    if (what === 'retransfer') this.world.oracle.ordered(this.address, zone);
    this.#feed({ type: what, zone: apexOf(zone) });
  }

  expiresIn(zone: Name): number | undefined {
    const state = this.#engine.stateOf(zone);
    return state?.facts === undefined
      ? undefined
      : Math.max(0, Math.floor((state.expireAt - this.now) / 1000));
  }

  notified(zone: Name, serial: number | undefined, from: Host, key: string | undefined): number {
    this.notifies++;
    const endpoint = { address: from.address, port: 53 };
    const input = { type: 'notify', zone, from: endpoint, key, serial } as const;
    const outputs = this.#feed({ ...input, wallSeconds: this.wall });
    const answer = outputs.find(({ type }) => type === 'notify-answer');
    return answer?.type === 'notify-answer' ? answer.rcode : Rcode.REFUSED;
  }

  answered(octets: Uint8Array, from: Host, source: Source): void {
    for (const question of [...this.#questions])
      if (question.to === from) question.take(octets, source);
  }

  #feed(input: SetInput): readonly SetOutput[] {
    const outputs = this.#engine.step(this.now, input);
    for (const output of outputs) this.#perform(output);
    return outputs;
  }

  #perform(output: SetOutput): void {
    switch (output.type) {
      case 'wake':
        this.wake('secondaries', output.at, () => this.#feed({ type: 'timer' }));
        break;
      case 'ask-soa':
        this.starts++;
        this.#askSoa(output);
        break;
      case 'transfer':
        this.starts++;
        this.#transfer(output);
        break;
      case 'cancel':
        this.#cancelled.add(`${nameKey(output.zone)} ${output.token}`);
        break;
      case 'persist':
        this.disk.facts(this.textOf(output.zone), output.facts);
        break;
      case 'expired':
      case 'restored':
        this.image.withhold(output.zone, output.type === 'expired');
        break;
      default:
    }
  }

  #completed({ zone, token }: Start, outcome: CheckOutcome, source: Source): void {
    const { oracle } = this.world;
    const text = this.textOf(zone);
    const before = this.#engine.stateOf(zone);
    const current = before?.activity?.token === token;
    const same = outcome.kind === 'soa' && outcome.serial === before?.facts?.serial;
    if (current && (same || outcome.kind === 'up-to-date')) {
      const { expireSeconds } = timesOfSoa(soaRecord(this.image, this.image.zoneOf(zone)).rdata);
      oracle.confirmed(this.address, text, expireSeconds * 1000, false, source, this.now);
    }
    this.#feed({ type: 'completed', zone, token, outcome });
    // A zone that came whole is not withheld, whatever the one before it was.
    if (outcome.kind === 'transferred' && this.#engine.stateOf(zone)?.expired === true)
      this.image.withhold(zone, true);
    this.look();
    if (outcome.kind === 'transferred') oracle.obeyed(this.address, text);
  }

  #isCancelled({ zone, token }: Start): boolean {
    return this.#cancelled.has(`${nameKey(zone)} ${token}`);
  }

  #askSoa(start: Extract<Start, { type: 'ask-soa' }>): void {
    const { random, network, hosts, keys } = this.world;
    const { zone, primary } = start;
    const to = hosts.get(primary.endpoint.address)!;
    const key = keys.between(this, to);
    const id = random.below(65_536);
    let open = true;
    const end = (outcome: CheckOutcome, source: Source): void => {
      if (!open) return;
      open = false;
      this.#questions = this.#questions.filter((each) => each !== question);
      if (!this.#isCancelled(start)) this.#completed(start, outcome, source);
    };
    const copies: ReturnType<typeof sealQuery>[] = [];
    const take = (octets: Uint8Array, source: Source): void => {
      for (const copy of copies) {
        const message = copy.open(octets);
        if (message === undefined) continue;
        const outcome = readSoaAnswer(message, zone, id, key !== undefined, this.wall);
        if (outcome !== undefined && outcome !== 'use-tcp') end(outcome, source);
      }
    };
    const question: Question = { to, take };
    this.#questions.push(question);
    for (const ms of [0, 1000, 3000])
      this.later(ms, () => {
        if (!open) return;
        const copy = sealQuery(soaQuery(zone, id), key, this.wallClock);
        copies.push(copy);
        network.send(this, to, copy.octets);
      });
    this.later(5000, () =>
      end({ kind: 'failed', code: unreachable, rcode: 0, signed: false }, undefined),
    );
  }

  #transfer(start: Extract<Start, { type: 'transfer' }>): void {
    const { random, network, hosts, keys } = this.world;
    const { zone, primary, kind, serial } = start;
    const to = hosts.get(primary.endpoint.address)!;
    const id = random.below(65_536);
    const request = { kind, zone, id, serial, transport: 'tcp' } as const;
    const query = transferQuery(zone, id, kind === 'ixfr' ? serial : undefined);
    const key = keys.between(this, to);
    const signed = key && signRequest(query, key, this.wall, quickHmac);
    const verifier = signed && messageVerifier({ key, mac: signed.mac }, this.wallClock, quickHmac);
    const transfer = new TransferIn(this.image, request, sha1, verifier);
    let source: Source;
    let messages = 0;
    network.ask(
      this,
      to,
      signed?.octets ?? query,
      (octets) => {
        // EXPIRE stands in the first message.
        if (messages++ === 0) source = (to as SimulatedServer).source(zone);
        if (this.#isCancelled(start)) {
          transfer.end();
          return false;
        }
        const outcome = transfer.take(octets);
        if (outcome === undefined) return true;
        const taken = this.#take(start, outcome, source);
        if (taken !== undefined) this.#completed(start, taken, source);
        return false;
      },
      () => {
        const outcome = transfer.end();
        if (this.#isCancelled(start)) return;
        const code = messages === 0 ? unreachable : outcome.kind === 'fault' ? outcome.code : '';
        this.#completed(start, { kind: 'failed', code, rcode: 0, signed: false }, undefined);
      },
    );
  }

  /** Makes what came the version in force: durable first, then seen. Undefined: the server crashed in between. */
  #take(
    { zone, primary }: Start,
    outcome: TransferInOutcome,
    source: Source,
  ): CheckOutcome | undefined {
    const { random } = this.world;
    const text = this.textOf(zone);
    if (outcome.kind === 'use-tcp') throw new Error('use-tcp over TCP');
    if (outcome.kind === 'zone') {
      const before = this.image.zoneOf(zone);
      const change =
        before === 0 ? undefined : zoneDifference(this.image, before, outcome.built, 1000);
      if (change === undefined) this.disk.whole(text, recordsIn(this.image, outcome.built));
      else this.disk.changed(text, change);
      this.#durable(text, soaRecord(this.image, outcome.built), outcome.expireSeconds, source);
      if (random.chance(0.05)) return this.#crashIn(random.between(500, 20_000));
      outcome.publish();
      const history = change === undefined ? new MemoryHistory() : this.histories.get(text)!;
      if (change !== undefined) history.add(change, Number.MAX_SAFE_INTEGER);
      this.histories.set(text, history);
    } else if (outcome.kind === 'changes') {
      const prepared = prepareChange(this.image, zone, outcome.change, sha1);
      if (!prepared.ok) return { kind: 'failed', code: prepared.code, rcode: 0, signed: false };
      this.disk.changed(text, prepared.change);
      const [soa] = prepared.change.additions;
      this.#durable(text, soa!, outcome.expireSeconds, source);
      if (random.chance(0.05)) {
        prepared.discard();
        return this.#crashIn(random.between(500, 20_000));
      }
      prepared.publish();
      this.histories.get(text)!.add(prepared.change, Number.MAX_SAFE_INTEGER);
    }
    const element = this.image.zoneOf(zone);
    const inForce = element === 0 ? undefined : timesOfSoa(soaRecord(this.image, element).rdata);
    if (outcome.kind === 'zone' || outcome.kind === 'changes') {
      this.transfers++;
      this.disk.rebase(text, () => this.records(text));
      this.announce(text);
    }
    return outcomeOfTransfer(outcome, inForce ?? nothing, primary.key !== undefined, this.wall);
  }

  /** With the zone the journal has until when it is good. */
  #durable(zone: string, soa: ZoneRecord, expireSeconds: number | undefined, source: Source): void {
    const times = timesOfSoa(soa.rdata);
    this.disk.facts(zone, factsOfTransfer(times, expireSeconds, this.wall));
    const expireMs = times.expireSeconds * 1000;
    this.world.oracle.confirmed(this.address, zone, expireMs, true, source, this.now);
  }

  #crashIn(forMs: number): undefined {
    this.crash();
    this.world.time.after(forMs, () => {
      if (!this.up) this.start();
    });
    return undefined;
  }
}

const nothing = { serial: 0, refreshSeconds: 0, retrySeconds: 0, expireSeconds: 0 };
