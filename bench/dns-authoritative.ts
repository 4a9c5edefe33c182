/**
 * The authoritative name server beside NSD, Knot, BIND and a do-nothing echo.
 *
 *   npm run bench -- dns-authoritative [--only=plain,nsec3,nsec,million,steady] [--servers=nsd,riad,…]
 *     [--loads=10000/s,50000/s,saturation] [--rounds=5] [--seconds=4] [--quick]
 *
 * Exits with 1 if a server answers wrongly or ends, not when a bar is missed.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { measureChanges } from './dns-authoritative/change-latency.ts';
import { type Figures, loads, measure } from './dns-authoritative/loads.ts';
import { measureMillion } from './dns-authoritative/million.ts';
import { mixedQueries, plainQueries } from './dns-authoritative/queries.ts';
import { type Bar, barLine, bars, table } from './dns-authoritative/report.ts';
import {
  type Server,
  type ServerName,
  serverNames,
  start,
  type Zone,
} from './dns-authoritative/servers.ts';
import { measureSteadyState } from './dns-authoritative/steady-state.ts';
import { mixedSigned, mixedZone, plainText, plainZone } from './dns-authoritative/zones.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: 'plain,nsec3,nsec,million,steady' },
    servers: { type: 'string', default: serverNames.join() },
    loads: { type: 'string', default: loads.map(({ name }) => name).join() },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '4' },
    quick: { type: 'boolean', default: false },
  },
});
const only = new Set(values.only.split(','));
const chosenServers = serverNames.filter((name) => values.servers.split(',').includes(name));
const chosenLoads = loads.filter(({ name }) => values.loads.split(',').includes(name));
const rounds = values.quick ? 2 : Number(values.rounds);
const seconds = values.quick ? 1 : Number(values.seconds);
const cores = { server: 0, generator: 1 };
const plainNames = 10_000;
const millionNames = 1_000_000;
const queryCount = 200_000;

const folder = mkdtempSync(join(tmpdir(), 'riad-bench-'));
const say = (text: string): void => void process.stderr.write(`${text}\n`);
const allBars: Bar[] = [];
const results: Record<string, unknown> = {};

try {
  if (only.has('plain')) {
    const text = plainText(plainNames);
    await compare('plain', plainZone, text, plainQueries(queryCount, plainNames), 'host1');
  }
  for (const denial of ['nsec3', 'nsec'] as const) {
    if (!only.has(denial)) continue;
    const signed = mixedSigned(folder, denial);
    await compare(`mixed ${denial}`, mixedZone, signed, mixedQueries(queryCount), 'host1');
  }
  if (only.has('million') || only.has('million-start')) {
    const zone = zoneFile('million', plainZone, plainText(millionNames));
    const queries = queryFile('million', plainQueries(2 * queryCount, millionNames));
    if (only.has('million'))
      await compareZone('million', zone, queries, `host${millionNames - 1}.${plainZone}`);
    const million = await measureMillion(
      zone,
      millionNames,
      queries,
      folder,
      values.quick ? 1 : 5,
      cores,
      say,
    );
    results['million start'] = million.figures;
    allBars.push(...million.bars);
    const changed = await measureChanges(zone, millionNames, folder);
    results['million change'] = changed.figures;
    allBars.push(...changed.bars);
  }
  if (only.has('steady')) {
    const zone = zoneFile('steady', mixedZone, mixedSigned(folder, 'nsec3'));
    const queries = queryFile('steady', mixedQueries(queryCount));
    const count = values.quick ? 1_000_000 : 10_000_000;
    const steady = await measureSteadyState(zone, queries, count, cores);
    results['steady'] = steady.figures;
    allBars.push(...steady.bars);
  }
  report();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function zoneFile(name: string, zone: string, text: string | Uint8Array): Zone {
  const path = join(folder, `${name}.zone`);
  writeFileSync(path, text);
  return { name: zone, path };
}

function queryFile(name: string, queries: Uint8Array): string {
  const path = join(folder, `${name}.queries`);
  writeFileSync(path, queries);
  return path;
}

async function compare(
  title: string,
  zoneName: string,
  text: string | Uint8Array,
  queries: Uint8Array,
  host: string,
): Promise<void> {
  const file = title.replace(' ', '-');
  const zone = zoneFile(file, zoneName, text);
  await compareZone(title, zone, queryFile(file, queries), `${host}.${zoneName}`);
}

async function compareZone(
  title: string,
  zone: Zone,
  queries: string,
  witness: string,
): Promise<void> {
  const servers: Server[] = [];
  try {
    for (const name of chosenServers) {
      const at = join(folder, `${title.replace(' ', '-')}-${name}`);
      servers.push(await start(name, zone, at, witness, cores.server));
    }
    const plan = { queries, rounds, seconds, generatorCore: cores.generator, say };
    const measured = await measure(servers, chosenLoads, plan);
    for (const [load, figures] of measured) {
      process.stdout.write(`\n${table(`${title}, ${load}`, figures)}`);
      allBars.push(...bars(`${title}, ${load}`, figures));
    }
    results[title] = plainObject(measured);
  } finally {
    await Promise.all(servers.map((server) => server.kill('SIGTERM')));
  }
}

function plainObject(measured: ReadonlyMap<string, ReadonlyMap<ServerName, Figures>>): object {
  return Object.fromEntries([...measured].map(([load, by]) => [load, Object.fromEntries(by)]));
}

function report(): void {
  process.stdout.write(`\n${allBars.map(barLine).join('\n')}\n`);
  const path = join(import.meta.dirname, 'results', 'dns-authoritative.json');
  mkdirSync(join(import.meta.dirname, 'results'), { recursive: true });
  const machine = {
    processor: cpus()[0]?.model ?? '',
    cores: cpus().length,
    kernel: release(),
    node: process.version,
    transparentHugePages: readFileSync(
      '/sys/kernel/mm/transparent_hugepage/enabled',
      'utf8',
    ).trim(),
  };
  const options = { rounds, seconds, only: [...only], servers: chosenServers };
  writeFileSync(path, `${JSON.stringify({ machine, options, results, bars: allBars }, null, 2)}\n`);
  process.stdout.write(`\nkept in bench/results/dns-authoritative.json\n`);
}
