import assert from 'node:assert/strict';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Random, seed } from '@riad/octets/testing/random';
import fc from 'fast-check';
import { git, judge } from '../testing/git.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { applyDelta, encodeCopies } from './delta.ts';
import { openGitStore } from './git-store.ts';
import { textSplices } from './similar.ts';

const author = { name: 'Ada', email: '' };

test('copies of a file make the other one', () => {
  const text = fc.array(fc.constantFrom('BEGIN:VEVENT\n', 'UID:', '0123456789', 'x', '\n'), {
    maxLength: 60,
  });
  fc.assert(
    fc.property(text, text, (one, other) => {
      const [base, target] = [Buffer.from(one.join('')), Buffer.from(other.join(''))];
      const copies = textSplices(base, target)!;
      const delta = encodeCopies(base.length, target, copies);
      assert.deepEqual(Buffer.from(applyDelta(base, delta)!), target);
    }),
    { seed, numRuns: 300 },
  );
});

function packOctets(repository: string): number {
  const folder = join(repository, 'objects/pack');
  return readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
}

test('packs are made smaller, day by day, and stay what git and we can read', async (t) => {
  const folder = temporaryFolder(t);
  const repository = join(folder, 'store.git');
  const clock = { nowMs: Date.UTC(2026, 0, 1) };
  const options = {
    repository,
    journal: join(folder, 'wal'),
    layout: 'trie',
    refreshMs: 0,
    now: () => clock.nowMs,
  } as const;
  const random = new Random();
  const files = new Map<string, Uint8Array>();
  const revisions: { readonly revision: string; readonly path: string }[] = [];
  const day = async (store: Awaited<ReturnType<typeof openGitStore>>): Promise<void> => {
    for (let i = 0; i < 200; i++) {
      const name = `${Buffer.from(random.octets(8)).toString('hex')}.ics`;
      const path = `calendars/ann/work/${random.chance(0.2) ? 'one.ics' : name}`;
      const octets = Buffer.from(
        `BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VEVENT\nUID:${name}\nSUMMARY:Meeting ${i}\nEND:VEVENT\nEND:VCALENDAR\n`,
      );
      const message = `work: new "Meeting ${i}"\n\nPUT /${path}\nfrom a phone`;
      const trailers = [{ key: 'Riad-Change', value: `put ${i} ${path}` }];
      const changes = [{ path, octets }];
      revisions.push({
        revision: await store.commit({ changes, author, message, trailers }),
        path,
      });
      files.set(path, octets);
      if (i % 20 === 7) await store.seal();
    }
  };
  {
    await using store = await openGitStore(options);
    await day(store);
    await store.seal();
    const before = packOctets(repository);
    await store.condense();
    const after = packOctets(repository);
    assert.ok(after < 0.8 * before, `${after} of ${before} octets`);
    judge(repository);
    await day(store);
    clock.nowMs += 86_400_001;
    await store.seal(); // it is due
    await store.condense();
  }
  const packs = readdirSync(join(repository, 'objects/pack')).filter((name) =>
    name.endsWith('.pack'),
  );
  assert.equal(packs.length, 1);
  assert.equal(judge(repository).length, revisions.length);
  const said = git(repository, 'verify-pack', '-v', `objects/pack/${packs[0]}`);
  assert.match(said, / commit \d+ \d+ \d+ \d+ [0-9a-f]{40}/, 'commits are deltas');
  await using store = await openGitStore(options);
  for (const { revision, path } of revisions) assert.ok(await store.read(path, revision));
  for (const [path, octets] of files) {
    assert.deepEqual(Buffer.from((await store.read(path))!.octets), octets);
  }
  await store.condense();
  assert.equal(judge(repository).length, revisions.length);
});
