import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { seed } from '@riad/octets/testing/random';
import { crashDav } from './testing/dav-crash-run.ts';
import { diskWithoutSync } from './testing/disk-without-sync.ts';

function folderFor(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'riad-crash-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test(`requests survive a crash at every operation of the disk (seed ${seed})`, async (t) => {
  const folder = folderFor(t);
  let crashes = 0;
  for (let round = 0; round < 2; round++) {
    const run = await crashDav(folder, (seed + round) >>> 0, 6 + 6 * round);
    assert.ok(run.acknowledged > 0);
    crashes += run.crashes;
  }
  assert.ok(crashes > 50, `${crashes} crashes`);
});

test('and that is found out where answers do not wait for the disk', async (t) => {
  await assert.rejects(crashDav(folderFor(t), seed, 6, diskWithoutSync), ({ message, cause }) => {
    assert.match(message, /crash at operation \d+$/);
    return cause instanceof assert.AssertionError; // what a client misses
  });
});
