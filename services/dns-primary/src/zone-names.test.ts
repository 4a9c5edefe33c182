import assert from 'node:assert/strict';
import { test } from 'node:test';
import { zoneOfFile } from './zone-names.ts';

for (const [file, zone] of [
  ['Example.com', 'example.com.'],
  ['@', '.'],
  ['_tcp.example.com', '_tcp.example.com.'],
  ['_keys', undefined],
  ['example.com._keys', undefined],
  ['_policy.yaml', undefined],
  ['.git', undefined],
  ['example.com~', undefined],
  ['README.md', undefined],
  ['a..b', undefined],
] as const) {
  test(`${file} is ${zone ?? 'no zone'}`, () => assert.equal(zoneOfFile(file), zone));
}
