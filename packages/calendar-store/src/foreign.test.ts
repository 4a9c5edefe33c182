import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { git, judge } from '@riad/store/testing/git';
import { eachOf } from '@riad/webdav/storage/pages';
import type { MemberChange, Path } from '@riad/webdav/storage/storage';
import type { CalendarStorage, CalendarStorageOptions } from './options.ts';
import { describeLine } from './testing/literal-storage.ts';
import { begin, contents, event, Place, put, request, syncState, work } from './testing/opened.ts';

const text = new TextDecoder();
const rules: Partial<CalendarStorageOptions> = {
  validate: (path, octets) =>
    describeLine(octets, 'calendar') === undefined && path[0] === 'calendars'
      ? 'no object'
      : undefined,
  merge: (_, __, ours, theirs) =>
    ours === undefined || theirs === undefined
      ? { conflict: 'gone on one side' }
      : { octets: Buffer.from(`${text.decode(ours)}${text.decode(theirs).split('\n')[1]}\n`) },
};

/** A working copy of what has been sealed. */
async function clone(place: Place, storage: CalendarStorage): Promise<string> {
  await storage.store.seal();
  const folder = join(place.folder, 'clone');
  git(place.folder, 'clone', '--quiet', place.repository, folder);
  return folder;
}

function edit(
  folder: string,
  files: Readonly<Record<string, Uint8Array | string | undefined>>,
  message = 'edit',
): void {
  for (const [file, value] of Object.entries(files)) {
    const path = join(folder, file);
    mkdirSync(join(path, '..'), { recursive: true });
    if (value === undefined) rmSync(path, { recursive: true });
    else writeFileSync(path, value);
  }
  git(folder, 'add', '-A');
  git(folder, 'commit', '--quiet', '-m', message);
}

async function push(folder: string, storage: CalendarStorage, to = 'main'): Promise<void> {
  git(folder, 'push', '--quiet', 'origin', `main:${to}`);
  await storage.store.refresh();
  // The index follows by itself; a write waits for it.
  await request(storage, []);
}

async function since(
  storage: CalendarStorage,
  state: string,
  path: Path = work,
): Promise<MemberChange[]> {
  const answer = await (await storage.view()).changes(path, state, 1000);
  assert.ok(answer !== 'unknown');
  return [...answer.changes];
}

/** With all that the index says, made again out of the commits alone. */
async function sameAnew(place: Place, storage: CalendarStorage): Promise<void> {
  const view = await storage.view();
  const paths: Path[] = [
    work.slice(0, 2),
    work,
    ['calendars', 'bob'],
    ['calendars', 'bob', 'club'],
  ];
  const all = async (of: typeof view): Promise<unknown[]> =>
    Promise.all(
      paths.map(async (path) => [
        await of.resource(path),
        await Array.fromAsync(eachOf(of.members(path, Infinity))),
        await of.changes(path, undefined, 1000),
        await Array.fromAsync(eachOf(of.candidates(path, { component: 'VEVENT' }))),
      ]),
    );
  const before = await all(view);
  await storage.close();
  await using anew = await place.open({ ...rules, indexFile: ':memory:' });
  assert.deepEqual(await all(await anew.view()), before);
  judge(place.repository);
}

describe('what others push', () => {
  test('to the branch is in the sync log, change by change, and in a new index alike', async (t) => {
    const place = new Place(t);
    const storage = await place.open(rules);
    await begin(storage);
    await request(storage, [
      put('a.ics', event('a')),
      put('b.ics', event('b')),
      put('c.ics', event('c')),
    ]);
    const folder = await clone(place, storage);
    const state = await syncState(storage);
    const home = await syncState(storage, work.slice(0, 2));
    edit(folder, {
      'calendars/ann/work/a.ics': event('a', 'theirs'),
      'calendars/ann/work/d.ics': event('d'),
    });
    edit(folder, {
      'calendars/ann/work/b.ics': undefined,
      'calendars/ann/work/d.ics': undefined,
      'README.md': 'hello',
    });
    edit(folder, { 'calendars/bob/club/x y.ics': event('x') }, 'a calendar that nobody described');
    await push(folder, storage);
    assert.deepEqual(await since(storage, state), [
      { name: 'a.ics', what: 'member', change: 'changed' },
      { name: 'b.ics', what: 'member', change: 'removed' },
      { name: 'd.ics', what: 'member', change: 'removed' },
    ]);
    assert.deepEqual(await since(storage, home, work.slice(0, 2)), []);
    const club = await (await storage.view()).resource(['calendars', 'bob', 'club']);
    assert.ok(club?.type === 'collection' && club.kind === 'calendar' && club.owner === 'bob');
    assert.deepEqual(Object.keys(await contents(storage, ['calendars', 'bob', 'club'])), [
      'x y.ics',
    ]);
    const uidTaken = await request(
      storage,
      [put('z.ics', event('x'), ['calendars', 'bob', 'club'])],
      [{ type: 'uid-free', collection: ['calendars', 'bob', 'club'], uid: 'x', except: undefined }],
    );
    assert.equal(uidTaken.type, 'conflict');
    const [entry] = storage.history.ofPath([...work, 'a.ics']);
    assert.equal(entry?.user, 'Somebody');
    await sameAnew(place, storage);
  });

  test('beside ours is merged, object by object, and refused where it is not in order', async (t) => {
    const place = new Place(t);
    const storage = await place.open(rules);
    await begin(storage);
    await request(storage, [put('a.ics', event('a')), put('b.ics', event('b'))]);
    const folder = await clone(place, storage);
    edit(folder, {
      'calendars/ann/work/a.ics': event('a', 'theirs\n'),
      'calendars/ann/work/n.ics': event('n'),
      'calendars/ann/work/bad.ics': 'rubbish',
    });
    const state = await syncState(storage);
    await request(storage, [put('a.ics', event('a', 'ours\n')), put('o.ics', event('o'))]);
    // Written while the merge comes in: each waits for the index, none is lost.
    git(folder, 'push', '--quiet', 'origin', 'main:inbox/ann');
    const [, ...written] = await Promise.all([
      storage.store.refresh(),
      ...Array.from({ length: 5 }, (_, i) => request(storage, [put(`w${i}.ics`, event(`w${i}`))])),
    ]);
    assert.ok(written.every(({ type }) => type === 'written'));
    await request(storage, []);
    const now = await contents(storage);
    assert.equal(now['a.ics'], `${text.decode(event('a', 'ours\n'))}theirs\n`);
    assert.deepEqual(Object.keys(now), [
      'a.ics',
      'b.ics',
      'n.ics',
      'o.ics',
      'w0.ics',
      'w1.ics',
      'w2.ics',
      'w3.ics',
      'w4.ics',
    ]);
    const names = (await since(storage, state)).map(({ name }) => name).sort();
    assert.deepEqual(names, [
      'a.ics',
      'n.ics',
      'o.ics',
      'w0.ics',
      'w1.ics',
      'w2.ics',
      'w3.ics',
      'w4.ics',
    ]);
    const conflict = place.reports.find(({ type }) => type === 'conflict');
    assert.ok(conflict?.type === 'conflict');
    assert.deepEqual(conflict.kept, [{ path: 'calendars/ann/work/bad.ics', reason: 'no object' }]);
    await sameAnew(place, storage);
  });

  test('as a copy of a commit of ours, trailers and all, counts as what it changes', async (t) => {
    const place = new Place(t);
    const storage = await place.open(rules);
    await begin(storage);
    await request(storage, [put('a.ics', event('a', '1'))]);
    await request(storage, [put('a.ics', event('a', '2'))]);
    await request(storage, [put('b.ics', event('b'))]);
    const folder = await clone(place, storage);
    const state = await syncState(storage);
    git(folder, 'revert', '--no-edit', 'HEAD~1');
    git(folder, 'cherry-pick', 'HEAD~2');
    await push(folder, storage);
    assert.deepEqual(
      (await since(storage, state)).map(({ name }) => name),
      ['a.ics'],
    );
    assert.equal((await contents(storage))['a.ics'], text.decode(event('a', '2')));
    assert.equal(storage.history.ofPath([...work, 'a.ics']).length, 4);
    await sameAnew(place, storage);
  });

  test('to descriptions changes what is said; one that is not in order is kept out', async (t) => {
    const place = new Place(t);
    const storage = await place.open(rules);
    await begin(storage);
    await request(storage, [put('a.ics', event('a'))]);
    const folder = await clone(place, storage);
    const file = 'calendars/ann/work/.collection.json';
    const said = JSON.parse(readFileSync(join(folder, file), 'utf8')) as object;
    const properties = [
      {
        namespace: 'DAV:',
        name: 'displayname',
        xml: '<displayname xmlns="DAV:">Work</displayname>',
      },
    ];
    edit(folder, {
      [file]: JSON.stringify({ ...said, properties }),
      'calendars/ann/work/.a.ics.properties.json': JSON.stringify({ properties }),
    });
    const state = await syncState(storage);
    await push(folder, storage);
    const view = await storage.view();
    assert.deepEqual((await view.resource(work))?.metadata.properties, properties);
    assert.deepEqual((await view.resource([...work, 'a.ics']))?.metadata.properties, properties);
    assert.equal(await syncState(storage), state, 'no member has changed');
    edit(folder, { [file]: '{' });
    await push(folder, storage, 'inbox/x');
    assert.deepEqual((await view.resource(work))?.metadata.properties, properties);
    assert.ok(place.reports.some(({ type }) => type === 'conflict'));
    await sameAnew(place, storage);
  });

  test('that takes a calendar away takes it from the home; one that people make is new', async (t) => {
    const place = new Place(t);
    const storage = await place.open(rules);
    await begin(storage);
    await request(storage, [put('a.ics', event('a'))]);
    const folder = await clone(place, storage);
    const home = work.slice(0, 2);
    const [homeState, state] = [await syncState(storage, home), await syncState(storage)];
    edit(folder, { 'calendars/ann/work': undefined, 'calendars/ann/new/n.ics': event('n') });
    await push(folder, storage).catch(() => {});
    const removed = { name: 'work', what: 'collection', change: 'removed' } as const;
    const made = { name: 'new', what: 'collection', change: 'changed' } as const;
    assert.deepEqual(
      (await since(storage, homeState, home)).sort((a, b) => (a.name < b.name ? -1 : 1)),
      [made, removed],
    );
    assert.equal(await (await storage.view()).changes(work, state, 10), 'unknown');
    edit(folder, { 'calendars/ann/work/a.ics': event('a') });
    git(folder, 'push', '--quiet', 'origin', 'main');
    await storage.store.refresh();
    await request(storage, []);
    assert.equal(
      await (await storage.view()).changes(work, state, 10),
      'unknown',
      'another incarnation',
    );
    await sameAnew(place, storage);
  });
});

test('tokens stay good through git gc, a revert and a restore of what was saved', async (t) => {
  const place = new Place(t);
  const storage = await place.open(rules);
  await begin(storage);
  const tokens: string[] = [];
  for (let i = 0; i < 30; i++) {
    await request(storage, [put(`${i % 7}.ics`, event(`${i % 7}`, `${i}`))]);
    tokens.push(await syncState(storage));
    if (i === 15) {
      await storage.store.seal();
      git(place.repository, 'gc', '--quiet', '--prune=now');
    }
  }
  await storage.close();
  const saved = join(place.folder, 'saved.git');
  git(place.folder, 'clone', '--quiet', '--mirror', place.repository, saved);
  const later = await place.open(rules);
  await request(later, [put('late.ics', event('late'))]);
  const lost = await syncState(later);
  await later.close();
  // What was saved comes back, in place of what came after.
  for (const gone of ['store.git', 'wal', 'index.db', 'index.db-wal']) {
    rmSync(join(place.folder, gone), { recursive: true, force: true });
  }
  git(place.folder, 'clone', '--quiet', '--mirror', saved, 'store.git');
  await using restored = await place.open(rules);
  const view = await restored.view();
  for (const [i, token] of tokens.entries()) {
    const answer = await view.changes(work, token, 100);
    assert.ok(answer !== 'unknown', `${i}`);
    assert.equal(
      answer.changes.length,
      new Set(Array.from({ length: 29 - i }, (_, j) => (i + 1 + j) % 7)).size,
    );
  }
  assert.equal(await view.changes(work, lost, 100), 'unknown');
  await request(restored, [put('other.ics', event('other'))]);
  assert.equal(await view.changes(work, lost, 100), 'unknown', 'the same number, another commit');
});
