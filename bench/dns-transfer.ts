/**
 * Transfers of a zone of a million records beside BIND, NSD and Knot.
 *
 *   npm run bench -- dns-transfer [--rounds=3] [--records=1000000]
 *
 * Out: the same client drains AXFR from each. In: NSD gives, NSD and we take. IXFR: a thousand changes out
 * of the zone, the engine alone; a hundred thousand into the running secondary, which answers meanwhile. Exits with 1 if a transfer fails, not when a bar is missed.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { parseName } from '@riad/dns/name';
import { transferQuery } from '@riad/dns-server/secondary/primary-messages';
import { emptyImage, hostZone, recordsOf, sha1 } from '@riad/dns-server/testing/built-zone';
import { applyChange } from '@riad/dns-server/transfer/apply-change';
import { ixfrOut } from '@riad/dns-server/transfer/ixfr-out';
import { MemoryHistory } from '@riad/dns-server/zone-history/zone-history';
import { HeldVersions } from '@riad/dns-server/zone-image/held-versions';
import { zoneAt } from '@riad/dns-server/zone-image/zone-at';
import type { ZoneImage } from '@riad/dns-server/zone-image/zone-image';
import { adviseHugePages } from '@riad/net/ffi/memory';
import { Frames, fetchZone, framed } from '../interop/dns/transfer/fetch.ts';
import { transferringPeers } from '../interop/dns/transfer/transferring-peers.ts';
import { loopback, startServer, type Target } from '../interop/peers/server.ts';
import { median } from './dns-authoritative/loads.ts';
import { processesOf, processorTime } from './dns-authoritative/processor-time.ts';
import { type Bar, bar, barLine } from './dns-authoritative/report.ts';
import { hostsText, soaLine } from './dns-transfer/changing-zone.ts';
import { measureDifferenceIn } from './dns-transfer/difference-in.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    records: { type: 'string', default: '1000000' },
  },
});
const rounds = Number(values.rounds);
const records = Number(values.records);
const changes = 1000;
const zoneName = 'transfer.example';
const zone = parseName(`${zoneName}.`);
const folder = mkdtempSync(join(tmpdir(), 'riad-bench-'));
const say = (text: string): void => void process.stderr.write(`${text}\n`);

try {
  const text = hostsText(records - 3);
  // The engine alone first: what is left of the others costs it collections.
  const bars = [measureDifference(text), ...(await measureOut(text)), ...(await measureIn(text))];
  const differenceIn = await measureDifferenceIn(records, rounds, join(folder, 'difference'));
  say(
    `IXFR in: 100,000 changes taken in ${differenceIn.figures.servedMs} ms; slowest answer ${differenceIn.figures.duringMs.toFixed(1)} ms meanwhile, ${differenceIn.figures.quietMs.toFixed(1)} ms in a quiet time`,
  );
  bars.push(...differenceIn.bars);
  for (const one of bars) process.stdout.write(`${barLine(one)}\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exit();

/** Milliseconds from the query to the last octet, and of processor time of the server. */
async function drain(from: Target, pid: number): Promise<{ wallMs: number; cpuMs: number }> {
  const pids = processesOf(pid);
  const before = processorTime(pids).nanoseconds;
  const started = performance.now();
  const socket = createConnection(from.port, from.address);
  await once(socket, 'connect');
  socket.write(framed(transferQuery(zone, 1, undefined)));
  const frames = new Frames();
  let left = records + 1; // the SOA comes twice
  for await (const chunk of socket) {
    for (const message of frames.take(chunk as Buffer)) left -= (message[6]! << 8) | message[7]!;
    if (left <= 0) break;
  }
  const wallMs = performance.now() - started;
  socket.destroy();
  if (left !== 0) throw new Error(`${from.name}: ${left} records are missing`);
  return { wallMs, cpuMs: (processorTime(pids).nanoseconds - before) / 1e6 };
}

async function measureOut(text: string): Promise<Bar[]> {
  const wall = new Map<string, number>();
  const cpu = new Map<string, number>();
  const measure = async (target: Target, pid: number): Promise<void> => {
    await drain(target, pid); // once without figures
    const runs = [];
    for (let i = 0; i < rounds; i++) runs.push(await drain(target, pid));
    wall.set(target.name, median(runs.map(({ wallMs }) => wallMs)));
    cpu.set(target.name, median(runs.map(({ cpuMs }) => cpuMs)));
    say(
      `AXFR from ${target.name}: ${wall.get(target.name)!.toFixed(0)} ms, processor ${cpu.get(target.name)!.toFixed(0)} ms`,
    );
  };
  for (const { name, missing, primary } of transferringPeers) {
    if (missing !== false) continue;
    const server = await startServer(primary, [{ name: zoneName, text }], join(folder, name));
    await measure(server, server.pid);
    await server.stop();
  }
  const path = join(folder, 'zone');
  writeFileSync(path, text);
  const program = join(import.meta.dirname, 'dns-transfer', 'primary.ts');
  const child = spawn(process.execPath, [program, `${zoneName}.`, path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [port] = (await once(child.stdout, 'data')) as [Buffer];
  await measure({ name: 'riad', address: loopback, port: Number(String(port)) }, child.pid!);
  child.kill();
  const beside = (figures: Map<string, number>, what: string): Bar[] =>
    figures.has('bind')
      ? [bar(`${what} / bind`, figures.get('riad')! / figures.get('bind')!, 1)]
      : [];
  return [...beside(wall, 'AXFR out: time'), ...beside(cpu, 'AXFR out: processor time')];
}

async function measureIn(text: string): Promise<Bar[]> {
  const nsd = transferringPeers.find(({ name }) => name === 'nsd')!;
  if (nsd.missing !== false) return [];
  const zones = [{ name: zoneName, text }];
  const server = await startServer(nsd.primary, zones, join(folder, 'giving'));
  const theirs: number[] = [];
  const first: number[] = [];
  const again: number[] = [];
  const take = async (image: ZoneImage): Promise<number> => {
    const started = performance.now();
    const { outcome } = await fetchZone(image, zone, server);
    if (outcome.kind !== 'zone') throw new Error(JSON.stringify(outcome));
    return performance.now() - started;
  };
  // NSD begins with nothing each time, and so does the first of ours; the other takes the same zone again and again.
  const kept = servedImage();
  await take(kept);
  for (let i = 0; i < rounds; i++) {
    const started = performance.now();
    const taking = await startServer(
      nsd.secondary(server.port),
      zones,
      join(folder, `taking-${i}`),
    );
    theirs.push(performance.now() - started);
    await taking.stop();
    first.push(await take(servedImage()));
    again.push(await take(kept));
  }
  await server.stop();
  say(
    `AXFR in: nsd ${median(theirs).toFixed(0)} ms from its start to its first answer, riad ${median(first).toFixed(0)} ms, and ${median(again).toFixed(0)} ms in place of the version before`,
  );
  return [
    bar('AXFR in: time / nsd', median(first) / median(theirs), 1.5),
    bar('AXFR in, in place of a version: time / nsd', median(again) / median(theirs), 1.5),
  ];
}

/** Memory as the service has it: see loader-thread.ts. */
function servedImage(): ZoneImage {
  const image = emptyImage(2 ** 31 - 8);
  adviseHugePages(image.arena.buffer);
  return image;
}

/** The engine alone, warm, with nothing remembered from the time before. */
function measureDifference(text: string): Bar {
  const image = emptyImage(1 << 30);
  hostZone(image, `${zoneName}.`, text);
  const all = Array.from({ length: changes }, (_, i) => ({
    fromSerial: 1 + i,
    toSerial: 2 + i,
    removals: recordsOf(`${zoneName}.`, soaLine(1 + i)),
    additions: recordsOf(`${zoneName}.`, `${soaLine(2 + i)}new${i} 300 A 192.0.2.9\n`),
  }));
  for (const change of all) {
    if (!applyChange(image, zone, change, sha1).ok) throw new Error('a change was refused');
  }
  const holds = new HeldVersions(image.arena);
  const question = Uint8Array.of(...zone, 0, 251, 0, 1);
  const query = { id: 1, recursionDesired: false, question, opt: undefined };
  const times: number[] = [];
  for (let i = 0; i < 15; i++) {
    const history = new MemoryHistory();
    for (const change of all) history.add(change, 1e9);
    const before = process.cpuUsage();
    using held = holds.hold(0)!;
    const messages = ixfrOut(
      image.arena,
      held,
      zoneAt(image.arena, held.version, zone),
      query,
      1,
      history,
    );
    let octets = 0;
    for (const message of messages) octets += message.length;
    if (octets < changes * 16) throw new Error(`${octets} octets are no difference`);
    const { user, system } = process.cpuUsage(before);
    times.push((user + system) / 1000);
  }
  return bar(`IXFR out: ${changes} changes, ms of processor time`, median(times.slice(5)), 5);
}
