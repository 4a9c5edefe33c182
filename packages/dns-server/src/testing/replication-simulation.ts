/**
 * Primaries and secondaries in virtual time: updates, crashes, lost disks, moved clocks, and a network that
 * loses, delays, reorders, repeats and cuts, for two hours; then peace, in which all has to become the
 * same. What must be true all along stands in replication/oracle.ts. A seed is a run.
 */
import { Random } from '@riad/octets/testing/random';
import { apexOf } from './replication/apexes.ts';
import { LinkKeys } from './replication/link-keys.ts';
import { Oracle, Violation } from './replication/oracle.ts';
import {
  fairWeather,
  type Host,
  mostDelayMs,
  SimulatedNetwork,
} from './replication/simulated-network.ts';
import { SimulatedPrimary } from './replication/simulated-primary.ts';
import { SimulatedSecondary } from './replication/simulated-secondary.ts';
import type { SimulatedServer, World } from './replication/simulated-server.ts';
import { VirtualTime } from './replication/virtual-time.ts';

export type ReplicationRun = {
  readonly updates: number;
  /** Updates whose prerequisites did not hold. */
  readonly refusals: number;
  readonly transfers: number;
  readonly crashes: number;
  readonly expiries: number;
  /** Disks that the primary lost. */
  readonly losses: number;
  /** Signed messages that were changed on their way. */
  readonly tampered: number;
  readonly looks: number;
  readonly events: number;
};

const minute = 60_000;
const hour = 60 * minute;
/** After a long failure a secondary waits an hour at most (refresh-times.ts), and one waits for another. */
const peaceMs = 3 * hour;
const lastMs = 30 * minute;

/** Throws a Violation that says what was not true, when, and by which seed. */
export function simulateReplication(seed: number): ReplicationRun {
  const simulation = new Simulation(seed);
  try {
    return simulation.run();
  } catch (error) {
    const at = (simulation.time.now / 1000).toFixed(3);
    throw new Violation(`seed ${seed}, ${at} s: ${(error as Error).message}`, { cause: error });
  }
}

class Simulation {
  readonly time: VirtualTime = new VirtualTime();
  readonly #random: Random;
  readonly #oracle = new Oracle();
  readonly #network: SimulatedNetwork;
  readonly #world: World;
  readonly #primary: SimulatedPrimary;
  readonly #secondaries: readonly SimulatedSecondary[];
  readonly #expireSeconds: number;
  #crashes = 0;
  #losses = 0;
  #expiries = 0;
  #orders = 0;

  constructor(seed: number) {
    const random = new Random(seed);
    const { time } = this;
    this.#random = random;
    const keys = new LinkKeys();
    this.#network = new SimulatedNetwork(time, random, keys);
    this.#world = {
      ...{ time, random, keys, network: this.#network, oracle: this.#oracle },
      hosts: new Map<string, Host>(),
      zones: ['a.test.', 'b.test.'],
    };
    this.#expireSeconds = random.between(300, 1800);
    const times = {
      refresh: random.between(20, 300), // less than a minute is taken for one
      retry: random.between(5, 60),
      expire: this.#expireSeconds,
    };
    // By the seed, so that a few in a row have all of them.
    const serial = [2 ** 32 - 3, 1, 2 ** 31 - 3, random.uint32()][seed % 4]!;
    const secondary = (address: string, primaries: readonly string[]): SimulatedSecondary =>
      new SimulatedSecondary(address, this.#world, primaries);
    this.#primary = new SimulatedPrimary('192.0.2.1', this.#world, times, serial);
    const first = secondary('192.0.2.2', ['192.0.2.1']);
    const second = secondary('192.0.2.3', ['192.0.2.1', '192.0.2.2']);
    const third = secondary('192.0.2.4', ['192.0.2.2', '192.0.2.3']);
    this.#secondaries = [first, second, third];
    this.#primary.secondaries.push(first.address, second.address);
    first.secondaries.push(second.address, third.address);
    second.secondaries.push(third.address);
    const servers = this.#servers;
    for (const [i, server] of servers.entries())
      for (const other of servers.slice(i + 1))
        if (random.chance(0.5)) keys.share(server, other, random);
  }

  run(): ReplicationRun {
    for (const server of this.#servers) server.start();
    const end = this.#random.between(30 * minute, 2 * hour);
    while (this.time.now < end) {
      this.time.runUntil(this.time.now + this.#random.below(30_000));
      this.#disturb();
      this.#look();
    }
    this.#bounded();
    this.#makePeace();
    return {
      updates: this.#primary.updates,
      refusals: this.#primary.refusals,
      transfers: this.#secondaries.reduce((sum, { transfers }) => sum + transfers, 0),
      crashes: this.#crashes,
      expiries: this.#expiries,
      losses: this.#losses,
      tampered: this.#network.tampered,
      looks: this.#oracle.looks,
      events: this.time.happened,
    };
  }

  get #servers(): readonly SimulatedServer[] {
    return [this.#primary, ...this.#secondaries];
  }

  #look(): void {
    for (const server of this.#servers) server.look();
    // Just before and just after each copy expires there is more to see.
    for (const { address } of this.#secondaries) {
      for (const zone of this.#world.zones) {
        const known = this.#oracle.source(address, zone, this.time.now);
        if (known === undefined || known.latest < this.time.now) continue;
        if (known.earliest > this.time.now + 30_000) continue;
        for (const at of [known.earliest - 1, known.latest + 1]) {
          this.time.at(at, () => {
            for (const server of this.#servers) server.look();
          });
        }
        this.#expiries++;
      }
    }
  }

  #disturb(): void {
    const random = this.#random;
    const zone = random.pick(this.#world.zones);
    const secondary = random.pick(this.#secondaries);
    const what = random.below(100);
    if (what < 55) {
      for (let i = random.below(5); i >= 0; i--) this.#primary.update(zone);
    } else if (what < 65) {
      const storm = random.below(4);
      this.#network.weather =
        storm === 0
          ? fairWeather
          : {
              loss: random.pick([0, 0.1, 0.5, 0.9]),
              repeat: random.pick([0, 0.3]),
              cut: random.pick([0, 0.02, 0.3]),
              tamper: random.pick([0, 0, 0.02, 0.2]),
              mostDelayMs: random.pick([5, 100, mostDelayMs]),
            };
    } else if (what < 75) {
      const [a, b] = [random.pick(this.#servers), random.pick(this.#servers)];
      const most = random.pick([minute, 2 * this.#expireSeconds * 1000]);
      if (a !== b) this.#network.part(a, b, random.below(most));
    } else if (what < 83) this.#crash(random.pick(this.#servers));
    else if (what < 85) {
      this.#crash(secondary);
      secondary.loseDisk();
    } else if (what < 89) this.#moveClock(random.pick(this.#servers));
    else if (what < 90) {
      // Rarely: what was not written into the files is gone for good.
      if (!random.chance(0.3) || !this.#primary.up) return;
      this.#losses++;
      this.#crash(this.#primary);
      this.#primary.loseDisk();
    } else if (what < 94) {
      this.#orders++;
      secondary.order(zone, 'refresh');
    } else if (what < 96) {
      this.#orders++;
      this.#secondaries[0]!.order(zone, 'retransfer');
    }
  }

  /** Somewhere else, or right again: with keys, servers hear each other only while their clocks agree. */
  #moveClock(server: SimulatedServer): void {
    const random = this.#random;
    const seconds = random.pick([-3600, -60, 60, 3600, 86_400]);
    this.#setClock(server, random.chance(0.5) ? 0 : server.wallOffsetSeconds + seconds);
  }

  #setClock(server: SimulatedServer, offsetSeconds: number): void {
    const movedMs = Math.abs(offsetSeconds - server.wallOffsetSeconds) * 1000;
    server.wallOffsetSeconds = offsetSeconds;
    for (const zone of this.#world.zones) this.#oracle.doubted(server.address, zone, movedMs);
  }

  #crash(server: SimulatedServer): void {
    if (!server.up) return;
    this.#crashes++;
    server.crash();
    const most = this.#random.pick([2000, 5 * minute, 2 * this.#expireSeconds * 1000]);
    this.time.after(this.#random.below(most), () => {
      if (!server.up) server.start();
    });
  }

  /** However often something fails, primaries are not asked without pause. */
  #bounded(): void {
    for (const { address, starts, notifies, lives } of this.#secondaries) {
      const zones = this.#world.zones.length;
      // A round asks two primaries for SOA, IXFR and AXFR, and a retry may follow a refresh.
      const rounds = (this.time.now / minute) * zones * 2 + lives * zones + notifies + this.#orders;
      if (starts > 6 * rounds)
        throw new Violation(`${address}: ${starts} questions in ${rounds} rounds`);
    }
  }

  #makePeace(): void {
    this.#network.heal();
    for (const server of this.#servers) {
      if (!server.up) server.start();
      this.#setClock(server, 0);
    }
    // It may go down once more while it does so.
    while (this.#primary.isBehind) {
      for (const zone of this.#world.zones) this.#primary.raise(zone);
      this.time.runUntil(this.time.now + 2 * minute);
    }
    this.time.runUntil(this.time.now + peaceMs);
    const before = this.#secondaries.map(({ starts }) => starts);
    this.time.runUntil(this.time.now + lastMs);
    this.#look();
    for (const [i, secondary] of this.#secondaries.entries()) {
      for (const zone of this.#world.zones) {
        const wanted = this.#primary.serialOf(zone);
        const found = secondary.serialOf(zone);
        if (found !== wanted)
          throw new Violation(
            `${secondary.address}: ${zone} ended with ${found} instead of ${wanted}`,
          );
        if (secondary.isExpired(apexOf(zone)))
          throw new Violation(`${secondary.address}: ${zone} stays expired`);
      }
      const asked = secondary.starts - before[i]!;
      const most = (lastMs / minute + 1) * this.#world.zones.length;
      if (asked > most) throw new Violation(`${secondary.address}: asks ${asked} times in peace`);
    }
  }
}
