import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import type { Pieces } from '@riad/octets/pieces';
import type { Operation } from '@riad/webdav/storage/storage';
import { makingTrailers } from './commits/recorded-change.ts';
import { Collections } from './index/collections.ts';
import { Durable, Head } from './index/head.ts';
import { IndexDatabase, removedOfPiece } from './index/index-database.ts';
import type { CalendarStorage } from './options.ts';
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
} from './testing/opened.ts';
import { judging } from './write/judge.ts';
import { longWriteOctets, longWriteOperations } from './write/long-write.ts';
import { planning } from './write/plan.ts';

const many = (count: number, version: string): Operation[] =>
  Array.from({ length: count }, (_, i) => put(`${i}.ics`, event(`u${i}`, version)));

type During = { during?: ((pause: number) => Promise<void>) | undefined };

/** A storage whose long work stops at each pause for `during`, which may read and write. */
async function interrupted(t: TestContext): Promise<{ storage: CalendarStorage; at: During }> {
  const at: During = {};
  let pauses = 0;
  let busy = false;
  const storage = await new Place(t).open({
    pause: async () => {
      if (busy || at.during === undefined) return;
      busy = true;
      await at.during(++pauses);
      busy = false;
    },
  });
  await begin(storage);
  return { storage, at };
}

const summaries = async (storage: CalendarStorage): Promise<string[]> =>
  (await Array.fromAsync(storage.store.log()))
    .map(({ message }) => message.split('\n')[0]!)
    .reverse();

describe('a long write', () => {
  test('is seen whole or not at all, whenever somebody looks', async (t) => {
    const { storage, at } = await interrupted(t);
    await using _ = storage;
    assert.equal((await request(storage, many(200, '1'))).type, 'written');
    const before = await syncState(storage);
    const seen: string[] = [];
    at.during = async () => {
      const state = await syncState(storage);
      const found = Object.values(await contents(storage)).map((text) => text.split('\n')[1]);
      const versions = new Set(found);
      const view = await storage.view();
      const changes = await view.changes(work, before, 1000);
      assert.ok(changes !== 'unknown');
      const last = storage.history.ofPath([...work, '0.ics'], { limit: 10 });
      seen.push(`${[...versions].join()} ${found.length} ${changes.changes.length} ${last.length}`);
      assert.equal(state === before, versions.has('1'));
    };
    const written = await request(storage, many(300, '2'));
    at.during = undefined;
    assert.equal(written.type, 'written');
    assert.ok(seen.length > 100, `${seen.length} pauses`);
    assert.deepEqual(
      [...new Set(seen)].filter((one) => one !== '2 300 300 2'),
      ['1 200 0 1'],
    );
    assert.equal(Object.keys(await contents(storage)).length, 300);
    // It is one commit.
    assert.equal((await summaries(storage)).length, 3);
  });

  test('keeps others waiting with what they write, and they meet what it has done', async (t) => {
    const { storage, at } = await interrupted(t);
    await using _ = storage;
    await request(storage, many(100, '1'));
    const path = [...work, '5.ics'];
    const member = await (await storage.view()).resource(path);
    assert.ok(member?.type === 'member');
    const { etag } = member;
    const others: Promise<string>[] = [];
    const write = (...args: Parameters<typeof request>): void =>
      void others.push(request(...args).then(({ type }) => type));
    at.during = async (pause) => {
      if (pause === 1) {
        write(storage, [put('5.ics', event('u5', 'mine'))], [{ type: 'etag', path, etag }]);
        write(storage, [put('other.ics', event('other'))], [], ann, 'other');
      }
      if (pause % 10 === 0) assert.equal((await contents(storage))['other.ics'], undefined);
    };
    const long = await request(storage, many(100, '2'), [{ type: 'etag', path, etag }], ann, 'all');
    at.during = undefined;
    assert.equal(long.type, 'written');
    assert.deepEqual(await Promise.all(others), ['conflict', 'written']);
    assert.match((await contents(storage))['5.ics']!, /2$/);
    assert.deepEqual((await summaries(storage)).slice(-2), ['all', 'other']);
  });

  test('does nothing where another has come first', async (t) => {
    const { storage } = await interrupted(t);
    await using _ = storage;
    await request(storage, many(100, '1'));
    const path = [...work, '99.ics'];
    const member = await (await storage.view()).resource(path);
    assert.ok(member?.type === 'member');
    const requirement = { type: 'etag', path, etag: member.etag } as const;
    const [first, second] = await Promise.all([
      request(storage, [put('99.ics', event('u99', 'first'))], [requirement]),
      request(storage, many(100, '2'), [requirement]),
    ]);
    assert.equal(first.type, 'written');
    assert.deepEqual(second, { type: 'conflict', requirement });
    const there = Object.values(await contents(storage)).filter((text) => text.endsWith('2'));
    assert.deepEqual(there, []);
  });

  test('takes its turn: what came before it comes first, and what came after it after it', async (t) => {
    const { storage } = await interrupted(t);
    await using _ = storage;
    const names = ['a', 'LONG b', 'c', 'LONG d', 'LONG e', 'f'];
    const results = await Promise.all(
      names.map((name) =>
        request(
          storage,
          name.startsWith('LONG') ? many(100, name) : [put(`${name}.ics`, event(name))],
          [],
          ann,
          name,
        ),
      ),
    );
    assert.ok(results.every(({ type }) => type === 'written'));
    assert.deepEqual((await summaries(storage)).slice(1), names);
  });

  test('is begun anew upon what others have brought meanwhile', async (t) => {
    const { storage, at } = await interrupted(t);
    await using _ = storage;
    let brought = false;
    at.during = async (pause) => {
      if (brought || pause < 20) return;
      brought = true;
      await storage.store.commit({
        changes: [{ path: 'calendars/ann/work/3.ics', octets: event('u3', 'theirs') }],
        author: { name: 'bob', email: 'bob@localhost' },
        message: 'theirs',
      });
    };
    const result = await request(storage, many(100, '1'), [], ann, 'ours');
    assert.ok(brought);
    assert.equal(result.type, 'written');
    assert.deepEqual((await summaries(storage)).slice(-2), ['theirs', 'ours']);
    assert.match((await contents(storage))['3.ics']!, /1$/);
  });

  test('is there, or was refused, when the storage is closed meanwhile', async (t) => {
    const place = new Place(t);
    let closing: Promise<void> | undefined;
    let waiting: Promise<unknown> | undefined;
    let armed = false;
    const storage = await place.open({
      pause: async () => {
        if (!armed || closing !== undefined) return;
        waiting = request(storage, [put('late.ics', event('late'))]);
        waiting.catch(() => {});
        closing = storage.close();
      },
    });
    await begin(storage);
    armed = true;
    const result = await request(storage, many(100, '1'));
    assert.equal(result.type, 'written');
    await closing;
    await assert.rejects(waiting!, { code: 'storage.closed' });
    await using again = await place.open();
    assert.equal(Object.keys(await contents(again)).length, 100);
  });

  test('is one by its operations, or by its octets', async (t) => {
    const { storage, at } = await interrupted(t);
    await using _ = storage;
    let pauses = 0;
    at.during = async () => void pauses++;
    await request(storage, many(longWriteOperations - 1, '1'));
    assert.equal(pauses, 0);
    await request(storage, many(longWriteOperations, '2'));
    assert.ok(pauses > 0);
    pauses = 0;
    await request(storage, [put('large.ics', event('large', 'x'.repeat(longWriteOctets)))]);
    assert.ok(pauses > 0);
  });
});

/** A copy that tells whenever somebody looks at that property. */
function noted<Value extends object>(value: Value, key: keyof Value, note: () => void): Value {
  const get = (): unknown => {
    note();
    return value[key];
  };
  return Object.defineProperty({ ...value }, key, { get });
}

/** The most that was counted between two pauses. */
function mostBetween(pieces: Pieces<unknown>, count: () => number): number {
  let most = 0;
  for (let done = false, before = 0; !done; ) {
    done = pieces.next().done === true;
    most = Math.max(most, count() - before);
    before = count();
  }
  return most;
}

describe('no piece is long, however long the write', () => {
  let ids = 0;
  const collections = new Collections();
  const index = new IndexDatabase(':memory:');
  const head = new Head(new Durable(collections, () => index));
  const context = {
    state: head,
    timeSeconds: 0,
    nextId: () => ++ids,
    newIncarnation: () => '0'.repeat(16),
  };
  const operations = [make(work.slice(0, 2), 'folder'), make(work, 'calendar'), ...many(2000, '1')];
  const planned = (): ReturnType<typeof planning> => planning(operations, context);

  test('of what is judged', () => {
    let asked = 0;
    const counting = Object.assign(Object.create(head), { collection: () => void asked++ });
    const absent = operations.map(({ path }) => ({ type: 'absent', path }) as const);
    const most = mostBetween(judging(absent, counting), () => asked);
    assert.ok(most <= 2 * 16, `${most} questions`); // two each
    assert.ok(asked > operations.length);
  });

  test('of what is worked out, and said of it', () => {
    let made = 0;
    const counted = operations.map((operation) => noted(operation, 'path', () => made++));
    const each = mostBetween(planning(counted.slice(0, 1), context), () => made);
    made = 0;
    const most = mostBetween(planning(counted, context), () => made);
    assert.ok(most <= 16 * (each + 1), `${most} looks at a path`);
    let plan = planned().next();
    const pieces = planned();
    while (plan.done !== true) plan = pieces.next();
    let said = 0;
    const recorded = plan.value.recorded.map((change) => noted(change, 'type', () => said++));
    const words = mostBetween(makingTrailers(undefined, ann, recorded), () => said);
    assert.ok(words <= 128, `${words} changes`);
    assert.equal(said, 2002);
  });

  test('of what the index takes', () => {
    let plan = planned().next();
    const pieces = planned();
    while (plan.done !== true) plan = pieces.next();
    const revision = 'a'.repeat(40);
    const step = plan.value.draft.step({
      revision,
      first8: 'a'.repeat(8),
      user: 'ann',
      device: undefined,
    });
    let rows = 0;
    const run = index.run.bind(index);
    index.run = (...args) => {
      rows++;
      run(...args);
    };
    const most = mostBetween(index.applying(step), () => rows);
    assert.ok(most <= 2 * 32 + 2, `${most} rows`);
    assert.ok(rows > 4000);
    const id = [...step.names.keys()].at(-1)!;
    const left = (): number =>
      Number(index.row('SELECT count(*) AS n FROM members WHERE collection = ?', id)?.['n']);
    const there = left();
    assert.equal(there, 2000);
    const removed = [...step.collections.values()].find((state) => state?.id === id)!;
    const gone = {
      ...step,
      names: new Map(),
      lines: [],
      removed: [removed],
      collections: new Map(),
    };
    const taken = mostBetween(index.applying(gone), () => there - left());
    assert.ok(taken <= removedOfPiece, `${taken} members`);
    assert.equal(left(), 0);
  });
});
