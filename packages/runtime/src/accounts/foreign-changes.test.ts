import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ForeignChanges, lookEveryMs } from './foreign-changes.ts';

test('a change is told once, and no sooner than the next look', () => {
  let version = 7;
  let now = 1000;
  let asked = 0;
  const changes = new ForeignChanges(
    () => {
      asked++;
      return version;
    },
    () => now,
  );
  assert.equal(changes.look(), false);
  version = 8;
  now += lookEveryMs - 1;
  assert.equal(changes.look(), false);
  assert.equal(asked, 2, 'at the beginning, and at the first look');
  now += 1;
  assert.equal(changes.look(), true);
  now += lookEveryMs;
  assert.equal(changes.look(), false);
});
