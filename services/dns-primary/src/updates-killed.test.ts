import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Random, seed } from '@riad/octets/testing/random';
import { killService } from './testing/killed-service.ts';

for (const remote of [false, true]) {
  const where = remote ? ', with a remote that goes away and comes back' : '';
  test(`kill -9 under a stream of updates loses none and repeats none${where} (seed ${seed})`, {
    timeout: 120_000,
  }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'riad-killed-'));
    try {
      const { acknowledged } = await killService(folder, new Random(), 3, { remote });
      assert.ok(acknowledged > 0);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
}
