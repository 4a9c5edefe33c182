import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Random, seed } from '@riad/octets/testing/random';
import { git } from '@riad/store/testing/git';
import { event, icalendar } from './testing/objects.ts';
import { RunningCalendar } from './testing/running-calendar.ts';
import { until } from './testing/until.ts';

/** From the answer to a request until another program sees its commit. */
const seenWithinMs = 1000;
const mostPauseMs = 150;
const clients = 4;
const writesEach = 12;

test(`any git log names a commit within a second of its acknowledgement (seed ${seed})`, async () => {
  await using server = await RunningCalendar.start(['ann']);
  const repository = join(server.folder, 'calendar', 'store.git');
  const random = new Random();
  let slowestMs = 0;
  const write = async (name: string, number: number): Promise<void> => {
    const asking = { headers: icalendar, body: event(name, `Number ${number}`) };
    const answer = await server.ask('PUT', `/calendars/ann/calendar/${name}`, asking);
    const answered = performance.now();
    const blob = answer.headers.get('etag')!.slice(1, -1);
    const named = (): boolean =>
      git(repository, 'log', '--format=%H', `--find-object=${blob}`, 'main') !== '';
    await until(
      () => hasObject(repository, blob) && named(),
      `the commit of ${name}`,
      seenWithinMs,
    );
    slowestMs = Math.max(slowestMs, performance.now() - answered);
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
  assert.ok(slowestMs < seenWithinMs);
});

/** `git log` refuses to look for what is not there at all. */
function hasObject(repository: string, blob: string): boolean {
  try {
    git(repository, 'cat-file', '-e', blob);
    return true;
  } catch {
    return false;
  }
}
