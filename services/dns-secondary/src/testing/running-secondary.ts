/** The service inside the test's own process, on a free port, with a state folder and a clock of its own. */
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
import { startThreads } from '@riad/name-server/threads';
import type { UnixSeconds } from '@riad/octets/engine';
import { metricsRegistry } from '@riad/runtime/metrics/registry';
import { renderMetrics } from '@riad/runtime/metrics/render';
import type { Health, RunningService, TlsFiles } from '@riad/runtime/service';
import { realClocks } from '../clocks.ts';
import { type DnsSecondaryConfig, schema } from '../config.ts';
import type { ZoneCopyStatus } from '../copy-status.ts';
import { copyRules } from '../service.ts';
import { serve } from '../serving.ts';

export class SecondaryHouse {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'riad-secondary-'));
  readonly state: string = join(this.folder, 'state');
  /** Seconds by which the clocks of the service are ahead of the real ones. */
  ahead = 0;

  constructor() {
    mkdirSync(join(this.state, 'keys'), { recursive: true });
  }

  /** Keys in the state folder, each a line of a key file. */
  key(line: string): void {
    const [name = ''] = line.split(' ');
    writeFileSync(join(this.state, 'keys', `${name.replace(/\.$/, '')}.key`), line, {
      mode: 0o600,
    });
  }

  async run(
    keys: Record<string, unknown> = {},
    { port = 0, tls }: { port?: number; tls?: TlsFiles } = {},
  ): Promise<RunningSecondary> {
    const config = schema.parse({
      reserveMebibytes: 64,
      rateLimit: { responsesPerSecond: 0 },
      ...keys,
    });
    const open = openTestPort(port);
    const said: Said[] = [];
    const metrics = metricsRegistry();
    const context = {
      name: 'copies',
      config: config as DnsSecondaryConfig,
      stateDirectory: this.state,
      accountsFile: undefined,
      listeners: open.listeners,
      tls,
      log: collecting(said),
      metrics,
      signal: new AbortController().signal,
      resolvePath: (path: string) => resolve(this.folder, path),
    };
    const threads = startThreads(context, copyRules, context.config.access);
    const ahead = (): number => this.ahead;
    const clocks = {
      now: () => realClocks.now() + ahead() * 1000,
      wall: () => (realClocks.wall() + ahead()) as UnixSeconds,
    };
    const service = await serve(context, threads, clocks).catch(async (error: unknown) => {
      await threads.stop();
      open.failed();
      throw error;
    });
    const stop = async (): Promise<void> => {
      await service.stop();
      open.stopped();
    };
    const figures = async (): Promise<string> => (await renderMetrics(metrics)).text;
    return new RunningSecondary(service, open.port, said, stop, figures);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}

export class RunningSecondary {
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

  get zones(): ZoneCopyStatus[] {
    return (this.service.status() as { zones: ZoneCopyStatus[] }).zones;
  }

  zone(name: string): ZoneCopyStatus | undefined {
    return this.zones.find(({ zone }) => zone === name);
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

  data(name: string, type: string = 'A', via: 'udp' | 'tcp' = 'udp'): Promise<string> {
    return askData(this.port, name, type, via);
  }

  becomes(name: string, type: string, expected: string): Promise<void> {
    return askUntil(this.port, name, type, expected);
  }

  untilZone(name: string, met: (status: ZoneCopyStatus | undefined) => boolean): Promise<void> {
    return until(
      () => met(this.zone(name)),
      () => `${name}: ${JSON.stringify(this.zone(name))} ${JSON.stringify(this.said.slice(-5))}`,
    );
  }
}
