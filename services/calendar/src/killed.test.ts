import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Random, seed } from '@riad/octets/testing/random';
import { killService } from './testing/killed-service.ts';

test(`kill -9 under the writes of eight clients loses none that was acknowledged (seed ${seed})`, {
  timeout: 180_000,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'riad-killed-'));
  try {
    const { acknowledged } = await killService(folder, new Random(), 3);
    assert.ok(acknowledged > 0);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
