/** S10: what a client was told once is good for ever, or said to be unknown; it never leads astray. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Random, seed } from '@riad/octets/testing/random';
import { expectStatus, readDifference } from '@riad/service-calendar/testing/dav-reading';
import { ModelledClient } from '@riad/service-calendar/testing/modelled-client';
import { event, icalendar } from '@riad/service-calendar/testing/objects';
import { git, judge } from '@riad/store/testing/git';
import { RiadRun } from './riad-run.ts';

const home = '/calendars/ann/';
const calendar = `${home}calendar/`;

test(`S10: a token works after restart, index rebuild, git gc, revert and restore (seed ${seed})`, {
  timeout: 180_000,
}, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'riad-tokens-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const riad = await RiadRun.prepare(join(folder, 'first'));
  t.after(() => riad.stop());
  const client = new ModelledClient(home, 'c0', new Random());
  const steps = async (count: number): Promise<void> => {
    for (let i = 0; i < count; i++) await client.step(riad.ask);
  };
  const put = async (name: string, server: RiadRun = riad): Promise<void> => {
    const asking = { headers: icalendar, body: event(name, 'Something') };
    expectStatus(await server.ask('PUT', `${calendar}${name}`, asking), 201);
  };
  const tokenNow = async (): Promise<string> => {
    const difference = await readDifference(riad.ask, calendar, '');
    assert.ok(typeof difference === 'object');
    return difference.token;
  };
  /** Names that are told as changed and as removed. */
  const since = async (token: string, server: RiadRun = riad): Promise<unknown> => {
    const difference = await readDifference(server.ask, calendar, token);
    if (typeof difference !== 'object') return difference;
    return [[...difference.changed.keys()].sort(), [...difference.removed].sort()];
  };
  const repository = join(riad.state, 'store.git');

  await riad.start();
  for (const name of ['a.ics', 'b.ics', 'c.ics']) await put(name);
  const first = await tokenNow();
  await put('d.ics');
  expectStatus(await riad.ask('DELETE', `${calendar}a.ics`), 204);
  const expected = [['d.ics'], ['a.ics']];
  const check = async (): Promise<void> => {
    assert.deepEqual(await since(first), expected);
    await client.verify(riad.ask);
  };
  await steps(60);
  await check();

  // Restart.
  await riad.stop();
  await riad.start();
  await check();

  // Index rebuild.
  await riad.stop();
  for (const ending of ['', '-wal', '-shm'])
    rmSync(join(riad.state, `index.db${ending}`), { force: true });
  await riad.start();
  await check();

  // Somebody collects garbage, while it runs and while it does not.
  await steps(10);
  git(repository, 'gc', '--quiet', '--prune=now');
  await check();
  await steps(10);
  await riad.stop();
  git(repository, 'gc', '--quiet', '--aggressive', '--prune=now');
  await riad.start();
  await check();

  // A revert goes forward: it is a change that the token leads to.
  const order = JSON.stringify({ path: calendar, at: git(repository, 'rev-parse', 'main') });
  expectStatus(await riad.ask('DELETE', `${calendar}b.ics`), 204);
  assert.deepEqual(await since(first), [['d.ics'], ['a.ics', 'b.ics']]);
  expectStatus(await riad.ask('POST', '/api/revert', { body: order }), 200);
  assert.deepEqual(await since(first), [['b.ics', 'd.ics'], ['a.ics']]);
  const kept = await tokenNow();

  // Backup, and what came after it is lost.
  const backup = join(folder, 'backup');
  riad.command('backup', backup);
  const then = client.snapshot();
  await put('lost.ics');
  const lost = await tokenNow();
  await steps(5);
  await riad.stop();
  const other = await RiadRun.prepare(join(folder, 'second'), { withUser: false });
  t.after(() => other.stop());
  other.command('restore', backup);
  await other.start();
  assert.deepEqual(await since(first, other), [['b.ics', 'd.ics'], ['a.ics']]);
  assert.deepEqual(await since(kept, other), [[], []]);
  assert.equal(await since(lost, other), 'unknown');
  await put('other.ics', other);
  assert.equal(await since(lost, other), 'unknown', 'the same number, another commit');
  assert.deepEqual(await since(kept, other), [['other.ics'], []]);
  await client.at(then, new Random()).verify(other.ask);
  await other.stop();
  judge(join(other.state, 'store.git'));
});
