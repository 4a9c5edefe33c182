import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Notices, noticesFor } from './notices.ts';

const told = (user: string, notices: Partial<Notices>): string =>
  noticesFor(user, { refusing: () => undefined, conflicts: () => [], ...notices })
    .map(({ text }) => text)
    .join('\n');
const reference = 'refs/heads/conflict/20261125T103000Z';
const conflict = (...kept: { path: string; reason: string }[]): Partial<Notices> => ({
  conflicts: () => [{ reference, kept }],
});

test('nothing is said while all is well', () => assert.equal(told('ann', {}), ''));

test('changes that are refused: why, what becomes of them, and what to do', () => {
  const full = told('ann', { refusing: () => 'full' });
  assert.match(full, /disk of the server is full.*507.*make room/);
  const broken = told('ann', { refusing: () => 'read-only' });
  assert.match(broken, /503.*start the service again/);
});

test('of what waits each sees what is theirs, and nothing of others', () => {
  const both = conflict(
    { path: 'calendars/ann/work/a.ics', reason: '<both> changed it' },
    { path: 'addressbooks/ann/contacts/.b.vcf.properties.json', reason: 'both changed it' },
    { path: 'calendars/bob/work/secret.ics', reason: 'both changed it' },
  );
  const ann = told('ann', both);
  assert.match(ann, /calendars\/ann\/work\/a\.ics<\/code>: &lt;both&gt; changed it/);
  assert.match(ann, /b\.vcf/);
  assert.match(ann, /git branch -D conflict\/20261125T103000Z/);
  assert.doesNotMatch(ann, /bob|secret/);
  assert.match(told('bob', both), /secret\.ics/);
  assert.equal(told('carol', both), '');
});

test('what concerns all, or is not known, is told to all', () => {
  assert.match(told('carol', conflict()), /wait for a decision/);
  const strangers = conflict({ path: '', reason: 'two histories' });
  assert.match(told('carol', strangers), /wait for a decision/);
});

test('of many objects the first are named', () => {
  const many = Array.from({ length: 25 }, (_, i) => ({
    path: `calendars/ann/work/${i}.ics`,
    reason: 'both sides changed it',
  }));
  const ann = told('ann', conflict(...many));
  assert.equal(ann.match(/<li>/g)?.length, 21);
  assert.match(ann, /and 5 more/);
});
