/** The service inside the test's own process, on a free port, with the folders it works in. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Message } from '@riad/dns/message';
import {
  ask,
  askData,
  askUntil,
  collecting,
  openTestPort,
  type Said,
  until,
} from '@riad/name-server/testing/asking';
import { metricsRegistry } from '@riad/runtime/metrics/registry';
import { renderMetrics } from '@riad/runtime/metrics/render';
import type { Health, RunningService } from '@riad/runtime/service';
import { type DnsPrimaryConfig, schema } from '../config.ts';
import { start } from '../service.ts';
import type { ZoneStatus } from '../zone-supply.ts';

export { until };

/** A folder for one test, with `zones` in it. */
export class House {
  readonly folder: string;
  readonly zones: string;
  readonly state: string;

  /** `folder`: one that was there before, with all that is in it. */
  constructor(folder: string = mkdtempSync(join(tmpdir(), 'riad-names-'))) {
    this.folder = folder;
    this.zones = join(folder, 'zones');
    this.state = join(folder, 'state');
    mkdirSync(this.zones, { recursive: true });
    mkdirSync(this.state, { recursive: true });
  }

  write(zone: string, text: string): void {
    writeFileSync(join(this.zones, zone), text);
  }

  /** `keys`: of riad.yaml; the zones are those of the folder unless given. */
  async run(
    keys: Record<string, unknown> = {},
    signal: AbortSignal = new AbortController().signal,
    port: number = 0,
  ): Promise<Running> {
    const config = schema.parse({
      zones: { folder: 'zones' },
      reserveMebibytes: 64,
      rateLimit: { responsesPerSecond: 0 }, // tests ask the same thing over and over
      ...keys,
    });
    const open = openTestPort(port);
    const said: Said[] = [];
    const metrics = metricsRegistry();
    const service = await start({
      name: 'names',
      config: config as DnsPrimaryConfig,
      stateDirectory: this.state,
      accountsFile: undefined,
      listeners: open.listeners,
      tls: undefined,
      log: collecting(said),
      metrics,
      signal,
      resolvePath: (path) => resolve(this.folder, path),
    }).catch((error: unknown) => {
      open.failed();
      throw error;
    });
    return new Running(
      service,
      open.port,
      said,
      async () => {
        await service.stop();
        open.stopped();
      },
      async () => (await renderMetrics(metrics)).text,
    );
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}

export class Running {
  readonly service: RunningService;
  readonly port: number;
  readonly said: readonly Said[];
  readonly stop: () => Promise<void>;
  readonly metrics: () => Promise<string>;

  constructor(
    service: RunningService,
    port: number,
    said: readonly Said[],
    stop: () => Promise<void>,
    metrics: () => Promise<string>,
  ) {
    this.service = service;
    this.port = port;
    this.said = said;
    this.stop = stop;
    this.metrics = metrics;
  }

  get health(): Health {
    return this.service.health();
  }

  zone(name: string): ZoneStatus | undefined {
    const { zones } = this.service.status() as { zones: ZoneStatus[] };
    return zones.find(({ zone }) => zone === name);
  }

  async command(name: string, zone?: string): Promise<unknown> {
    return this.service.commands[name]?.(zone === undefined ? {} : { zone });
  }

  saidAbout(event: string): readonly Said[] {
    return this.said.filter((line) => line.event === event);
  }

  ask(name: string, type: string = 'A', via: 'udp' | 'tcp' = 'udp'): Promise<Message> {
    return ask(this.port, name, type, via);
  }

  /** The data of the answer section, in order of text; the RCODE when there is none. */
  data(name: string, type: string = 'A', via: 'udp' | 'tcp' = 'udp'): Promise<string> {
    return askData(this.port, name, type, via);
  }

  /** Asks until this is the answer. */
  becomes(name: string, type: string, expected: string): Promise<void> {
    return askUntil(this.port, name, type, expected);
  }

  untilZone(name: string, met: (status: ZoneStatus | undefined) => boolean): Promise<void> {
    return until(
      () => met(this.zone(name)),
      () => `${name}: ${JSON.stringify(this.zone(name))}`,
    );
  }
}

/** A zone with an address for `www`. `more`: further lines. */
export function zoneText(serial: number, address: string, more: string = ''): string {
  return `$TTL 60
@ SOA ns hostmaster ${serial} 3600 900 2419200 300
  NS ns
ns A 192.0.2.1
www A ${address}
${more}`;
}

/** As many records as make a zone large. */
export function manyHosts(count: number): string {
  return Array.from({ length: count }, (_, i) => `host${i} A 192.0.2.${i % 256}\n`).join('');
}
