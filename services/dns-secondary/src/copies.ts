/**
 * The copies of zones that are kept here: carries out what the engine decides, and remembers what a
 * restart needs. Not here: which zones there are to be (zone-choice.ts), sockets (inquiries.ts).
 */

import { Rcode } from '@riad/dns/iana/rcodes';
import type { Name } from '@riad/dns/name';
import { Secondaries, type SetInput, type SetOutput } from '@riad/dns-server/secondary/secondary';
import type {
  CheckOutcome,
  Primary,
  SecondaryFacts,
  SecondaryZone,
} from '@riad/dns-server/secondary/secondary-zone';
import type { ServedZones } from '@riad/name-server/control/served-zones';
import type { ZoneCommand, ZoneResult } from '@riad/name-server/loading/loader-messages';
import type { Endpoint, Instant, UnixSeconds } from '@riad/octets/engine';
import type { Log } from '@riad/runtime/logging/log';
import type { CopyRecord, CopyRecords } from './copy-records.ts';
import type { Inquiries } from './inquiries.ts';
import { textOf } from './zone-name.ts';

/** A timer waits no longer; the engine bears being woken early. */
const longestWaitMs = 2 ** 31 - 1;

export type CopiesParts = {
  readonly maxAddedPerKey: number;
  readonly now: () => Instant;
  readonly wall: () => UnixSeconds;
  readonly records: CopyRecords;
  readonly inquiries: Pick<Inquiries, 'askSoa' | 'transfer'>;
  readonly perform: (command: ZoneCommand) => Promise<ZoneResult>;
  readonly log: Log;
};

/** What went wrong with a zone lately, for status and health. */
export type Trouble = {
  readonly since: UnixSeconds;
  readonly event: string;
  readonly detail: string;
};

export class Copies {
  readonly #parts: CopiesParts;
  readonly #engine: Secondaries;
  readonly #running = new Map<string, AbortController>();
  readonly #troubles = new Map<string, Trouble>();
  readonly #dropped: ((zone: Name) => void)[] = [];
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  /** What the loader was asked for and has not done yet. */
  #pending: Promise<unknown> = Promise.resolve();
  readonly counts = { transferred: 0, failed: 0, expired: 0, notifies: 0 };

  constructor(parts: CopiesParts) {
    this.#parts = parts;
    const fraction = (): number => crypto.getRandomValues(new Uint32Array(1))[0]! / 2 ** 32;
    this.#engine = new Secondaries({ maxAddedPerKey: parts.maxAddedPerKey }, fraction);
  }

  /** Hears of zones that go without anybody here having asked for that. */
  whenDropped(then: (zone: Name) => void): void {
    this.#dropped.push(then);
  }

  stateOf(zone: Name): SecondaryZone | undefined {
    return this.#engine.stateOf(zone);
  }

  troubleOf(zone: string): Trouble | undefined {
    return this.#troubles.get(zone);
  }

  get now(): Instant {
    return this.#parts.now();
  }

  /** Begins to keep a zone. `facts`: of the copy that is here, which need not be in the record. */
  add(
    zone: Name,
    record: CopyRecord,
    primaries: readonly Primary[],
    facts: SecondaryFacts | undefined,
  ): void {
    const { records, wall } = this.#parts;
    const { facts: _, ...rest } = record;
    records.put(textOf(zone), facts === undefined ? rest : { ...rest, facts });
    const { addedBy } = record;
    this.#feed({ type: 'add', zone, primaries, addedBy, facts, wallSeconds: wall() });
    if (record.origin !== 'notify') this.expect(zone);
  }

  /** Whether there is to be a copy of a zone that somebody has named here, and none has come yet. */
  expects(zone: Name): boolean {
    const state = this.stateOf(zone);
    const record = this.#parts.records.get(textOf(zone));
    return state !== undefined && state.facts === undefined && record?.origin !== 'notify';
  }

  /** Until there is a copy, nobody else shall answer for the zone: neither its parent nor nobody. */
  expect(zone: Name): void {
    if (this.expects(zone))
      this.#order(this.#parts.perform({ type: 'expect', zone: textOf(zone) }));
  }

  /** Ends that, with all that is here of the zone. */
  remove(zone: Name): Promise<void> {
    this.#feed({ type: 'remove', zone });
    return this.#forget(zone);
  }

  /** Other primaries than before; the same are no news. */
  primaries(zone: Name, primaries: readonly Primary[]): void {
    const state = this.stateOf(zone);
    if (state === undefined || samePrimaries(state.primaries, primaries)) return;
    this.#feed({ type: 'primaries', zone, primaries });
  }

  /** The RCODE for who sent a NOTIFY. `key`: if it may. */
  notify(zone: Name, from: Endpoint, key: string | undefined, serial: number | undefined): number {
    this.counts.notifies++;
    const wallSeconds = this.#parts.wall();
    const outputs = this.#feed({ type: 'notify', zone, from, key, serial, wallSeconds });
    const answer = outputs.find(({ type }) => type === 'notify-answer');
    return answer?.type === 'notify-answer' ? answer.rcode : Rcode.REFUSED;
  }

  look(zone: Name, how: 'refresh' | 'retransfer'): void {
    this.#feed({ type: how, zone });
  }

  lookForKey(key: string): void {
    this.#feed({ type: 'refresh-key', key });
  }

  /** Lets zones be answered for, or not, as is known of them: a restart may have brought back either. */
  async withholdAsKnown(zones: ServedZones): Promise<void> {
    for (const { apexName, news } of zones.all()) {
      const state = this.stateOf(apexName);
      if (state === undefined || state.expired || !news.zone.withheld) continue;
      this.#order(this.#parts.perform({ type: 'withhold', zone: news.zone.name, withheld: false }));
    }
    await this.#pending;
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    for (const abort of this.#running.values()) abort.abort();
  }

  #feed(input: SetInput): readonly SetOutput[] {
    if (this.#stopped) return [];
    const outputs = this.#engine.step(this.#parts.now(), input);
    for (const output of outputs) this.#perform(output);
    return outputs;
  }

  #perform(output: SetOutput): void {
    const { records, log, perform, now } = this.#parts;
    if (output.type === 'wake') {
      clearTimeout(this.#timer);
      const wait = Math.min(longestWaitMs, Math.max(0, Math.ceil(output.at - now())));
      this.#timer = setTimeout(() => this.#feed({ type: 'timer' }), wait);
      return;
    }
    if (output.type === 'notify-answer') return;
    const zone = textOf(output.zone);
    switch (output.type) {
      case 'ask-soa':
      case 'transfer':
        this.#start(output);
        break;
      case 'cancel':
        this.#running.get(runningKey(zone, output.token))?.abort();
        break;
      case 'persist': {
        this.#troubles.delete(zone);
        const record = records.get(zone);
        if (record !== undefined) records.put(zone, { ...record, facts: output.facts });
        break;
      }
      case 'expired':
        this.counts.expired++;
        log.error('zone expired', { zone });
        this.#order(perform({ type: 'withhold', zone, withheld: true }));
        break;
      case 'restored':
        log.info('zone good again', { zone });
        this.#order(perform({ type: 'withhold', zone, withheld: false }));
        break;
      case 'drop':
        log.warn('zone dropped: its primaries do not have it any more', { zone });
        for (const then of this.#dropped) then(output.zone);
        void this.#forget(output.zone);
        break;
      case 'report':
        log.warn('primary trouble', { zone, event: output.event, detail: output.detail });
        this.#trouble(zone, output.event, output.detail);
        break;
      case 'added':
        this.#added(zone, output.primary, output.addedBy);
        break;
      default:
        log.warn('zone not added', { zone, why: output.why });
    }
  }

  #added(zone: string, { endpoint, key }: Primary, addedBy: string): void {
    const { records, log } = this.#parts;
    log.info('zone added by NOTIFY', { zone, primary: endpoint.address, key: addedBy });
    const primary = { ...endpoint, ...(key === undefined ? {} : { key }) };
    records.put(zone, { origin: 'notify', primaries: [primary], addedBy });
  }

  #trouble(zone: string, event: string, detail: string): void {
    const before = this.#troubles.get(zone);
    // That all have failed says less than how the last one did.
    if (event === 'all-failed' && before !== undefined) return;
    const since = before?.since ?? this.#parts.wall();
    this.#troubles.set(zone, { since, event, detail });
  }

  #start(start: Extract<SetOutput, { type: 'ask-soa' | 'transfer' }>): void {
    const { inquiries, log } = this.#parts;
    const { zone, token, primary } = start;
    const key = runningKey(textOf(zone), token);
    const abort = new AbortController();
    this.#running.set(key, abort);
    const asked =
      start.type === 'ask-soa'
        ? inquiries.askSoa(zone, primary, abort.signal)
        : inquiries.transfer(zone, primary, start.kind, start.serial, abort.signal);
    void asked
      .catch((error: unknown): CheckOutcome => {
        log.error('a primary could not be asked', { zone: textOf(zone), error });
        return { kind: 'failed', code: 'internal', rcode: 0, signed: false };
      })
      .then((outcome) => {
        this.#running.delete(key);
        if (outcome.kind === 'transferred') this.counts.transferred++;
        if (outcome.kind === 'failed') this.counts.failed++;
        this.#completed(zone, token, outcome);
      });
  }

  #completed(zone: Name, token: number, outcome: CheckOutcome): void {
    this.#feed({ type: 'completed', zone, token, outcome });
    // A zone that came whole is not withheld, whatever the one before it was.
    if (outcome.kind === 'transferred' && this.stateOf(zone)?.expired === true)
      this.#order(this.#parts.perform({ type: 'withhold', zone: textOf(zone), withheld: true }));
  }

  async #forget(zone: Name): Promise<void> {
    const text = textOf(zone);
    this.#troubles.delete(text);
    this.#parts.records.remove(text);
    const removing = this.#parts.perform({ type: 'remove', zone: text });
    this.#order(removing);
    await removing;
  }

  #order(work: Promise<unknown>): void {
    const caught = work.catch((error: unknown) => {
      if (!this.#stopped) this.#parts.log.error('the loader did not do as it was told', { error });
    });
    this.#pending = Promise.all([this.#pending, caught]);
  }
}

function runningKey(zone: string, token: number): string {
  return `${zone} ${token}`;
}

function samePrimaries(a: readonly Primary[], b: readonly Primary[]): boolean {
  return (
    a.length === b.length &&
    a.every(({ endpoint, key }, i) => {
      const other = b[i]!;
      return (
        endpoint.address === other.endpoint.address &&
        endpoint.port === other.endpoint.port &&
        key === other.key
      );
    })
  );
}
