import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seed } from '@riad/octets/testing/random';
import { copyOut, judge } from '../testing/git.ts';
import { crashStore } from '../testing/git-store-run.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';

test('a crash at any operation loses no acknowledged commit, and leaves what git finds in order', async (t) => {
  const left = await crashStore(seed, 4, Infinity);
  left.push(...(await crashStore(seed + 1, 12, 20)));
  assert.ok(left.length > 60, `${left.length} crashes`);
  for (const [index, disk] of left.filter((_, index) => index % 20 === 7).entries()) {
    const folder = `${temporaryFolder(t)}/${index}`;
    copyOut(disk, 'store.git', folder);
    assert.match(judge(`${folder}/store.git`)[0]!, /^attempt \d+$/);
  }
});
