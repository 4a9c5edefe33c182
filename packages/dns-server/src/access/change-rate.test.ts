import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseName } from '@riad/dns/name';
import { Random, seed } from '@riad/octets/testing/random';
import { ChangeRate } from './change-rate.ts';

const key = parseName('k._update.example.');
const other = parseName('x._update.example.');

test('so many an hour, and no more; other keys count for themselves', () => {
  const rate = new ChangeRate();
  for (const [at, name, changes, taken] of [
    [0, key, 3, true],
    [10, key, 3, false], // not in part
    [70, key, 2, true],
    [80, key, 1, false],
    [80, other, 5, true],
    [3659, key, 1, false],
    [3660, key, 3, true], // the first three are an hour back
    [3670, key, 1, false],
    [3720, key, 2, true], // and the other two
  ] as const) {
    assert.equal(rate.take(name, changes, 5, at), taken, `at ${at} s`);
  }
});

test('without a limit nothing is counted', () => {
  const rate = new ChangeRate(0);
  assert.equal(rate.take(key, 1_000_000, undefined, 0), true);
});

test('a clock that goes back gives nobody more', () => {
  const rate = new ChangeRate();
  assert.equal(rate.take(key, 5, 5, 10_000), true);
  assert.equal(rate.take(key, 1, 5, 0), false);
});

test('keys beyond the bound are refused until others have been quiet for an hour', () => {
  const rate = new ChangeRate(1);
  assert.equal(rate.take(key, 1, 5, 0), true);
  assert.equal(rate.take(other, 1, 5, 60), false);
  assert.equal(rate.take(key, 1, 5, 60), true);
  assert.equal(rate.take(other, 1, 5, 60 + 3660), true);
});

test(`no hour has more than it may (RIAD_SEED=${seed})`, () => {
  const random = new Random();
  const rate = new ChangeRate();
  const taken: { at: number; changes: number }[] = [];
  let now = 0;
  for (let i = 0; i < 5000; i++) {
    now += random.below(120);
    const changes = random.between(1, 4);
    if (rate.take(key, changes, 40, now)) taken.push({ at: now, changes });
  }
  for (const { at } of taken) {
    const within = taken.filter((each) => each.at > at - 3600 && each.at <= at);
    assert.ok(within.reduce((sum, { changes }) => sum + changes, 0) <= 40);
  }
  const all = taken.reduce((sum, { changes }) => sum + changes, 0);
  assert.ok(all > ((40 * now) / 3660) * 0.8, `${all} in ${now} s`);
});
