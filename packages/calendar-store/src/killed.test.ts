import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random, seed } from '@riad/octets/testing/random';
import { killCalendars } from './testing/killed-run.ts';
import { temporaryFolder } from './testing/temporary-folder.ts';

test(`kill -9 beneath eight writers loses nothing that was acknowledged (seed ${seed})`, async (t) => {
  const acknowledged = await killCalendars(temporaryFolder(t), new Random(), 3, 300);
  assert.ok(acknowledged >= 3);
});
