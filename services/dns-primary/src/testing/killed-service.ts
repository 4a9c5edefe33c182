/**
 * The service with a repository, under a stream of updates, killed again and again. After each restart:
 * every acknowledged update is served, none was applied twice, the serial counts them all, and git finds
 * the repository in order.
 */

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Rcode } from '@riad/dns/iana/rcodes';
import { parseName } from '@riad/dns/name';
import { serialOfSoa } from '@riad/dns/rdata/soa';
import { readRecords } from '@riad/dns/testing/zone-records';
import type { Random } from '@riad/octets/testing/random';
import { until } from './running-service.ts';
import { keyLine, update } from './update-client.ts';
import { UpdateStream } from './update-stream.ts';
import { lineOf, type WholeZone, wholeZone } from './whole-zone.ts';
import { type Git, makeRepository } from './zone-repository.ts';

const program = join(import.meta.dirname, 'service-process.ts');
const zone = 'example.com.';
const clients = 4;
const startMs = 60_000;
/** It is killed so long after it has begun to answer, at most … */
const mostRunMs = 3000;
/** … or, every so often, so long after it was started. */
const mostStartMs = 1500;
const killedAtStart = 0.2;
/** After many kills a hundred thousand updates may wait to be written into the zone's file. */
const writtenMs = 60_000;

const text = `; kept by hand
$TTL 60
@ SOA ns hostmaster 1 3600 900 2419200 300 ; the server's
  NS ns
ns A 192.0.2.1 ; stays
`;

export type KilledRun = { readonly kills: number; readonly acknowledged: number };

/** Throws at the first thing that is not as it must be. `say` hears of each restart. */
export async function killService(
  folder: string,
  random: Random,
  kills: number,
  say: (line: string) => void = () => {},
): Promise<KilledRun> {
  const repository = makeRepository(folder, 'zones.git', { 'example.com': text, _keys: keyLine });
  const git: Git = (...words) => repository.git('-C', 'zones.git', ...words);
  const streams = Array.from({ length: clients }, (_, i) => new UpdateStream(`c${i}`, random));
  const acknowledged = (): number => streams.reduce((sum, stream) => sum + stream.acknowledged, 0);
  await firstStart(folder);
  for (let kill = 0; kill < kills; kill++) {
    if (random.chance(killedAtStart)) {
      const child = start(folder);
      await sleep(random.below(mostStartMs));
      await end(child, 'SIGKILL');
    } else {
      const { child, port } = await startWhole(folder);
      try {
        await checkAll(port, streams);
        const over = new AbortController();
        const running = streams.map((stream) => stream.run(port, over.signal));
        await Promise.race([sleep(random.below(mostRunMs)), Promise.all(running)]);
        await end(child, 'SIGKILL');
        over.abort();
        await Promise.all(running);
      } finally {
        await end(child, 'SIGKILL');
      }
    }
    git('fsck', '--strict', '--no-dangling');
    say(`${kill + 1} kills, ${acknowledged()} updates acknowledged`);
  }
  const { child, port } = await startWhole(folder);
  try {
    const served = await checkAll(port, streams);
    await until(
      () => readBack(git).lines.join('\n') === served.lines.join('\n'),
      () => `git has\n${git('show', 'main:example.com')}\ninstead of\n${served.lines.join('\n')}`,
      writtenMs,
    );
    assert.equal(readBack(git).serial, served.serial);
    assert.match(
      git('show', 'main:example.com'),
      /^; kept by hand\n(.*\n)+ns A 192\.0\.2\.1 ; stays\n/,
    );
    git('fsck', '--strict', '--no-dangling');
  } finally {
    await end(child, 'SIGTERM');
  }
  return { kills, acknowledged: acknowledged() };
}

/** What is served, which has to be what the clients know of. */
async function checkAll(port: number, streams: readonly UpdateStream[]): Promise<WholeZone> {
  const server = { name: 'riad', address: '127.0.0.1', port };
  const found = await wholeZone(server, zone);
  const applied = streams.reduce((sum, stream) => sum + stream.appliedIn(found.lines), 0);
  assert.equal(found.serial, 1 + applied, 'the serial counts every update once');
  // What came before the end and was not answered comes again.
  await Promise.all(streams.map((stream) => stream.settle(port)));
  const settled = await wholeZone(server, zone);
  const all = streams.reduce((sum, stream) => sum + stream.appliedIn(settled.lines), 0);
  assert.equal(settled.serial, 1 + all, 'and so after the copies');
  return settled;
}

function readBack(git: Git): WholeZone {
  const { records } = readRecords(git('show', 'main:example.com'), { origin: parseName(zone) });
  const soa = records.find(({ type }) => type === 6)!;
  return { serial: serialOfSoa(soa.rdata), lines: records.map(lineOf).sort() };
}

/** The repository is read for the first time, and with it the key. */
async function firstStart(folder: string): Promise<void> {
  const { child, port } = await startWhole(folder);
  await until(
    async () => (await update(port, zone, '-- nothing A').catch(() => -1)) === Rcode.NOERROR,
    () => 'the key is not known',
  );
  await end(child, 'SIGTERM');
}

function start(folder: string): ChildProcess {
  return spawn(process.execPath, [program, folder], { stdio: ['ignore', 'pipe', 'pipe'] });
}

async function startWhole(folder: string): Promise<{ child: ChildProcess; port: number }> {
  const child = start(folder);
  let said = '';
  child.stderr!.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  try {
    const signal = AbortSignal.timeout(startMs);
    const [line] = (await once(child.stdout!, 'data', { signal })) as [Buffer];
    return { child, port: Number(line.toString()) };
  } catch (error) {
    await end(child, 'SIGKILL');
    throw new Error(`the service does not start: ${said}`, { cause: error });
  }
}

async function end(child: ChildProcess, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill(signal);
  await ended;
}
