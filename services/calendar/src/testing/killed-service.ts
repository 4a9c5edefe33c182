/**
 * The whole service under the writes of eight clients, killed again and again. After each restart: every
 * acknowledged write is there, octet for octet; tokens lead to the right difference; any git finds the repository
 * in order, and names each commit within a second. Every so often the index is deleted, and what is answered out of
 * the commits alone is the same.
 */
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '@riad/octets/testing/random';
import { git } from '@riad/store/testing/git';
import { type Ask, expectStatus } from './dav-reading.ts';
import { ModelledClient } from './modelled-client.ts';
import { endService, type ServiceChild, spawnService, startedService } from './service-child.ts';
import { until } from './until.ts';

const home = '/calendars/ann/';
const clients = 8;
/** It is killed so long after it has begun to answer, at most … */
const mostRunMs = 2000;
/** … or, every so often, so long after it was started. */
const mostStartMs = 1200;
const killedAtStart = 0.15;
const indexDeleted = 0.25;
/** What is made for who comes for the first time. */
const homeCommits = 10;
/** Any git has to see what is answered for within this. */
export const seenWithinMs = 1000;

export type KilledRun = {
  readonly acknowledged: number;
  /** From the first answer after a restart until git named the newest commit. */
  readonly seenMs: number;
};

/** Throws at the first thing that is not as it must be. `say` hears of each kill. */
export async function killService(
  folder: string,
  random: Random,
  kills: number,
  say: (line: string) => void = () => {},
): Promise<KilledRun> {
  const repository = join(folder, 'calendar', 'store.git');
  const all = Array.from({ length: clients }, (_, i) => new ModelledClient(home, `c${i}`, random));
  const acknowledged = (): number => all.reduce((sum, client) => sum + client.acknowledged, 0);
  let seenMs = 0;
  const whole = async (use: (service: ServiceChild) => Promise<void>): Promise<void> => {
    const service = await startedService(spawnService(folder));
    try {
      seenMs = Math.max(seenMs, await seenByGit(repository, service));
      await ready(service.ask);
      await Promise.all(all.map((client) => client.verify(service.ask)));
      await use(service);
    } finally {
      await endService(service.child, 'SIGKILL');
    }
  };
  for (let kill = 0; kill < kills; kill++) {
    if (kill > 0 && random.chance(killedAtStart)) {
      const child = spawnService(folder);
      await sleep(random.below(mostStartMs));
      await endService(child, 'SIGKILL');
    } else {
      await whole(async ({ ask, child }) => {
        let over = false;
        const working = all.map(async (client) => {
          while (!over) await client.step(ask);
        });
        // A wrong answer ends the run; a request that is cut off is what it is about.
        const ended = Promise.allSettled(working).then((results) =>
          results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : [])),
        );
        await Promise.race([sleep(random.below(mostRunMs)), ended]);
        await endService(child, 'SIGKILL');
        over = true;
        for (const reason of await ended) if (!isCutOff(reason)) throw reason;
      });
    }
    git(repository, 'fsck', '--strict', '--no-dangling');
    if (random.chance(indexDeleted)) await sameWithoutIndex(folder, all, whole);
    say(
      `${kill + 1} kills, ${acknowledged()} writes acknowledged, seen within ${seenMs.toFixed()} ms`,
    );
  }
  await sameWithoutIndex(folder, all, whole);
  const commits = Number(git(repository, 'rev-list', '--count', 'main'));
  const most = acknowledged() + clients * kills + homeCommits;
  assert.ok(
    commits >= acknowledged() && commits <= most,
    `${commits}, ${acknowledged()} to ${most}`,
  );
  return { acknowledged: acknowledged(), seenMs };
}

/** Until a foreign git names what the service has; what was acknowledged is part of it. */
async function seenByGit(repository: string, { head }: ServiceChild): Promise<number> {
  const begun = performance.now();
  if (head === undefined) return 0;
  // What counts is when it was asked, and not how long git took to tell.
  let askedMs = 0;
  await until(
    () => {
      askedMs = performance.now() - begun;
      return namedByGit(repository).includes(head);
    },
    `commit ${head} in git log`,
    seenWithinMs,
  );
  return askedMs;
}

function namedByGit(repository: string): string[] {
  try {
    return git(repository, 'log', '--format=%H', 'main').split('\n');
  } catch {
    return []; // it was killed before there was a branch
  }
}

async function ready(ask: Ask): Promise<void> {
  await until(async () => {
    const { status } = await ask('PROPFIND', home, { headers: { depth: '0' } });
    return status !== 503;
  }, 'the index');
  expectStatus(await ask('PROPFIND', home, { headers: { depth: '0' } }), 207);
}

async function sameWithoutIndex(
  folder: string,
  all: readonly ModelledClient[],
  whole: (use: (service: ServiceChild) => Promise<void>) => Promise<void>,
): Promise<void> {
  const answers = async ({ ask }: ServiceChild): Promise<string[][]> =>
    Promise.all(all.map((client) => client.answers(ask)));
  let before: string[][] = [];
  await whole(async (service) => {
    before = await answers(service);
  });
  for (const ending of ['', '-wal', '-shm'])
    rmSync(join(folder, 'calendar', `index.db${ending}`), { force: true });
  await whole(async (service) => assert.deepEqual(await answers(service), before));
}

/** `fetch` has lost its connection, or found none. */
function isCutOff(error: unknown): boolean {
  return error instanceof TypeError || (error as { code?: string }).code === 'ECONNRESET';
}
