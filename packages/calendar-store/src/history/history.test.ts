import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Operation } from '@riad/webdav/storage/storage';
import type { CalendarStorage } from '../options.ts';
import { describeLine } from '../testing/literal-storage.ts';
import {
  ann,
  begin,
  contents,
  event,
  make,
  Place,
  put,
  request,
  syncState,
  work,
} from '../testing/opened.ts';
import type { Goal } from './goals.ts';

/** As the engine does it: through an ordinary write. */
async function carryOut(storage: CalendarStorage, goals: readonly Goal[]): Promise<void> {
  const operations = goals.map((goal): Operation => {
    if (goal.type !== 'put') return goal;
    return { ...goal, facts: describeLine(goal.octets, 'calendar') };
  });
  const result = await request(
    storage,
    operations,
    [],
    { ...ann, user: 'bob', device: undefined },
    'undo',
  );
  assert.equal(result.type, 'written');
}

const summary = (goals: readonly Goal[]): unknown[] =>
  goals.map(({ type, path, changedSince }) => [type, path.at(-1), changedSince]);

test('a timeline goes through deletions, new names and collections that were made again', async (t) => {
  const place = new Place(t);
  const storage = await place.open();
  await begin(storage);
  const steps: (readonly Operation[])[] = [
    [put('a.ics', event('u1'))],
    [put('a.ics', event('u1', 'second'))],
    [{ type: 'delete', path: [...work, 'a.ics'] }],
    [put('b.ics', event('u1', 'third'))],
    [{ type: 'delete', path: work }],
    [make(work, 'calendar')],
    [put('a.ics', event('u1', 'fourth'))],
  ];
  for (const operations of steps) {
    place.clock.nowMs += 60_000;
    await request(storage, operations);
  }
  for (const fresh of [false, true]) {
    if (fresh) await storage.close();
    await using opened = fresh ? await place.open({ indexFile: ':memory:' }) : undefined;
    const { history } = opened ?? storage;
    const line = (entries: ReturnType<typeof history.ofPath>): string[] =>
      entries.map(({ change, name }) => `${change} ${name}`).reverse();
    assert.deepEqual(line(history.ofPath([...work, 'a.ics'])), [
      'put a.ics',
      'put a.ics',
      'delete a.ics',
      'put a.ics',
    ]);
    assert.deepEqual(line(history.ofUid(work, 'u1')), [
      'put a.ics',
      'put a.ics',
      'delete a.ics',
      'put b.ics',
      'put a.ics',
    ]);
    assert.deepEqual(line(history.ofPath(work)), ['make work', 'remove work', 'make work']);
    assert.equal(history.ofActor('ann', 'phone', 0).length, 8);
    assert.equal(history.ofActor('ann', 'laptop', 0).length, 0);
    assert.deepEqual(line(history.ofUid(work, 'u1', { limit: 2 })), ['put b.ics', 'put a.ics']);
    const [newest] = history.ofPath([...work, 'a.ics']);
    const words = await history.words(newest!.revision);
    assert.deepEqual(words, {
      author: 'ann',
      summary: 'change',
      message: 'change\n\nPUT /calendars/ann/work/x.ics\nTest/1 on phone',
      requestId: '1',
    });
    const at = (minutes: number): Date => new Date(Date.UTC(2026, 0, 1) + minutes * 60_000);
    const text = async (minutes: number): Promise<string | undefined> => {
      const octets = await history.contentAt([...work, 'a.ics'], at(minutes));
      return octets && new TextDecoder().decode(octets).split('\n')[1];
    };
    assert.deepEqual(
      [await text(0), await text(1), await text(2.5), await text(3)],
      [undefined, '', 'second', undefined],
    );
    assert.deepEqual(
      (await history.membersAt(work, at(4))).map(({ name }) => name),
      ['b.ics'],
    );
    assert.equal(await history.contentAt([...work, 'a.ics'], new Date(0)), undefined);
  }
});

test('one change, an evening of a phone and a deleted calendar are undone by ordinary writes', async (t) => {
  const place = new Place(t);
  await using storage = await place.open();
  await begin(storage);
  const metadata = {
    properties: [{ namespace: 'x:', name: 'c', xml: '<c xmlns="x:"/>' }],
    acl: [],
  };
  await request(
    storage,
    ['1', '2', '3'].map((n) => put(`${n}.ics`, event(n, 'good'))),
  );
  await request(storage, [{ type: 'set-metadata', path: [...work, '1.ics'], metadata }]);
  const good = await contents(storage);
  const before = await syncState(storage);
  place.clock.nowMs += 3_600_000;
  const evening = place.clock.nowMs / 1000;
  const tablet = { ...ann, device: 'tablet' };
  await request(storage, [put('1.ics', event('1', 'bad'))], [], tablet);
  await request(storage, [{ type: 'delete', path: [...work, '2.ics'] }], [], tablet);
  await request(storage, [put('4.ics', event('4', 'bad'))], [], tablet);
  await request(storage, [put('3.ics', event('3', 'bad'))], [], tablet);
  await request(storage, [put('3.ics', event('3', 'mended'))]);

  // Between two changes of the tablet somebody else's: to go back before the first would undo that, too.
  await request(storage, [put('5.ics', event('5', 'bad'))], [], tablet);
  await request(storage, [put('5.ics', event('5', 'good'))]);
  await request(storage, [put('5.ics', event('5', 'worse'))], [], tablet);
  const between = await storage.goals.undoActor('ann', 'tablet', evening);
  assert.deepEqual(summary(between.filter(({ path }) => path.at(-1) === '5.ics')), [
    ['delete', '5.ics', true],
  ]);
  await request(storage, [{ type: 'delete', path: [...work, '5.ics'] }]);

  const goals = (await storage.goals.undoActor('ann', 'tablet', evening)).filter(
    ({ path }) => path.at(-1) !== '5.ics',
  );
  assert.deepEqual(
    summary(goals),
    [
      ['delete', '4.ics', false],
      ['put', '3.ics', true],
      ['put', '2.ics', false],
      ['put', '1.ics', false],
    ].sort((a, b) => (a[0] === b[0] ? 0 : a[0] === 'delete' ? -1 : 1)),
  );
  await carryOut(
    storage,
    goals.filter(({ changedSince }) => !changedSince),
  );
  assert.deepEqual(await contents(storage), {
    ...good,
    '3.ics': new TextDecoder().decode(event('3', 'mended')),
  });
  assert.notEqual(await syncState(storage), before, 'it goes forward');
  const restored = await (await storage.view()).resource([...work, '1.ics']);
  assert.deepEqual(restored?.metadata, metadata);

  const [change] = storage.history.ofPath([...work, '3.ics']);
  await carryOut(storage, await storage.goals.undoRevision(change!.revision));
  assert.deepEqual((await contents(storage))['3.ics'], new TextDecoder().decode(event('3', 'bad')));
  await carryOut(
    storage,
    await storage.goals.restoreMember([...work, '3.ics'], new Date(evening * 1000 - 1)),
  );
  assert.deepEqual(await contents(storage), good);
  assert.deepEqual(await storage.goals.restoreCollection(work, new Date(evening * 1000 - 1)), []);

  await request(storage, [{ type: 'delete', path: work }]);
  const [removal] = storage.history.ofPath(work);
  const back = await storage.goals.undoRevision(removal!.revision);
  assert.deepEqual(summary(back)[0], ['make-collection', 'work', false]);
  await carryOut(storage, back);
  assert.deepEqual(await contents(storage), good);
});

test('what is undone among changes of others comes step by step, newest first', async (t) => {
  const place = new Place(t);
  await using storage = await place.open();
  await begin(storage);
  const tablet = { ...ann, device: 'tablet' };
  await request(storage, [put('1.ics', event('1', 'first'))]);
  const [first] = storage.history.ofPath([...work, '1.ics']);
  await request(storage, [put('1.ics', event('1', 'second'))], [], tablet);
  await request(storage, [put('1.ics', event('1', 'third'))]);
  await request(storage, [put('1.ics', event('1', 'fourth'))], [], tablet);
  const [fourth, third, second] = storage.history.ofPath([...work, '1.ics']);
  const [goal] = await storage.goals.undoActor('ann', 'tablet', 0);
  assert.ok(goal?.type === 'put' && goal.changedSince);
  assert.deepEqual(goal.undone, [
    { before: third!.revision, after: fourth!.revision },
    { before: first!.revision, after: second!.revision },
  ]);
  assert.deepEqual(goal.octets, event('1', 'first'));
  const [alone] = await storage.goals.undoRevision(fourth!.revision);
  assert.ok(alone?.type === 'put' && !alone.changedSince);
  assert.deepEqual(alone.undone, []);
});
