/** Riad with the three peers as its secondaries, all of the same zones. */

import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { RecordTypeCode } from '@riad/dns/iana/record-types';
import { decodeMessage, noFlags } from '@riad/dns/message';
import { encodeMessage } from '@riad/dns/message-writer';
import { parseName } from '@riad/dns/name';
import { serialOfSoa } from '@riad/dns/rdata/soa';
import { freePort } from '@riad/net/testing/free-port';
import { type WholeZone, wholeZone } from '@riad/service-dns-primary/testing/whole-zone';
import { writeCertificate } from '../../peers/certificate.ts';
import { type RiadSettings, startRiad } from '../../peers/riad.ts';
import { loopback, type RunningServer, type ServedZone } from '../../peers/server.ts';
import { askOverUdp } from '../authoritative/ask.ts';
import type { SharedKey } from '../tsig/keys.ts';
import { keyFile } from '../update/updating-peers.ts';
import {
  type KeptZone,
  type SecondarySetting,
  secondaryPeers,
  startSecondary,
} from './secondaries.ts';

export const missingSecondary: false | string =
  secondaryPeers.map(({ missing }) => missing).find((missing) => missing !== false) ?? false;

export type HouseZone = ServedZone & Omit<KeptZone, 'name'>;

/** Of a test on a busy machine. */
const patienceMs = 60_000;
const lookEveryMs = 50;
const attempts = 40;

export class SecondariesHouse {
  riad: RunningServer;
  readonly secondaries: readonly RunningServer[];
  readonly folder: string;
  readonly #zones: readonly HouseZone[];
  readonly #settings: RiadSettings;

  private constructor(
    riad: RunningServer,
    secondaries: readonly RunningServer[],
    folder: string,
    zones: readonly HouseZone[],
    settings: RiadSettings,
  ) {
    this.riad = riad;
    this.secondaries = secondaries;
    this.folder = folder;
    this.#zones = zones;
    this.#settings = settings;
  }

  /** `notifyKey` is one of `keys`; a zone's is too. */
  static async start(
    zones: readonly HouseZone[],
    keys: readonly SharedKey[],
    notifyKey: SharedKey,
    folder: string,
    more: readonly string[] = [],
  ): Promise<SecondariesHouse> {
    const { certificate, key } = writeCertificate(folder);
    const tlsPort = await freePort();
    const ports = new Map<string, number>();
    for (const { name } of secondaryPeers) ports.set(name, await freePort());
    const told = [...ports.values()].map(
      (port) => `{ address: "${loopback}", port: ${port}, key: "${notifyKey.text}." }`,
    );
    const settings: RiadSettings = {
      files: { _keys: keyFile(keys) },
      listen: [`tls://${loopback}:${tlsPort}`],
      keys: [
        `access: { transfer: ["${loopback}"] }`,
        `alsoNotify: [${told.join(', ')}]`,
        `tls: { certificate: ${certificate}, key: ${key} }`,
        ...more,
      ],
    };
    const riad = await startRiad(zones, join(folder, 'riad'), settings);
    const started = await Promise.allSettled(
      secondaryPeers.map((peer) => {
        const setting: SecondarySetting = {
          port: ports.get(peer.name)!,
          primary: { port: riad.port, tlsPort, certificate },
          zones,
          keys,
          notifyKey,
        };
        return startSecondary(peer, setting, join(folder, peer.name));
      }),
    );
    const running = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    const house = new SecondariesHouse(riad, running, folder, zones, settings);
    for (const one of started) {
      if (one.status === 'fulfilled') continue;
      const log = riad.log();
      await house.stop();
      throw new Error(`a secondary did not start; riad says:\n${log}`, { cause: one.reason });
    }
    return house;
  }

  zoneFile(zone: string): string {
    return join(this.folder, 'riad', 'zones', zone);
  }

  /** The secondaries that keep a zone. */
  keepersOf(zone: string): readonly RunningServer[] {
    const overTls = this.#zones.find(({ name }) => name === zone)?.overTls;
    return this.secondaries.filter(
      ({ name }) =>
        overTls !== true || secondaryPeers.find((peer) => peer.name === name)?.speaksTls,
    );
  }

  /** Waits until all who keep the zone have what Riad has, and gives it; `from`: newer than this serial. */
  async agreed(zone: string, from: number = 0): Promise<WholeZone> {
    const end = performance.now() + patienceMs;
    for (;;) {
      const keepers = this.keepersOf(zone);
      const serial = await serialOf(this.riad, zone);
      const late: string[] = serial !== undefined && serial > from ? [] : ['riad'];
      for (const keeper of keepers)
        if ((await serialOf(keeper, zone)) !== serial) late.push(keeper.name);
      if (late.length === 0) return await this.#same(zone, keepers);
      if (performance.now() > end) {
        const logs = keepers.map((keeper) => `${keeper.name}:\n${keeper.log().slice(-3000)}`);
        throw new Error(
          `${zone}: riad is at ${serial}, and still late: ${late.join(', ')}\n${this.riad.log().slice(-4000)}\n${logs.join('\n')}`,
        );
      }
      await sleep(lookEveryMs);
    }
  }

  async #same(zone: string, keepers: readonly RunningServer[]): Promise<WholeZone> {
    const ours = await wholeZone(this.riad, `${zone}.`);
    for (const keeper of keepers) {
      const theirs = await patiently(() => wholeZone(keeper, `${zone}.`));
      if (theirs.lines.join('\n') !== ours.lines.join('\n'))
        throw new Error(
          `${keeper.name} has another ${zone} of serial ${ours.serial}: ${firstDifference(ours, theirs)}`,
        );
    }
    return ours;
  }

  async restartRiad(): Promise<void> {
    const { port } = this.riad;
    await this.riad.stop();
    this.riad = await startRiad(this.#zones, join(this.folder, 'riad'), {
      ...this.#settings,
      port,
    });
  }

  async stop(): Promise<void> {
    await Promise.all([this.riad, ...this.secondaries].map((server) => server.stop()));
  }
}

function firstDifference(ours: WholeZone, theirs: WholeZone): string {
  const at = ours.lines.findIndex((line, i) => line !== theirs.lines[i]);
  return `${ours.lines[at]} and ${theirs.lines[at]}`;
}

/** Some close their connections when they load a zone. */
async function patiently<Result>(ask: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await ask();
    } catch (error) {
      if (attempt === attempts) throw error;
      await sleep(lookEveryMs);
    }
  }
}

/** Undefined where there is no answer with authority. */
async function serialOf(server: RunningServer, zone: string): Promise<number | undefined> {
  const question = { name: parseName(`${zone}.`), type: RecordTypeCode.SOA, class: 1 };
  const query = encodeMessage({
    id: 4711,
    opcode: 0,
    rcode: 0,
    flags: noFlags,
    questions: [question],
    answers: [],
    authorities: [],
    additionals: [],
  });
  const [reply] = await askOverUdp(server, [query]);
  const decoded = reply && decodeMessage(reply);
  const soa = decoded?.ok ? decoded.value.answers[0] : undefined;
  return soa?.type === RecordTypeCode.SOA ? serialOfSoa(soa.rdata) : undefined;
}
