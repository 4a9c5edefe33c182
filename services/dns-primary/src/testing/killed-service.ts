/**
 * The service with a repository, under a stream of updates, killed again and again. After each restart:
 * every acknowledged update is served, none was applied twice, the serial counts them all, and git finds
 * the repository in order. With a remote, that goes away and comes back meanwhile, and somebody commits
 * to it: in the end it has all updates and all commits.
 */

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
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
import { type Git, makeRepository, type TestRepository } from './zone-repository.ts';

const program = join(import.meta.dirname, 'service-process.ts');
const zone = 'example.com.';
const clients = 4;
const startMs = 60_000;
/** It is killed so long after it has begun to answer, at most … */
const mostRunMs = 3000;
/** … or, every so often, so long after it was started. */
const mostStartMs = 1500;
const killedAtStart = 0.2;
const remoteName = 'forge.git';
const awayName = 'forge.away';
/** In a folder that has no zones. */
const noteName = 'notes/note';
/** Before a start the remote goes away or comes back so often, and so often somebody commits to it. */
const forgeMoves = 0.3;
/** After many kills a hundred thousand updates may wait to be written into the zone's file. */
const writtenMs = 60_000;

const text = `; kept by hand
$TTL 60
@ SOA ns hostmaster 1 3600 900 2419200 300 ; the server's
  NS ns
ns A 192.0.2.1 ; stays
`;

export type KilledRun = { readonly kills: number; readonly acknowledged: number };

export type KillingOptions = {
  /** The repository is kept in step with one that is not always there. */
  readonly remote?: boolean;
  /** Hears of each restart. */
  readonly say?: (line: string) => void;
};

/** Throws at the first thing that is not as it must be. */
export async function killService(
  folder: string,
  random: Random,
  kills: number,
  { remote = false, say = () => {} }: KillingOptions = {},
): Promise<KilledRun> {
  const files = { 'example.com': text, _keys: keyLine };
  const repository = makeRepository(folder, remote ? remoteName : 'zones.git', files);
  const git: Git = (...words) => repository.git('-C', 'zones.git', ...words);
  const forge = remote ? new Forge(folder, repository) : undefined;
  const start = (): ChildProcess => startService(folder, remote);
  const startWhole = (): Promise<Whole> => wholeStart(start());
  const streams = Array.from({ length: clients }, (_, i) => new UpdateStream(`c${i}`, random));
  const acknowledged = (): number => streams.reduce((sum, stream) => sum + stream.acknowledged, 0);
  await firstStart(await startWhole());
  for (let kill = 0; kill < kills; kill++) {
    if (random.chance(forgeMoves)) forge?.move();
    if (random.chance(forgeMoves)) forge?.commit(kill);
    if (random.chance(killedAtStart)) {
      const child = start();
      await sleep(random.below(mostStartMs));
      await end(child, 'SIGKILL');
    } else {
      const { child, port } = await startWhole();
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
  forge?.comeBack();
  const { child, port } = await startWhole();
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
    await forge?.hasAll(git('show', 'main:example.com'));
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

/** The remote, and somebody who commits to it. */
class Forge {
  readonly #folder: string;
  readonly #repository: TestRepository;
  #away = false;
  /** What was committed last. */
  #note: string | undefined;

  constructor(folder: string, repository: TestRepository) {
    this.#folder = folder;
    this.#repository = repository;
    mkdirSync(join(folder, 'work', dirname(noteName)));
  }

  move(): void {
    const [from, to] = this.#away ? [awayName, remoteName] : [remoteName, awayName];
    renameSync(join(this.#folder, from), join(this.#folder, to));
    this.#away = !this.#away;
  }

  comeBack(): void {
    if (this.#away) this.move();
  }

  /** Beside the zones: what somebody changed in the zone itself would not be what the clients know. */
  commit(number: number): void {
    if (this.#away) return;
    const { git, write, push } = this.#repository;
    git('-C', 'work', 'pull', '--quiet', '--rebase', 'origin', 'main');
    this.#note = `${number}\n`;
    write(noteName, this.#note);
    push(`note ${number}`);
  }

  async hasAll(zoneText: string): Promise<void> {
    const show = (file: string): string =>
      this.#repository.git('-C', remoteName, 'show', `main:${file}`);
    await until(
      () => show('example.com') === zoneText,
      () => `the remote has\n${show('example.com')}`,
      writtenMs,
    );
    if (this.#note !== undefined) assert.equal(show(noteName), this.#note);
    this.#repository.git('-C', remoteName, 'fsck', '--strict', '--no-dangling');
  }
}

type Whole = { readonly child: ChildProcess; readonly port: number };

/** The repository is read for the first time, and with it the key. */
async function firstStart({ child, port }: Whole): Promise<void> {
  await until(
    async () => (await update(port, zone, '-- nothing A').catch(() => -1)) === Rcode.NOERROR,
    () => 'the key is not known',
  );
  await end(child, 'SIGTERM');
}

function startService(folder: string, remote: boolean): ChildProcess {
  const words = [program, folder, ...(remote ? [remoteName] : [])];
  return spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'pipe'] });
}

async function wholeStart(child: ChildProcess): Promise<Whole> {
  let said = '';
  child.stderr!.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  const over = new AbortController();
  const early = (): void =>
    over.abort(new Error(`it ended (${child.exitCode ?? child.signalCode})`));
  child.once('close', early);
  const late = setTimeout(() => over.abort(new Error(`not within ${startMs} ms`)), startMs);
  try {
    const [line] = (await once(child.stdout!, 'data', { signal: over.signal })) as [Buffer];
    return { child, port: Number(line.toString()) };
  } catch (error) {
    await end(child, 'SIGKILL');
    throw new Error(`the service does not start: ${said}`, { cause: error });
  } finally {
    child.off('close', early);
    clearTimeout(late);
  }
}

async function end(child: ChildProcess, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill(signal);
  await ended;
}
