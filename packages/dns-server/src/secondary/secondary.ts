/**
 * All copies of zones that a server keeps: each by its own state machine (secondary-zone.ts), with bounds
 * on how many are busy at once, and with the zones that a NOTIFY signed with the right key may bring.
 *
 * The same contract as `step`: what happened goes in with the time, what is to be done comes out.
 */
import { Rcode } from '@riad/dns/iana/rcodes';
import { type Name, nameKey } from '@riad/dns/name';
import type { Endpoint, Instant, UnixSeconds } from '@riad/octets/engine';
import { DueQueue } from '../due-queue.ts';
import {
  type CheckOutcome,
  type Fraction,
  type Primary,
  type SecondaryFacts,
  type SecondaryInput,
  type SecondaryNext,
  type SecondaryOutput,
  type SecondaryZone,
  secondaryZone,
  step,
  unreachable,
  withPrimaries,
} from './secondary-zone.ts';

/** Transfers at a time: each holds a zone half built. */
export const maxTransfers = 10;
/** Transfers at a time from one primary, so that one that is slow leaves room for the others. */
export const maxTransfersFromPrimary = 4;
/** Queries for a SOA at a time. */
export const maxSoaQueries = 100;
/** Of all zones, configured and added; each waits with some hundred octets of state. */
export const maxSecondaryZones = 100_000;
/** An answer to a query for a SOA, its repetitions included. */
export const soaQueryMs = 15_000;
/** A whole transfer; that it moves on is watched by whoever reads the connection. */
export const transferMs = 1_800_000;

export type SecondarySettings = {
  /** Zones that NOTIFY with one key may add; 0 switches adding off. */
  readonly maxAddedPerKey: number;
};

export type SetInput =
  | { readonly type: 'timer' }
  | {
      /** A zone that is configured, or was added before the restart. */
      readonly type: 'add';
      readonly zone: Name;
      readonly primaries: readonly Primary[];
      readonly addedBy: string | undefined;
      readonly facts: SecondaryFacts | undefined;
      readonly wallSeconds: UnixSeconds;
    }
  | { readonly type: 'remove'; readonly zone: Name }
  | { readonly type: 'primaries'; readonly zone: Name; readonly primaries: readonly Primary[] }
  | {
      readonly type: 'notify';
      readonly zone: Name;
      readonly from: Endpoint;
      /** The key that it was signed with, if that may notify for the zone. */
      readonly key: string | undefined;
      readonly serial: number | undefined;
      readonly wallSeconds: UnixSeconds;
    }
  | { readonly type: 'refresh' | 'retransfer'; readonly zone: Name }
  /** Every zone that has this key with a primary: its connection was lost and is there again. */
  | { readonly type: 'refresh-key'; readonly key: string }
  | {
      readonly type: 'completed';
      readonly zone: Name;
      readonly token: number;
      readonly outcome: CheckOutcome;
    };

export type SetOutput =
  | (Exclude<SecondaryOutput, { type: 'wake' }> & { readonly zone: Name })
  | {
      readonly type: 'added';
      readonly zone: Name;
      readonly primary: Primary;
      readonly addedBy: string;
    }
  /** The RCODE to answer a NOTIFY with. */
  | { readonly type: 'notify-answer'; readonly rcode: number }
  | { readonly type: 'refused'; readonly zone: Name; readonly why: 'full' | 'present' }
  | { readonly type: 'wake'; readonly at: Instant };

type Start = Extract<SecondaryOutput, { type: 'ask-soa' | 'transfer' }>;
type Slot = { state: SecondaryZone; waiting: Start | undefined; running: Start | undefined };

export class Secondaries {
  readonly #settings: SecondarySettings;
  readonly #fraction: Fraction;
  readonly #slots = new Map<string, Slot>();
  readonly #due = new DueQueue<Slot>();
  readonly #deadlines = new DueQueue<Slot>();
  /** Slots whose effect waits for room, in their order: queries, and transfers by primary. */
  readonly #waitingQueries = new Set<Slot>();
  readonly #waitingTransfers = new Map<string, Set<Slot>>();
  readonly #perPrimary = new Map<string, number>();
  readonly #addedPerKey = new Map<string, number>();
  #transfers = 0;
  #queries = 0;

  constructor(settings: SecondarySettings, fraction: Fraction) {
    this.#settings = settings;
    this.#fraction = fraction;
  }

  get size(): number {
    return this.#slots.size;
  }

  /** The state of a zone, for status; undefined if it is not kept here. */
  stateOf(zone: Name): SecondaryZone | undefined {
    return this.#slots.get(nameKey(zone))?.state;
  }

  step(now: Instant, input: SetInput): SetOutput[] {
    const outputs: SetOutput[] = [];
    this.#take(now, input, outputs);
    this.#time(now, outputs);
    this.#startWaiting(now, outputs);
    const at = Math.min(this.#due.next ?? Infinity, this.#deadlines.next ?? Infinity);
    if (at < Infinity) outputs.push({ type: 'wake', at });
    return outputs;
  }

  #take(now: Instant, input: SetInput, outputs: SetOutput[]): void {
    switch (input.type) {
      case 'timer':
        return;
      case 'add':
        this.#add(now, input, outputs);
        return;
      case 'notify':
        this.#notify(now, input, outputs);
        return;
      case 'refresh-key':
        for (const slot of [...this.#slots.values()]) {
          if (slot.state.primaries.some(({ key }) => key === input.key)) {
            this.#feed(slot, now, { type: 'refresh' }, outputs);
          }
        }
        return;
      default: {
        const slot = this.#slots.get(nameKey(input.zone));
        if (slot !== undefined) this.#takeFor(slot, now, input, outputs);
      }
    }
  }

  #takeFor(
    slot: Slot,
    now: Instant,
    input: Exclude<SetInput, { type: 'timer' | 'add' | 'notify' | 'refresh-key' }>,
    outputs: SetOutput[],
  ): void {
    switch (input.type) {
      case 'remove':
        this.#remove(slot, outputs);
        return;
      case 'primaries':
        slot.state = withPrimaries(slot.state, input.primaries);
        this.#feed(slot, now, { type: 'refresh' }, outputs);
        return;
      case 'completed': {
        const { token, outcome } = input;
        if (slot.running?.token === token) this.#ended(slot);
        this.#feed(slot, now, { type: 'completed', token, outcome }, outputs);
        return;
      }
      default:
        this.#feed(slot, now, { type: input.type }, outputs);
    }
  }

  #add(now: Instant, input: Extract<SetInput, { type: 'add' }>, outputs: SetOutput[]): void {
    const { zone, primaries, addedBy, facts, wallSeconds } = input;
    const key = nameKey(zone);
    if (this.#slots.has(key)) {
      outputs.push({ type: 'refused', zone, why: 'present' });
      return;
    }
    if (this.#slots.size >= maxSecondaryZones) {
      outputs.push({ type: 'refused', zone, why: 'full' });
      return;
    }
    if (addedBy !== undefined) this.#countAdded(addedBy, 1);
    const next = secondaryZone(zone, primaries, addedBy, facts, now, wallSeconds);
    const slot: Slot = { state: next.state, waiting: undefined, running: undefined };
    this.#slots.set(key, slot);
    this.#took(slot, next, outputs);
  }

  /** NOTIFY from a primary of the zone, or signed for it; or signed for a zone that is new. */
  #notify(now: Instant, input: Extract<SetInput, { type: 'notify' }>, outputs: SetOutput[]): void {
    const { zone, from, key, serial, wallSeconds } = input;
    const answer = (rcode: number): void => void outputs.push({ type: 'notify-answer', rcode });
    const slot = this.#slots.get(nameKey(zone));
    if (slot !== undefined) {
      const index = slot.state.primaries.findIndex(
        ({ endpoint }) => endpoint.address === from.address,
      );
      // RFC 1996 §3.10: one from anybody else is not acted upon.
      if (index === -1 && key === undefined) return answer(Rcode.REFUSED);
      answer(Rcode.NOERROR);
      const primary = index === -1 ? undefined : index;
      const signed = key !== undefined;
      this.#feed(slot, now, { type: 'notify', serial, signed, primary }, outputs);
      return;
    }
    const room =
      key !== undefined &&
      (this.#addedPerKey.get(key) ?? 0) < this.#settings.maxAddedPerKey &&
      this.#slots.size < maxSecondaryZones;
    if (!room) return answer(Rcode.REFUSED);
    answer(Rcode.NOERROR);
    // The port that a NOTIFY comes from is nobody's to connect to.
    const primary: Primary = { endpoint: { address: from.address, port: 53 }, key };
    outputs.push({ type: 'added', zone, primary, addedBy: key });
    const primaries = [primary];
    this.#add(
      now,
      { type: 'add', zone, primaries, addedBy: key, facts: undefined, wallSeconds },
      outputs,
    );
  }

  #time(now: Instant, outputs: SetOutput[]): void {
    for (
      let slot = this.#deadlines.take(now);
      slot !== undefined;
      slot = this.#deadlines.take(now)
    ) {
      const { running } = slot;
      if (running === undefined) continue;
      outputs.push({ type: 'cancel', token: running.token, zone: slot.state.zone });
      this.#ended(slot);
      const outcome = { kind: 'failed', code: unreachable, rcode: 0, signed: false } as const;
      this.#feed(slot, now, { type: 'completed', token: running.token, outcome }, outputs);
    }
    for (let slot = this.#due.take(now); slot !== undefined; slot = this.#due.take(now)) {
      this.#feed(slot, now, { type: 'timer' }, outputs);
    }
  }

  #feed(slot: Slot, now: Instant, input: SecondaryInput, outputs: SetOutput[]): void {
    this.#took(slot, step(slot.state, now, input, this.#fraction), outputs);
  }

  #took(slot: Slot, next: SecondaryNext, outputs: SetOutput[]): void {
    slot.state = next.state;
    const { zone } = next.state;
    this.#due.delete(slot);
    for (const output of next.outputs) {
      switch (output.type) {
        case 'wake':
          this.#due.set(slot, output.at);
          break;
        case 'ask-soa':
        case 'transfer':
          this.#wait(slot, output);
          break;
        case 'cancel':
          // What had not begun needs no end.
          if (slot.running?.token === output.token) {
            this.#ended(slot);
            outputs.push({ ...output, zone });
          }
          this.#stopWaiting(slot);
          break;
        case 'drop':
          outputs.push({ ...output, zone });
          this.#remove(slot, outputs);
          break;
        default:
          outputs.push({ ...output, zone });
      }
    }
  }

  #wait(slot: Slot, start: Start): void {
    this.#stopWaiting(slot);
    slot.waiting = start;
    if (start.type === 'ask-soa') {
      this.#waitingQueries.add(slot);
      return;
    }
    const { address } = start.primary.endpoint;
    const slots = this.#waitingTransfers.get(address);
    if (slots === undefined) this.#waitingTransfers.set(address, new Set([slot]));
    else slots.add(slot);
  }

  #stopWaiting(slot: Slot): void {
    const start = slot.waiting;
    slot.waiting = undefined;
    if (start === undefined) return;
    this.#waitingQueries.delete(slot);
    if (start.type === 'ask-soa') return;
    const { address } = start.primary.endpoint;
    const slots = this.#waitingTransfers.get(address);
    slots?.delete(slot);
    if (slots?.size === 0) this.#waitingTransfers.delete(address);
  }

  /** Begins what waits, as far as there is room; a primary that is busy holds up no other. */
  #startWaiting(now: Instant, outputs: SetOutput[]): void {
    for (const slot of this.#waitingQueries) {
      if (this.#queries >= maxSoaQueries) break;
      this.#start(slot, now, outputs);
    }
    for (const [address, slots] of this.#waitingTransfers) {
      for (const slot of slots) {
        if (this.#transfers >= maxTransfers) return;
        if ((this.#perPrimary.get(address) ?? 0) >= maxTransfersFromPrimary) break;
        this.#start(slot, now, outputs);
      }
    }
  }

  #start(slot: Slot, now: Instant, outputs: SetOutput[]): void {
    const start = slot.waiting!;
    this.#stopWaiting(slot);
    slot.running = start;
    this.#count(start, 1);
    this.#deadlines.set(slot, now + (start.type === 'transfer' ? transferMs : soaQueryMs));
    outputs.push({ ...start, zone: slot.state.zone });
  }

  #count(start: Start, by: 1 | -1): void {
    if (start.type === 'ask-soa') {
      this.#queries += by;
      return;
    }
    this.#transfers += by;
    const { address } = start.primary.endpoint;
    const left = (this.#perPrimary.get(address) ?? 0) + by;
    if (left === 0) this.#perPrimary.delete(address);
    else this.#perPrimary.set(address, left);
  }

  #ended(slot: Slot): void {
    if (slot.running !== undefined) this.#count(slot.running, -1);
    slot.running = undefined;
    this.#deadlines.delete(slot);
  }

  #remove(slot: Slot, outputs: SetOutput[]): void {
    const { zone, addedBy } = slot.state;
    if (slot.running !== undefined) {
      outputs.push({ type: 'cancel', token: slot.running.token, zone });
    }
    this.#ended(slot);
    this.#stopWaiting(slot);
    this.#due.delete(slot);
    this.#slots.delete(nameKey(zone));
    if (addedBy !== undefined) this.#countAdded(addedBy, -1);
  }

  #countAdded(key: string, by: 1 | -1): void {
    const count = (this.#addedPerKey.get(key) ?? 0) + by;
    if (count === 0) this.#addedPerKey.delete(key);
    else this.#addedPerKey.set(key, count);
  }
}
