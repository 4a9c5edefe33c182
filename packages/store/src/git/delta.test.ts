import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Random, seed } from '@riad/octets/testing/random';
import fc from 'fast-check';
import type { Splice } from '../history/objects.ts';
import { git, judge } from '../testing/git.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { applyDelta, encodeDelta, maxDeltaOctets } from './delta.ts';
import { openGitStore } from './git-store.ts';
import { maxWrittenDeltas } from './pack-writer.ts';

/** Octets, and splices of them in order, with what they make. */
const spliced = fc
  .tuple(
    fc.constantFrom(0, 1, 127, 300, 70_000, 140_000),
    fc.array(fc.tuple(fc.nat(2000), fc.nat(50), fc.uint8Array({ maxLength: 300 })), {
      maxLength: 6,
    }),
  )
  .map(([length, plan]) => {
    const base = new Random(length).octets(length);
    const splices: Splice[] = [];
    const result: number[] = [];
    let at = 0;
    for (const [skip, wanted, inserted] of plan) {
      const next = Math.min(length, at + skip);
      result.push(...base.subarray(at, next));
      const removed = Math.min(wanted, length - next);
      splices.push({ at: next, removed, inserted });
      result.push(...inserted);
      at = next + removed;
    }
    return { base, splices, result: Uint8Array.from([...result, ...base.subarray(at)]) };
  });

test('a delta makes of its base what its splices say', () => {
  fc.assert(
    fc.property(spliced, ({ base, splices, result }) => {
      const delta = encodeDelta(base.length, result.length, splices);
      assert.ok(delta.length <= maxDeltaOctets(base.length, splices));
      assert.deepEqual(applyDelta(base, delta), result);
    }),
    { seed, numRuns: 200 },
  );
});

test('trees that build upon each other are read by us and by others, whole packs of them too', async (t) => {
  const folder = temporaryFolder(t);
  const repository = join(folder, 'store.git');
  const options = {
    repository,
    journal: join(folder, 'wal'),
    layout: 'trie',
    refreshMs: 0,
    maxPacks: 2,
  } as const;
  const author = { name: 'Ada', email: '' };
  const octets = (number: number): Uint8Array => new TextEncoder().encode(`event ${number}\n`);
  const revisions: string[] = [];
  {
    await using store = await openGitStore(options);
    for (let i = 0; i < 6 * maxWrittenDeltas; i++) {
      const change = { path: `calendars/ann/work/${i}.ics`, octets: octets(i) };
      revisions.push(await store.commit({ changes: [change], author, message: `${i}` }));
      if (i % maxWrittenDeltas === 7) await store.seal();
    }
  }
  assert.equal(judge(repository).length, revisions.length);
  const packs = readdirSync(join(repository, 'objects/pack')).filter((name) => /idx$/.test(name));
  const said = git(repository, 'verify-pack', '-v', `objects/pack/${packs[0]}`);
  assert.match(said, /chain length = 40/);
  await using store = await openGitStore(options);
  for (const [i, revision] of revisions.entries()) {
    const file = await store.read(`calendars/ann/work/${i}.ics`, revision);
    assert.deepEqual(file?.octets, octets(i));
    assert.equal((await store.list('calendars/ann/work', revision)).length, i + 1);
  }
});
