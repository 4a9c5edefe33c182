/**
 * What reads octets of strangers is tested branch by branch: the parser of queries and the decoder of
 * messages, each by the tests that lie beside it.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';

const root = new URL('../../../', import.meta.url).pathname;
const leastShare = 0.95;
const readers = [
  'packages/dns-server/src/answer/parse-query.ts',
  'packages/dns/src/message.ts',
  'packages/dns/src/message-reader.ts',
  'packages/dns/src/name.ts',
];
const tests = [
  'packages/dns-server/src/answer/parse-query.test.ts',
  'packages/dns/src/message.test.ts',
  'packages/dns/src/name.test.ts',
];

test('at least 95 % of their branches are taken', { timeout: 120_000 }, (context) => {
  // Without this the test runner inside would take itself for a part of the one outside.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [
      '--test',
      '--experimental-test-coverage',
      '--test-reporter=lcov',
      ...readers.map((file) => `--test-coverage-include=${file}`),
      ...tests,
    ],
    { cwd: root, env, encoding: 'utf8', maxBuffer: 2 ** 26 },
  );
  assert.equal(status, 0, stderr);
  const shares = new Map<string, number>();
  for (const section of stdout.split('end_of_record')) {
    const value = (key: string): string | undefined =>
      new RegExp(`^${key}:(.*)$`, 'm').exec(section)?.[1];
    const file = value('SF');
    if (file === undefined) continue;
    const [taken, all] = [Number(value('BRH')), Number(value('BRF'))];
    context.diagnostic(`${file}: ${taken} of ${all} branches`);
    shares.set(file, taken / all);
  }
  for (const file of readers) {
    const share = shares.get(file) ?? 0;
    assert.ok(share >= leastShare, `${file}: ${(share * 100).toFixed(1)} %`);
  }
});
