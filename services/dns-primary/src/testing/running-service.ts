/** The service inside the test's own process, on a free port, with the folders it works in. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseRecordType } from '@riad/dns/iana/record-types';
import { decodeMessage, type Message, noFlags } from '@riad/dns/message';
import { encodeMessage } from '@riad/dns/message-writer';
import { parseName } from '@riad/dns/name';
import { formatRecord } from '@riad/dns/presentation';
import { ffiMissing } from '@riad/net/ffi/libc';
import {
  boundAddress,
  closeDescriptor,
  openTcpListener,
  openUdpSocket,
} from '@riad/net/ffi/socket';
import { type Log, silentLog } from '@riad/runtime/logging/log';
import { metricsRegistry } from '@riad/runtime/metrics/registry';
import { renderMetrics } from '@riad/runtime/metrics/render';
import type { Health, Listener, RunningService } from '@riad/runtime/service';
import { type DnsPrimaryConfig, schema } from '../config.ts';
import { start } from '../service.ts';
import type { ZoneStatus } from '../zone-supply.ts';

/** Fails a test instead of letting it hang. */
const deadlineMs = 15_000;

export type Said = { readonly level: string; readonly event: string; readonly fields: unknown };

/** A folder for one test, with `zones` in it. */
export class House {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'riad-names-'));
  readonly zones: string = join(this.folder, 'zones');
  readonly state: string = join(this.folder, 'state');

  constructor() {
    mkdirSync(this.zones);
    mkdirSync(this.state);
  }

  write(zone: string, text: string): void {
    writeFileSync(join(this.zones, zone), text);
  }

  /** `keys`: of riad.yaml; the zones are those of the folder unless given. */
  async run(
    keys: Record<string, unknown> = {},
    signal: AbortSignal = new AbortController().signal,
  ): Promise<Running> {
    const config = schema.parse({
      zones: { folder: 'zones' },
      reserveMebibytes: 64,
      rateLimit: { responsesPerSecond: 0 }, // tests ask the same thing over and over
      ...keys,
    });
    const native = ffiMissing() === undefined;
    const tcp = native ? openTcpListener('127.0.0.1', 0, 64) : undefined;
    const port = tcp === undefined ? 0 : boundAddress(tcp).port;
    const udp = native ? openUdpSocket('127.0.0.1', port) : undefined;
    const listener = (protocol: 'udp' | 'tcp', fd: number | undefined): Listener => ({
      url: 'udp+tcp://127.0.0.1:0',
      protocol,
      address: '127.0.0.1',
      port,
      shard: 0,
      shards: 1,
      fd,
    });
    const said: Said[] = [];
    const metrics = metricsRegistry();
    const service = await start({
      name: 'names',
      config: config as DnsPrimaryConfig,
      stateDirectory: this.state,
      listeners: [listener('udp', udp), listener('tcp', tcp)],
      tls: undefined,
      log: collecting(said),
      metrics,
      signal,
      resolvePath: (path) => resolve(this.folder, path),
    }).catch((error: unknown) => {
      for (const fd of [udp, tcp]) if (fd !== undefined) closeDescriptor(fd);
      throw error;
    });
    return new Running(
      service,
      port,
      said,
      async () => {
        await service.stop();
        // The streams' descriptor is Node's and closed with its server.
        if (udp !== undefined) closeDescriptor(udp);
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
    return via === 'udp' ? askUdp(this.port, name, type) : askTcp(this.port, name, type);
  }

  /** The data of the answer section, in order of text; the RCODE when there is none. */
  async data(name: string, type: string = 'A', via: 'udp' | 'tcp' = 'udp'): Promise<string> {
    const { answers, rcode } = await this.ask(name, type, via);
    if (answers.length === 0) return `rcode ${rcode}`;
    return answers
      .map((record) => formatRecord(record).split(/\s+/).slice(4).join(' '))
      .sort()
      .join(', ');
  }

  /** Asks until this is the answer. */
  async becomes(name: string, type: string, expected: string): Promise<void> {
    let last = '';
    await until(
      async () => {
        last = await this.data(name, type);
        return last === expected;
      },
      () => `${name} ${type}: ${last} instead of ${expected}`,
    );
  }

  untilZone(name: string, met: (status: ZoneStatus | undefined) => boolean): Promise<void> {
    return until(
      () => met(this.zone(name)),
      () => `${name}: ${JSON.stringify(this.zone(name))}`,
    );
  }
}

/** Looks until a condition holds that no event tells of. */
export async function until(
  met: () => boolean | Promise<boolean>,
  what: () => string,
): Promise<void> {
  const end = performance.now() + deadlineMs;
  while (!(await met())) {
    if (performance.now() > end) throw new Error(`in vain: ${what()}`);
    await new Promise((resume) => setTimeout(resume, 10));
  }
}

function collecting(said: Said[]): Log {
  const say = (level: string) => (event: string, fields?: unknown) =>
    void said.push({ level, event, fields });
  const log: Log = {
    ...silentLog,
    info: say('info'),
    warn: say('warn'),
    error: say('error'),
    with: () => log,
  };
  return log;
}

function question(name: string, type: string): Uint8Array {
  return encodeMessage({
    id: 4711,
    opcode: 0,
    rcode: 0,
    flags: noFlags,
    questions: [{ name: parseName(name), type: parseRecordType(type)!, class: 1 }],
    answers: [],
    authorities: [],
    additionals: [],
  });
}

function decoded(octets: Uint8Array): Message {
  const result = decodeMessage(octets);
  if (!result.ok) throw result.error;
  return result.value;
}

async function askUdp(port: number, name: string, type: string): Promise<Message> {
  const socket = createSocket('udp4');
  try {
    socket.send(question(name, type), port, '127.0.0.1');
    const signal = AbortSignal.timeout(deadlineMs);
    const [octets] = (await once(socket, 'message', { signal })) as [Uint8Array];
    return decoded(octets);
  } finally {
    socket.close();
  }
}

async function askTcp(port: number, name: string, type: string): Promise<Message> {
  const socket = connect(port, '127.0.0.1');
  const octets = question(name, type);
  socket.end(Buffer.concat([Uint8Array.of(octets.length >> 8, octets.length & 255), octets]));
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(socket, 'end', { signal: AbortSignal.timeout(deadlineMs) });
  return decoded(Buffer.concat(chunks).subarray(2));
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
