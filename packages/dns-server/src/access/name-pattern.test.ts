import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseName } from '@riad/dns/name';
import { fitsPattern, parseNamePattern } from './name-pattern.ts';

for (const [text, fits, others] of [
  ['*', ['.', 'a.', 'b.a.'], []],
  ['a.example', ['a.example.', 'A.Example.'], ['b.a.example.', 'example.', '.']],
  ['*.example.', ['a.example.', 'b.a.EXAMPLE.'], ['example.', 'anexample.', '.']],
  ['*.', ['a.'], ['.']],
  ['.', ['.'], ['a.']],
] as const) {
  test(`"${text}"`, () => {
    const pattern = parseNamePattern(text);
    assert.ok(typeof pattern !== 'string');
    for (const name of fits) assert.ok(fitsPattern(pattern, parseName(name)), name);
    for (const name of others) assert.ok(!fitsPattern(pattern, parseName(name)), name);
  });
}

for (const [text, complaint] of [
  ['a..b', /not a name/],
  ['', /no name/],
  ['a.*.b', /front only/],
  ['*.*.b', /front only/],
  ['*a', /front only/],
] as const) {
  test(`"${text}" is no pattern`, () => {
    const found = parseNamePattern(text);
    assert.ok(typeof found === 'string');
    assert.match(found, complaint);
  });
}
