/** A large difference taken in by the running secondary, which answers meanwhile: how long anybody waits. */
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseName } from '@riad/dns/name';
import { notifyMessage } from '@riad/dns-server/notify/notify-message';
import { recordsOf } from '@riad/dns-server/testing/built-zone';
import { freePort } from '@riad/net/testing/free-port';
import { riadRunCommand } from '../../interop/peers/riad-command.ts';
import { loopback } from '../../interop/peers/server.ts';
import { generate, median } from '../dns-authoritative/loads.ts';
import { plainQueries } from '../dns-authoritative/queries.ts';
import { type Bar, bar } from '../dns-authoritative/report.ts';
import { firstAnswer } from '../dns-authoritative/servers.ts';
import { plainZone } from '../dns-authoritative/zones.ts';
import { changedText, hostsText, soaLine } from './changing-zone.ts';

const changes = 100_000;
const cores = { server: 0, others: 1 };
const settleMs = 3000;
const seconds = 6;
/** The difference comes so long after the questions have begun. */
const afterMs = 1500;
const servedWithinMs = 30_000;
const typeTxt = 16;

export type DifferenceFigures = {
  readonly quietMs: number;
  readonly duringMs: number;
  readonly servedMs: number;
};

export async function measureDifferenceIn(
  records: number,
  rounds: number,
  folder: string,
): Promise<{ figures: DifferenceFigures; bars: Bar[] }> {
  const hosts = records - changes - 3;
  mkdirSync(folder, { recursive: true });
  const queries = join(folder, 'queries');
  writeFileSync(queries, plainQueries(100_000, hosts));
  const primary = await startPrimary(hosts, rounds + 1, folder);
  const secondary = await startSecondary(primary.port, `host${hosts - 1}.${plainZone}`, folder);
  const quiet: number[] = [];
  const during: number[] = [];
  const served: number[] = [];
  const slowest = async (): Promise<number> => {
    const result = await generate(queries, secondary.port, seconds, { rate: 2000 }, cores.others);
    return result.latencyMicroseconds.max / 1000;
  };
  try {
    for (let serial = 2; serial <= rounds + 1; serial++) {
      await sleep(settleMs);
      quiet.push(await slowest());
      const measured = slowest();
      await sleep(afterMs);
      const begun = performance.now();
      const begunAt = Date.now();
      primary.change();
      await notify(secondary.port, serial);
      during.push(await measured);
      // Looked for afterwards, so that nobody but the generator asks meanwhile.
      const text = `version ${serial} of ${changes - 1}`;
      const found = await firstAnswer(
        secondary.port,
        `t${changes - 1}.${plainZone}`,
        (octets) => Buffer.from(octets).includes(text),
        () => performance.now() - begun > servedWithinMs,
        typeTxt,
      );
      if (found === undefined) throw new Error(`${text} was never served`);
      served.push((await secondary.takenAt(serial)) - begunAt);
    }
  } finally {
    await secondary.stop();
    primary.stop();
  }
  const figures = {
    quietMs: median(quiet),
    duringMs: median(during),
    servedMs: median(served),
  };
  const what = `IXFR in: slowest answer while ${changes} changes come beside a quiet time, ms more`;
  return { figures, bars: [bar(what, figures.duringMs - figures.quietMs, 5)] };
}

async function startPrimary(
  hosts: number,
  versions: number,
  folder: string,
): Promise<{ port: number; change(): void; stop(): void }> {
  const path = join(folder, 'first-version');
  writeFileSync(path, hostsText(hosts) + changedText(changes, 1));
  const program = join(import.meta.dirname, 'changing-primary.ts');
  const child = spawn(
    'nice',
    ['-n', '19', 'taskset', '-c', String(cores.others), process.execPath, program, path].concat(
      String(versions),
      String(changes),
    ),
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const [port] = (await once(child.stdout, 'data')) as [Buffer];
  return {
    port: Number(String(port)),
    change: () => void child.stdin.write('\n'),
    stop: () => void child.kill(),
  };
}

async function startSecondary(
  primaryPort: number,
  witness: string,
  folder: string,
): Promise<{ port: number; takenAt(serial: number): Promise<number>; stop(): Promise<void> }> {
  const port = await freePort();
  const command = riadRunCommand(folder, 'copies', [
    'type: dns-secondary',
    `listen: ["udp+tcp://${loopback}:${port}"]`,
    `zones: [{ name: ${plainZone}, primaries: [{ address: ${loopback}, port: ${primaryPort} }] }]`,
    'workers: 1',
    'rateLimit: { responsesPerSecond: 0 }',
  ]);
  const words = ['-c', String(cores.server), ...command];
  const child = spawn('taskset', words, { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  if ((await firstAnswer(port, witness, (octets) => octets[7]! > 0)) === undefined)
    throw new Error(`the secondary does not get the zone: ${said}`);
  return {
    port,
    async takenAt(serial) {
      const find = (): string | undefined =>
        said
          .split('\n')
          .find(
            (each) => each.includes('zone transferred in') && each.includes(`"serial":${serial},`),
          );
      // A thread of its own writes the log: the line may come after the answer.
      const latest = AbortSignal.timeout(servedWithinMs);
      while (find() === undefined && !latest.aborted) {
        await once(child.stderr, 'data', { signal: latest }).catch(() => undefined);
      }
      const line = find();
      const { shape, time } = JSON.parse(line ?? '{}') as Record<string, unknown>;
      if (shape !== 'changes') throw new Error(`it did not come as a difference: ${said}`);
      return new Date(time as string | number).getTime();
    },
    async stop() {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
  };
}

async function notify(port: number, serial: number): Promise<void> {
  const socket = createSocket('udp4');
  const [soa] = recordsOf(`${plainZone}.`, soaLine(serial));
  socket.send(notifyMessage(parseName(`${plainZone}.`), soa!, 1), port, loopback);
  await once(socket, 'message');
  socket.close();
}
