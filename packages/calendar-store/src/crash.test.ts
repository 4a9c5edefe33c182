import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seed } from '@riad/octets/testing/random';
import { crashCalendars } from './testing/crash-run.ts';
import { temporaryFolder } from './testing/temporary-folder.ts';

test('a crash at any operation loses no acknowledged write, with the index or without it', async (t) => {
  const folder = temporaryFolder(t);
  let crashes = await crashCalendars(folder, seed, 3, Infinity);
  crashes += await crashCalendars(folder, seed + 1, 10, 10);
  assert.ok(crashes > 30, `${crashes} crashes`);
});
