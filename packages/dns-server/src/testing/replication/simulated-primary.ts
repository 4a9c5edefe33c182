/**
 * The server that zones are changed on: by random updates, each in the journal before it is answered, and
 * each held against RFC 2136 to the letter. It may lose its disk and come back from the files of its zones,
 * which are older; then it serves what it has, until somebody raises the serial beyond all that was served.
 */
import { Rcode } from '@riad/dns/iana/rcodes';
import type { ResourceRecord } from '@riad/dns/message';
import { evaluateUpdate } from '../../update/update.ts';
import { PublishedContents } from '../../update/zone-contents.ts';
import { prepareChanges, type ZoneRecord } from '../../zone-image/zone-commit.ts';
import { soaRecord } from '../../zone-image/zone-records.ts';
import { sha1 } from '../built-zone.ts';
import { apexOf } from './apexes.ts';
import { type Contents, contentsOf } from './contents.ts';
import { literalUpdate } from './literal-update.ts';
import { Violation } from './oracle.ts';
import {
  firstZone,
  movedSoa,
  randomChange,
  randomPrerequisites,
  type Times,
} from './random-updates.ts';
import { SimulatedServer, type World } from './simulated-server.ts';

export class SimulatedPrimary extends SimulatedServer {
  updates = 0;
  refusals = 0;
  readonly #jumped = new Set<string>();
  /** What stands in the files, which are written now and then, and outlive the disk. */
  readonly #files = new Map<string, readonly ZoneRecord[]>();
  /** Zones that came back older than they were. */
  readonly #behind = new Set<string>();

  constructor(address: string, world: World, times: Times, firstSerial: number) {
    super(address, world);
    for (const zone of world.zones) {
      const records = firstZone(zone, firstSerial, times);
      this.disk.whole(zone, records);
      this.#files.set(zone, records);
    }
  }

  override start(): void {
    super.start();
    for (const zone of this.world.zones) this.#published(zone);
  }

  answered(): void {}

  notified(): number {
    return Rcode.REFUSED;
  }

  expiresIn(): undefined {
    return undefined;
  }

  /** All is lost but the files. */
  loseDisk(): void {
    for (const zone of this.world.zones) {
      this.disk.zones.delete(zone);
      this.disk.whole(zone, this.#files.get(zone)!);
      this.world.oracle.forgotten(this.address, zone);
      this.#behind.add(zone);
    }
  }

  get isBehind(): boolean {
    return this.#behind.size > 0;
  }

  /** An operator sees that a zone is older than its copies, and raises its serial (RFC 1982 §7). */
  raise(zone: string): void {
    if (!this.up || !this.#behind.has(zone)) return;
    const soa = this.#soa(zone);
    const ahead = (this.world.oracle.newest(zone)! + 1 - this.serialOf(zone)!) >>> 0;
    if (ahead > 0 && this.#perform(zone, this.records(zone), [], [movedSoa(soa, ahead)]))
      this.#behind.delete(zone);
  }

  /** One update of a zone. */
  update(zone: string): void {
    if (!this.up) return;
    const { random } = this.world;
    if (this.#behind.has(zone)) {
      if (random.chance(0.1)) this.raise(zone);
      return;
    }
    const soa = this.#soa(zone);
    const updates = Array.from({ length: random.between(1, 4) }, () =>
      randomChange(zone, soa, random, () => this.#aheadBy(zone)),
    );
    const records = this.records(zone);
    const prerequisites = random.chance(0.4)
      ? Array.from({ length: random.between(1, 2) }, () =>
          randomPrerequisites(zone, records, random),
        ).flat()
      : [];
    this.#perform(zone, records, prerequisites, updates);
  }

  /** True when it is in force. `records`: the zone as it is. */
  #perform(
    zone: string,
    records: readonly ZoneRecord[],
    prerequisites: readonly ResourceRecord[],
    updates: readonly ResourceRecord[],
  ): boolean {
    const { random, oracle } = this.world;
    const apexName = apexOf(zone);
    const expected = literalUpdate(records, apexName, prerequisites, updates);
    const contents = new PublishedContents(this.image, this.image.zoneOf(apexName));
    const outcome = evaluateUpdate({ apexName, prerequisites, updates }, contents, false);
    if (outcome.rcode !== expected.rcode)
      throw new Violation(`${zone}: RCODE ${outcome.rcode} instead of ${expected.rcode}`);
    if (outcome.rcode !== Rcode.NOERROR) this.refusals++;
    const { change } = outcome;
    if (change === undefined) {
      this.#isAs(zone, expected.contents);
      return false;
    }
    const { removals, additions } = change;
    const prepared = prepareChanges(this.image, apexName, removals, additions, sha1, true);
    if (!prepared.ok) throw new Violation(`${zone}: an update does not fit: ${prepared.message}`);
    this.disk.changed(zone, change);
    if (random.chance(0.02)) {
      // Durable, and nobody has seen it: it is there when the server is back.
      this.crash();
      this.world.time.after(random.between(1000, 60_000), () => {
        if (!this.up) this.start();
      });
      return true;
    }
    prepared.publish();
    this.updates++;
    this.#isAs(zone, expected.contents);
    this.histories.get(zone)!.add(change, Number.MAX_SAFE_INTEGER);
    this.disk.rebase(zone, () => this.records(zone));
    if (random.chance(0.2)) this.#files.set(zone, this.records(zone));
    this.#published(zone);
    oracle.look(this.address, zone, this.image, apexName, this.now);
    this.announce(zone);
    return true;
  }

  #isAs(zone: string, expected: Contents): void {
    if (expected !== contentsOf(this.image, apexOf(zone)))
      throw new Violation(`${zone}: an update did something else than RFC 2136 says`);
  }

  #published(zone: string): void {
    this.world.oracle.published(zone, this.serialOf(zone)!, this.image, apexOf(zone));
  }

  #soa(zone: string): ZoneRecord {
    return soaRecord(this.image, this.image.zoneOf(apexOf(zone)));
  }

  /** In all less than half of all serials: one that goes farther than its secondaries know leaves them behind. */
  #aheadBy(zone: string): number {
    const ahead = this.world.random.pick([-5, 1, 7, 2 ** 30, 2 ** 31]);
    if (ahead !== 2 ** 30) return ahead;
    if (this.#jumped.has(zone)) return 1;
    this.#jumped.add(zone);
    return ahead;
  }
}
