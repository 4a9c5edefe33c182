import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { describe, test } from 'node:test';
import { SimulatedDisk } from '@riad/store/testing/simulated-disk';
import { openCalendarStorage } from './calendar-storage.ts';
import { describeLine } from './testing/literal-storage.ts';
import {
  ann,
  begin,
  contents,
  event,
  Place,
  put,
  request,
  syncState,
  work,
} from './testing/opened.ts';

describe('writes at once', () => {
  test('are judged against each other, and a conflict is told when what it is about can be read', async (t) => {
    const place = new Place(t);
    await using storage = await place.open();
    await begin(storage);
    const path = [...work, 'a.ics'];
    const results = await Promise.all(
      Array.from({ length: 20 }, async (_, i) => {
        const result = await request(
          storage,
          [put('a.ics', event('u', `${i}`))],
          [{ type: 'absent', path }],
        );
        // Whatever it was, the winner’s object is there by now.
        const there = await (await storage.view()).resource(path);
        assert.equal(there?.type, 'member');
        return result.type;
      }),
    );
    assert.deepEqual(results.toSorted(), [...Array(19).fill('conflict'), 'written']);
  });

  test('of the same UID under other names: one of them is there', async (t) => {
    const place = new Place(t);
    await using storage = await place.open();
    await begin(storage);
    const results = await Promise.all(
      ['a.ics', 'b.ics', 'c.ics'].map((name) =>
        request(
          storage,
          [put(name, event('u'))],
          [{ type: 'uid-free', collection: work, uid: 'u', except: name }],
        ),
      ),
    );
    assert.deepEqual(
      results.map(({ type }) => type),
      ['written', 'conflict', 'conflict'],
    );
    const [, conflict] = results;
    assert.ok(conflict?.type === 'conflict' && conflict.requirement.type === 'uid-free');
    assert.deepEqual(Object.keys(await contents(storage)), ['a.ics']);
  });

  test('upon an ETag, a metadata version and a sync state', async (t) => {
    const place = new Place(t);
    await using storage = await place.open();
    await begin(storage);
    await request(storage, [put('a.ics', event('u'))]);
    const path = [...work, 'a.ics'];
    const view = await storage.view();
    const member = await view.resource(path);
    const collection = await view.resource(work);
    assert.ok(member?.type === 'member' && collection?.type === 'collection');
    const { etag } = member;
    const state = collection.syncState;
    const version = collection.metadataVersion;
    const metadata = { properties: [], acl: [] };
    const results = await Promise.all([
      request(storage, [put('a.ics', event('u', '1'))], [{ type: 'etag', path, etag }]),
      request(storage, [put('a.ics', event('u', '2'))], [{ type: 'etag', path, etag }]),
      request(
        storage,
        [put('b.ics', event('v'))],
        [{ type: 'sync-state', path: work, syncState: state }],
      ),
      request(
        storage,
        [
          {
            type: 'set-metadata',
            path: work,
            metadata: {
              ...metadata,
              properties: [{ namespace: 'a:', name: 'b', xml: '<b xmlns="a:"/>' }],
            },
          },
        ],
        [{ type: 'metadata', path: work, version }],
      ),
      request(
        storage,
        [{ type: 'set-metadata', path: work, metadata }],
        [{ type: 'metadata', path: work, version }],
      ),
    ]);
    assert.deepEqual(
      results.map(({ type }) => type),
      ['written', 'conflict', 'conflict', 'written', 'conflict'],
    );
    // What is said of a collection is no change of its members.
    const [one, two] = await Promise.all([
      syncState(storage),
      request(storage, [{ type: 'set-metadata', path: work, metadata }]).then(() =>
        syncState(storage),
      ),
    ]);
    assert.equal(one, two);
  });

  test('that build upon what the engine should have looked for are its fault', async (t) => {
    const place = new Place(t);
    await using storage = await place.open();
    await begin(storage);
    for (const operation of [
      put('a.ics', event('u'), ['calendars', 'ann', 'nothing']),
      { type: 'delete', path: [...work, 'nothing'] } as const,
      put('work', event('u'), ['calendars', 'ann']),
    ]) {
      await assert.rejects(request(storage, [operation]), RangeError);
    }
    assert.equal((await request(storage, [put('a.ics', event('u'))])).type, 'written');
    await storage.close();
    await assert.rejects(storage.view(), { code: 'storage.closed' });
  });
});

describe('deletions', () => {
  test('of most of a calendar within a minute are held back, told, and released', async (t) => {
    const place = new Place(t);
    await using storage = await place.open();
    await begin(storage);
    const names = Array.from({ length: 50 }, (_, i) => `${i}.ics`);
    await request(
      storage,
      names.map((name) => put(name, event(name))),
    );
    const remove = (name: string, actor = ann): ReturnType<typeof request> =>
      request(storage, [{ type: 'delete', path: [...work, name] }], [], actor);
    const types = async (some: readonly string[], actor = ann): Promise<Set<string>> => {
      const results = [];
      for (const name of some) results.push(await remove(name, actor));
      return new Set(
        results.map((result) => (result.type === 'refused' ? result.reason : result.type)),
      );
    };
    assert.deepEqual(await types(names.slice(0, 25)), new Set(['written']));
    assert.deepEqual(await types(names.slice(25)), new Set(['held-back']));
    const report = place.reports.find(({ type }) => type === 'held-back');
    assert.deepEqual(report, {
      type: 'held-back',
      user: 'ann',
      device: 'phone',
      collection: work,
      deletions: 26,
      members: 50,
    });
    // Another device may still delete one, and this one may write.
    assert.deepEqual(
      await types(names.slice(25, 26), { ...ann, device: 'laptop' }),
      new Set(['written']),
    );
    assert.equal((await request(storage, [put('new.ics', event('new'))])).type, 'written');
    storage.release('ann', 'phone');
    assert.deepEqual(await types(names.slice(26, 40)), new Set(['written']));
    place.clock.nowMs += 700_000;
    assert.deepEqual(
      await types(names.slice(40)),
      new Set(['written']),
      'what is slow is no accident',
    );
  });
});

test('a full disk refuses, and what was acknowledged stays', async () => {
  const disk = new SimulatedDisk({ capacityOctets: 90_000 });
  const options = {
    folder: 'state',
    disk,
    indexFile: ':memory:',
    describe: describeLine,
    store: { refreshMs: 0, segmentOctets: 16_384, leftLockMs: 0 },
  };
  const storage = await openCalendarStorage(options);
  await storage.ready;
  await begin(storage);
  const done: string[] = [];
  const refused = new Set<string>();
  for (let i = 0; i < 60; i++) {
    const results = await Promise.all(
      ['a', 'b'].map(async (kind) => {
        const name = `${kind}${i}.ics`;
        const octets = event(
          name,
          Buffer.from(Array.from({ length: 700 }, (_, j) => (i * j * 7919) % 251)).toString('hex'),
        );
        const result = await request(storage, [put(name, octets)]);
        return [name, result] as const;
      }),
    );
    for (const [name, result] of results) {
      if (result.type === 'written') done.push(name);
      else if (result.type === 'refused') refused.add(result.reason);
    }
  }
  assert.deepEqual(refused, new Set(['full']));
  assert.ok(done.length > 5, `${done.length}`);
  assert.deepEqual(Object.keys(await contents(storage)).sort(), done.sort());
  const state = await syncState(storage);
  await storage.close();
  await using again = await openCalendarStorage({ ...options, disk: disk.afterKill() });
  await again.ready;
  assert.deepEqual(Object.keys(await contents(again)).sort(), done.sort());
  assert.equal(await syncState(again), state);
});

test('a disk that fails makes it read-only; what is read is what was acknowledged', async () => {
  const disk = new SimulatedDisk();
  const options = {
    folder: 'state',
    disk,
    indexFile: ':memory:',
    describe: describeLine,
    store: { refreshMs: 0, segmentOctets: 16_384, leftLockMs: 0 },
  };
  const storage = await openCalendarStorage(options);
  await storage.ready;
  await begin(storage);
  await request(storage, [put('a.ics', event('a'))]);
  const state = await syncState(storage);
  disk.fail('sync', /journal/, 'EIO');
  const path = [...work, 'b.ics'];
  const results = await Promise.all([
    request(storage, [put('b.ics', event('b'))]),
    // It waits for the one before, which never comes about.
    request(storage, [put('b.ics', event('b'))], [{ type: 'absent', path }]),
    request(storage, [put('c.ics', event('c'))]),
  ]);
  for (const result of results) {
    assert.equal(result.type === 'refused' ? result.reason : result.type, 'read-only');
  }
  assert.deepEqual(Object.keys(await contents(storage)), ['a.ics']);
  assert.equal(await syncState(storage), state);
  await storage.close();
  await using again = await openCalendarStorage({ ...options, disk: disk.afterKill() });
  await again.ready;
  assert.equal((await request(again, [put('d.ics', event('d'))])).type, 'written');
});

test('an index of another history, or none at all, is made again', async (t) => {
  const one = new Place(t);
  const other = new Place(t);
  const first = await one.open();
  await begin(first);
  await request(first, [put('a.ics', event('u'))]);
  await first.close();
  const second = await other.open();
  await begin(second);
  await request(second, [put('b.ics', event('u'))]);
  const state = await syncState(second);
  await second.close();
  for (const file of [`${one.folder}/index.db`, `${one.folder}/wal`]) {
    await using opened = await other.open({
      indexFile: file === `${one.folder}/wal` ? `${one.folder}/new.db` : file,
    });
    assert.deepEqual(Object.keys(await contents(opened)), ['b.ics']);
    assert.equal(await syncState(opened), state);
  }
  rmSync(`${other.folder}/index.db`);
  const unready = await openCalendarStorage({ folder: other.folder, describe: describeLine });
  await assert.rejects(unready.view(), { code: 'storage.not-ready' });
  await assert.rejects(request(unready, []), { code: 'storage.not-ready' });
  await unready.ready;
  assert.equal(await syncState(unready), state);
  await unready.close();
});
