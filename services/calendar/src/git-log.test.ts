import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Random, seed } from '@riad/octets/testing/random';
import { expectStatus } from './testing/dav-reading.ts';
import { event, icalendar } from './testing/objects.ts';
import { endService, spawnService, startedService } from './testing/service-child.ts';

/** From the answer to a request until another program sees its commit. */
const seenWithinMs = 1000;
const mostPauseMs = 150;
const clients = 4;
const writesEach = 12;
const calendar = '/calendars/ann/calendar/';

test(`any git log names a commit within a second of its acknowledgement (seed ${seed})`, {
  timeout: 60_000,
}, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'riad-log-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const { child, ask } = await startedService(spawnService(folder));
  t.after(() => endService(child, 'SIGKILL'));
  const log = new ForeignLog(join(folder, 'calendar', 'store.git'));
  const random = new Random();
  let slowestMs = 0;
  const write = async (name: string, number: number): Promise<void> => {
    const asking = { headers: icalendar, body: event(name, `Number ${number}`) };
    expectStatus(await ask('PUT', `${calendar}${name}`, asking), 201);
    const answered = performance.now();
    const path = encodeURIComponent(`${calendar}${name}`);
    const history = expectStatus(await ask('GET', `/api/history?path=${path}`), 200);
    const { entries } = JSON.parse(history.text) as { entries: { revision: string }[] };
    const seen = await log.firstToName(entries[0]!.revision);
    slowestMs = Math.max(slowestMs, seen - answered);
  };
  // Alone, in a steady stream, and with pauses in between: sealing waits for silence, and not for ever.
  const client = async (number: number): Promise<void> => {
    for (let i = 0; i < writesEach; i++) {
      await write(`c${number}-${i}.ics`, i);
      await sleep(random.below(mostPauseMs));
    }
  };
  await client(0);
  await Promise.all(Array.from({ length: clients }, (_, number) => client(number + 1)));
  assert.ok(slowestMs < seenWithinMs, `${slowestMs} ms`);
});

const run = promisify(execFile);

/** `git log`, again and again, for as long as somebody waits. */
class ForeignLog {
  readonly #repository: string;
  readonly #waiting = new Map<string, (startedAt: number) => void>();
  #running = false;

  constructor(repository: string) {
    this.#repository = repository;
  }

  /** When the first `git log` that names it was started: how long git takes is its own business. */
  firstToName(revision: string): Promise<number> {
    const { promise, resolve } = Promise.withResolvers<number>();
    this.#waiting.set(revision, resolve);
    if (!this.#running) void this.#look();
    return promise;
  }

  async #look(): Promise<void> {
    this.#running = true;
    while (this.#waiting.size > 0) {
      const startedAt = performance.now();
      const words = ['-C', this.#repository, 'log', '--format=%H', 'main'];
      // There is no branch before the first commit is sealed.
      const { stdout } = await run('git', words).catch(() => ({ stdout: '' }));
      for (const revision of stdout.split('\n')) {
        this.#waiting.get(revision)?.(startedAt);
        this.#waiting.delete(revision);
      }
    }
    this.#running = false;
  }
}
