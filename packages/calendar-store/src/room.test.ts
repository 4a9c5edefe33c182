import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { test } from 'node:test';
import { begin, contents, event, Place, put, request } from './testing/opened.ts';
import { leastFreeOctets } from './write/room.ts';

test('with too little room nothing is written, all is read, and deletions wait, too', async (t) => {
  const place = new Place(t);
  let free = leastFreeOctets;
  await using storage = await place.open({ freeOctets: () => free });
  await begin(storage);
  await request(storage, [put('a.ics', event('a'))]);
  free = leastFreeOctets - 1;
  // It is looked at every so often, for each look asks the system.
  let refused = await request(storage, []);
  for (let number = 0; refused.type === 'written'; number++)
    refused = await request(storage, [put(`b${number}.ics`, event(`b${number}`))]);
  assert.ok(refused.type === 'refused');
  assert.equal(refused.reason, 'full');
  assert.match(refused.message, /^31 MiB are free for .*, and 32 are needed$/);
  const { head } = storage.store;
  const deletion = await request(storage, [
    { type: 'delete', path: ['calendars', 'ann', 'work', 'a.ics'] },
  ]);
  assert.equal(deletion.type, 'refused');
  assert.equal(storage.store.head, head);
  assert.ok('a.ics' in (await contents(storage)));
  free = leastFreeOctets;
  while ((await request(storage, [put('c.ics', event('c'))])).type !== 'written');
  assert.ok('c.ics' in (await contents(storage)));
});

test('who asks while an index is made is told so, however much one commit has', async (t) => {
  const place = new Place(t);
  const storage = await place.open();
  await begin(storage);
  const many = Array.from({ length: 5000 }, (_, i) => put(`${i}.ics`, event(`${i}`)));
  await request(storage, many);
  await storage.close();
  for (const ending of ['', '-wal', '-shm'])
    rmSync(`${place.folder}/index.db${ending}`, { force: true });
  let told = 0;
  let over = false;
  const opening = place.open().finally(() => {
    over = true;
  });
  // As a server does: each turn somebody asks.
  while (!over) {
    await new Promise((resolve) => setImmediate(resolve));
    told++;
  }
  assert.ok(told > 5, `${told} turns`);
  await using again = await opening;
  assert.equal(Object.keys(await contents(again)).length, 5000);
});
