import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '@riad/octets/testing/random';
import { copyOut, judge } from '../testing/git.ts';
import { openSimulated } from '../testing/git-store-run.ts';
import { SimulatedDisk } from '../testing/simulated-disk.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';

const author = { name: 'Ada', email: '' };

test('a full disk is told in plain words, and what was acknowledged stays', async (t) => {
  for (const capacityOctets of [20_000, 33_000, 50_000]) {
    const disk = new SimulatedDisk({ capacityOctets });
    const store = await openSimulated(disk);
    const random = new Random(capacityOctets);
    const done: string[] = [];
    const refused: unknown[] = [];
    for (let i = 0; i < 40; i++) {
      // Several at once, large ones among them: what waits behind a refused one is refused with it.
      const results = await Promise.allSettled(
        [100, random.below(9000), 10].map((length, j) => {
          const changes = [{ path: `f${j}`, octets: random.octets(length) }];
          return store.commit({ changes, author, message: `${i}.${j}` });
        }),
      );
      for (const [j, result] of results.entries()) {
        if (result.status === 'fulfilled') done.push(`${i}.${j}`);
        else refused.push(result.reason);
      }
      if (random.chance(0.3)) await store.seal().catch(() => {});
    }
    assert.ok(refused.length > 0, 'nothing was refused');
    assert.ok(done.length > 0, 'nothing was taken');
    for (const error of refused) assert.equal((error as { code: string }).code, 'store.full');
    assert.equal(store.failure, undefined);
    const log = async (): Promise<string[]> =>
      (await Array.fromAsync(store.log())).map(({ message }) => message).reverse();
    assert.deepEqual(await log(), done);
    await store.close();

    // Somebody makes room.
    const roomy = disk.afterCrash(new Random(1));
    await using again = await openSimulated(roomy);
    assert.deepEqual(
      (await Array.fromAsync(again.log())).map(({ message }) => message).reverse(),
      done,
    );
    await again.commit({ changes: [], author, message: 'room' });
    await again.seal();
    const folder = `${temporaryFolder(t)}/${capacityOctets}`;
    copyOut(roomy, 'store.git', folder);
    assert.deepEqual(judge(`${folder}/store.git`), ['room', ...done.toReversed()]);
    // Nothing half-written lies about.
    const packs = roomy.list('store.git/objects/pack');
    assert.deepEqual(
      packs.filter((name) => !name.startsWith('pack-')),
      [],
    );
  }
});

test('a disk that fails makes the store read-only, and reading goes on', async () => {
  const disk = new SimulatedDisk();
  const store = await openSimulated(disk);
  const head = await store.commit({
    changes: [{ path: 'a', octets: Uint8Array.of(1) }],
    author,
    message: 'm',
  });
  disk.fail('sync', /journal/, 'EIO');
  const changes = [{ path: 'a', octets: Uint8Array.of(2) }];
  await assert.rejects(store.commit({ changes, author, message: 'n' }), {
    code: 'store.read-only',
  });
  await assert.rejects(store.commit({ changes, author, message: 'n' }), {
    code: 'store.read-only',
  });
  assert.equal(store.failure?.code, 'store.read-only');
  assert.equal(store.head, head);
  assert.deepEqual((await store.read('a'))?.octets, Uint8Array.of(1));
  await store.close();
  const again = await openSimulated(disk);
  await again.commit({ changes, author, message: 'n' });
  await again.close();
});
