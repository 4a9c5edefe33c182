import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { seed } from '@riad/octets/testing/random';
import fc from 'fast-check';
import { git, judge } from '../testing/git.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { maxPacks, packsToMerge } from './compaction.ts';
import { openGitStore } from './git-store.ts';
import type { StoreReport } from './git-store-options.ts';

const author = { name: 'Ada', email: '' };

test('what stays after a merge are few packs, and nothing large is copied for little', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 1e9 }), { maxLength: 60 }), (sizes) => {
      const packs = sizes.map((sizeOctets, index) => ({ path: String(index), sizeOctets }));
      const merged = packsToMerge(packs);
      if (packs.length <= maxPacks) return assert.deepEqual(merged, []);
      const stay = sizes
        .filter((_, index) => !merged.includes(String(index)))
        .sort((a, b) => a - b);
      const sum = merged.reduce((total, path) => total + sizes[Number(path)]!, 0);
      // Doubling from the one that is made, so 2^30 octets are at most 31 packs.
      let last = sum;
      for (const size of stay) {
        assert.ok(merged.length === 0 || size >= 2 * last, `${size} beside ${last}`);
        last = size;
      }
    }),
    { seed },
  );
});

test('a day of small commits costs each object a few copies', () => {
  let copied = 0;
  let packs: { path: string; sizeOctets: number }[] = [];
  const commits = 5000;
  for (let i = 0; i < commits; i++) {
    packs.push({ path: `new ${i}`, sizeOctets: 1 });
    const merged = new Set(packsToMerge(packs));
    if (merged.size === 0) continue;
    const sizeOctets = packs.reduce(
      (sum, { path, sizeOctets }) => sum + (merged.has(path) ? sizeOctets : 0),
      0,
    );
    copied += sizeOctets;
    packs = [...packs.filter(({ path }) => !merged.has(path)), { path: `merged ${i}`, sizeOctets }];
    assert.ok(packs.length <= maxPacks, `${packs.length} packs`);
  }
  assert.ok(copied < 8 * commits, `${copied / commits} copies each`);
});

test('many seals leave few packs, which others and we can read', async (t) => {
  const folder = temporaryFolder(t);
  const repository = join(folder, 'store.git');
  const reports: StoreReport[] = [];
  const store = await openGitStore({
    repository,
    journal: join(folder, 'wal'),
    segmentOctets: 1 << 16,
    refreshMs: 0,
    maxPacks: 4,
    report: (report) => reports.push(report),
  });
  const revisions: string[] = [];
  for (let i = 0; i < 30; i++) {
    const octets = new TextEncoder().encode(`${i}\n`.repeat(200));
    revisions.push(
      await store.commit({ changes: [{ path: `f${i % 7}`, octets }], author, message: `${i}` }),
    );
    await store.seal();
    if (i === 10) {
      // A pack with deltas that somebody has pushed is merged like any other.
      const clone = join(folder, 'clone');
      git(folder, 'clone', '--quiet', repository, clone);
      for (let j = 0; j < 5; j++) {
        writeFileSync(join(clone, 'long'), `${'line\n'.repeat(500)}${j}`);
        git(clone, 'add', '-A');
        git(clone, 'commit', '--quiet', '-m', `theirs ${j}`);
      }
      git(clone, 'push', '--quiet', 'origin', 'main');
      await store.refresh();
    }
  }
  for (const [i, revision] of revisions.entries()) {
    const file = await store.read(`f${i % 7}`, revision);
    assert.equal(new TextDecoder().decode(file?.octets), `${i}\n`.repeat(200));
  }
  await store.close();
  assert.deepEqual(
    reports.filter(({ type }) => type !== 'merged'),
    [],
  );
  const packs = readdirSync(join(repository, 'objects/pack'));
  assert.ok(packs.filter((name) => name.endsWith('.pack')).length <= 6, packs.join());
  assert.ok(
    packs.every((name) => /^pack-[0-9a-f]{40}\.(?:pack|idx|rev)$/.test(name)),
    packs.join(),
  );
  assert.equal(judge(repository).length, 35);
});
