/** The server that zones are changed on: by random updates, each in the journal before it is answered. */
import { Rcode } from '@riad/dns/iana/rcodes';
import { RecordTypeCode } from '@riad/dns/iana/record-types';
import type { ResourceRecord } from '@riad/dns/message';
import { type Name, parseName } from '@riad/dns/name';
import { soa } from '@riad/dns/rdata/soa';
import { Writer } from '@riad/octets/writer';
import { evaluateUpdate } from '../../update/update.ts';
import { PublishedContents } from '../../update/zone-contents.ts';
import { serialOfSoa } from '../../zone-history/zone-change.ts';
import { prepareChanges, type ZoneRecord } from '../../zone-image/zone-commit.ts';
import { recordsOf, sha1 } from '../built-zone.ts';
import { Violation } from './oracle.ts';
import { SimulatedServer, type World } from './simulated-server.ts';

export type Times = { readonly refresh: number; readonly retry: number; readonly expire: number };

const hosts = 40;

export class SimulatedPrimary extends SimulatedServer {
  readonly #times: Times;
  updates = 0;
  readonly #jumped = new Set<string>();

  constructor(address: string, world: World, times: Times, firstSerial: number) {
    super(address, world);
    this.#times = times;
    for (const zone of world.zones) this.disk.whole(zone, recordsOf(zone, this.#text(firstSerial)));
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

  #text(serial: number): string {
    const { refresh, retry, expire } = this.#times;
    const lines = [`@ 60 SOA ns h ${serial} ${refresh} ${retry} ${expire} 60`, '@ 60 NS ns'];
    lines.push('@ 60 NS ns2', 'ns 60 A 192.0.2.1', 'sub 60 NS ns.sub', 'ns.sub 60 A 192.0.2.2');
    lines.push('alias 60 CNAME ns', '*.wild 60 TXT "w"');
    for (let i = 0; i < hosts; i++) lines.push(`h${i} 60 A 192.0.2.${i}`);
    return `${lines.join('\n')}\n`;
  }

  /** One update of a zone. The serial never goes back, and goes on exactly when something changed. */
  update(zone: string): void {
    if (!this.up) return;
    const { random, oracle } = this.world;
    const apexName = parseName(zone);
    const element = this.image.zoneOf(apexName);
    const updates = Array.from({ length: random.between(1, 4) }, () => this.#operation(apexName));
    const contents = new PublishedContents(this.image, element);
    const before = this.serialOf(zone)!;
    const outcome = evaluateUpdate({ apexName, prerequisites: [], updates }, contents, false);
    const { change } = outcome;
    if (outcome.rcode !== Rcode.NOERROR || change === undefined) return;
    if (((change.toSerial - before) | 0) <= 0)
      throw new Violation(`${zone}: an update makes ${change.toSerial} of serial ${before}`);
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
      return;
    }
    prepared.publish();
    this.updates++;
    this.histories.get(zone)!.add(change, Number.MAX_SAFE_INTEGER);
    this.disk.rebase(zone, this.records(zone));
    this.#published(zone);
    oracle.look(this.address, zone, this.image, apexName, this.now);
    this.announce(zone);
  }

  #published(zone: string): void {
    this.world.oracle.published(zone, this.serialOf(zone)!, this.image, parseName(zone));
  }

  /** Records to add and to take away; now and then a SOA, with a serial from anywhere. */
  #operation(apex: Name): ResourceRecord {
    const { random } = this.world;
    const zone = this.world.zones.find((name) => Buffer.from(parseName(name)).equals(apex))!;
    const add = (text: string): ResourceRecord => ({
      ...recordsOf(zone, `${text}\n`)[0]!,
      class: 1,
    });
    const name = `h${random.below(hosts + 10)}`;
    const address = `192.0.2.${random.below(8)}`;
    switch (random.below(9)) {
      case 0: {
        const record = add(`${name} 60 A ${address}`);
        return { ...record, class: 254, ttlSeconds: 0 };
      }
      case 1: {
        const { owner } = add(`${name} 60 A ${address}`);
        const rest = { class: 255, ttlSeconds: 0, rdata: new Uint8Array(0) };
        return { owner, type: random.chance(0.5) ? 1 : 255, ...rest };
      }
      case 2:
        return add(`${name} ${random.pick([30, 60, 90])} A ${address}`); // often the TTL alone
      case 3:
        return add(
          `${random.pick([name, 'alias', 'x.wild'])} 60 CNAME ${random.pick(['ns', 'ns2'])}`,
        );
      case 4: {
        const record = add(`alias 60 CNAME ${random.pick(['ns', 'ns2', 'h1'])}`);
        return { ...record, class: 254, ttlSeconds: 0 };
      }
      case 5:
        return this.#soa(apex, this.#aheadBy(zone));
      default:
        return add(`${name} 60 ${random.pick([`A ${address}`, `TXT "${random.below(4)}"`])}`);
    }
  }

  /** In all less than half of all serials: one that goes farther than its secondaries know leaves them behind. */
  #aheadBy(zone: string): number {
    const ahead = this.world.random.pick([-5, 1, 7, 2 ** 30, 2 ** 31]);
    if (ahead !== 2 ** 30) return ahead;
    if (this.#jumped.has(zone)) return 1;
    this.#jumped.add(zone);
    return ahead;
  }

  #soa(apex: Name, ahead: number): ResourceRecord {
    const { refresh, retry, expire } = this.#times;
    const present = this.#recordsOfSoa(apex);
    const serial = (serialOfSoa(present.rdata) + ahead) >>> 0;
    const writer = new Writer(64);
    const names = { primary: parseName('ns.'), mailbox: parseName('h.') };
    soa.encode({ ...names, serial, refresh, retry, expire, minimum: 60 }, writer);
    return {
      owner: apex,
      type: RecordTypeCode.SOA,
      class: 1,
      ttlSeconds: 60,
      rdata: writer.copy(),
    };
  }

  #recordsOfSoa(apex: Name): ZoneRecord {
    const contents = new PublishedContents(this.image, this.image.zoneOf(apex)).at(apex);
    return [...contents.values()].find(({ type }) => type === RecordTypeCode.SOA)!;
  }
}
