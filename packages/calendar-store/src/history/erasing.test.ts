import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { git, judge } from '@riad/store/testing/git';
import { begin, contents, event, Place, put, request, syncState, work } from '../testing/opened.ts';

test('what is erased is nowhere any more; sync states, other members and their past stay', async (t) => {
  const place = new Place(t);
  const storage = await place.open();
  await begin(storage);
  const tokens: string[] = [];
  const step = async (...operations: Parameters<typeof request>[1]): Promise<void> => {
    place.clock.nowMs += 1000;
    await request(storage, operations, [], undefined, 'work: about the secret');
    tokens.push(await syncState(storage));
  };
  const metadata = {
    properties: [{ namespace: 'x:', name: 'n', xml: '<n xmlns="x:">hidden</n>' }],
    acl: [],
  };
  await step(put('a.ics', event('a', 'public')));
  await step(put('s p.ics', event('s', 'secret one')));
  await step({ type: 'set-metadata', path: [...work, 's p.ics'], metadata });
  await step(put('b.ics', event('b', 'public')), put('s p.ics', event('s', 'secret two')));
  await step(
    { type: 'delete', path: [...work, 's p.ics'] },
    put('moved.ics', event('s', 'secret two')),
  );
  await storage.store.seal();
  const clone = join(place.folder, 'clone');
  git(place.folder, 'clone', '--quiet', place.repository, clone);
  for (const [file, text] of [
    ['f.ics', 'secret three'],
    ['c.ics', 'public'],
  ] as const) {
    writeFileSync(join(clone, 'calendars/ann/work', file), event(file, text));
  }
  git(clone, 'add', '-A');
  git(clone, 'commit', '--quiet', '-m', 'two more');
  git(clone, 'push', '--quiet');
  await storage.store.refresh();
  await request(storage, []);
  tokens.push(await syncState(storage));
  await assert.rejects(storage.erase([[...work, 's p.ics']]), RangeError);
  await step(
    { type: 'delete', path: [...work, 'moved.ics'] },
    { type: 'delete', path: [...work, 'f.ics'] },
  );
  await step(put('a.ics', event('a', 'public too')));

  const answers = async (of: typeof storage): Promise<unknown[]> => {
    const view = await of.view();
    return Promise.all([undefined, ...tokens].map((token) => view.changes(work, token, 100)));
  };
  const before = [
    await answers(storage),
    await contents(storage),
    storage.history.ofPath([...work, 'a.ics']).length,
  ];
  const blobs = ['s p.ics', 'moved.ics', 'f.ics'].flatMap((name) =>
    storage.history.ofPath([...work, name]).flatMap(({ blob }) => blob ?? []),
  );
  assert.equal(new Set(blobs).size, 3);

  const erasing = storage.erase([
    [...work, 's p.ics'],
    [...work, 'f.ics'],
  ]);
  const meanwhile = request(storage, [
    { type: 'set-metadata', path: work, metadata: { properties: [], acl: [] } },
  ]);
  const { commits } = await erasing;
  assert.ok(commits >= 7, `${commits}`);
  assert.equal((await meanwhile).type, 'written');
  const after = async (of: typeof storage): Promise<unknown[]> => [
    await answers(of),
    await contents(of),
    of.history.ofPath([...work, 'a.ics']).length,
  ];
  assert.deepEqual(await after(storage), before);
  await storage.store.seal();
  judge(place.repository);
  for (const blob of blobs) assert.throws(() => git(place.repository, 'cat-file', '-e', blob));
  assert.doesNotMatch(
    git(place.repository, 'log', '-p', '--format=%H%n%s%n%b', 'main', '--', 'calendars'),
    /secret (?:one|two|three)|hidden/,
  );
  const subjects = git(place.repository, 'log', '--format=%s', 'main').split('\n');
  assert.deepEqual(new Set(subjects), new Set(['change', 'erased', 'work: about the secret']));
  for (const name of readdirSync(join(place.folder, 'wal'))) {
    const octets = readFileSync(join(place.folder, 'wal', name));
    for (const blob of blobs) assert.ok(!octets.includes(Buffer.from(blob, 'hex')), name);
  }

  // Once more, upon what was made anew.
  await step(put('d.ics', event('d', 'secret four')));
  await step({ type: 'delete', path: [...work, 'd.ics'] });
  const again = await after(storage);
  await storage.erase([[...work, 'd.ics']]);
  assert.deepEqual(await after(storage), again);
  await storage.close();
  await using anew = await place.open({ indexFile: ':memory:' });
  assert.deepEqual(await after(anew), again);
  judge(place.repository);
});
