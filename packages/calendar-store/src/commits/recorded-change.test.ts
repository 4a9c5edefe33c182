import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seed } from '@riad/octets/testing/random';
import { memoryStore } from '@riad/store/memory';
import fc from 'fast-check';
import {
  formatChange,
  parseChange,
  type RecordedChange,
  readTrailers,
  trailersOf,
} from './recorded-change.ts';

const name = fc
  .oneof(
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }),
    fc.constantFrom(' a ', '-', '.', '%20', 'x\u00a0', 'y\u2028z', '\ufeff'),
  )
  .filter((text) => text.isWellFormed());
const path = fc.tuple(fc.constantFrom('calendars', 'files'), name, name);
const blob = fc.string({
  unit: fc.constantFrom(...Array.from('0123456789abcdef')),
  minLength: 40,
  maxLength: 40,
});
const uid = fc.option(name, { nil: undefined });
const sequence = fc.nat(1e9);
const change: fc.Arbitrary<RecordedChange> = fc.oneof(
  fc.record({ type: fc.constant('put' as const), sequence, collection: path, name, blob, uid }),
  fc.record({ type: fc.constant('delete' as const), sequence, collection: path, name, uid }),
  fc.record({ type: fc.constant('make' as const), sequence, path, blob }),
  fc.record({ type: fc.constant('remove' as const), sequence, path }),
  fc.record({
    type: fc.constant('describe' as const),
    collection: path,
    name: fc.option(name, { nil: undefined }),
    blob: fc.option(blob, { nil: undefined }),
  }),
);

test('a change is read from its line as it was', () => {
  fc.assert(
    fc.property(change, (one) => {
      // A member called `.` is none: that is what the collection itself is called in its line.
      if (one.type === 'describe' && one.name === '.') return;
      assert.deepEqual(parseChange(formatChange(one)), { ...one });
    }),
    { seed, numRuns: 1000 },
  );
});

test('parsing is total', () => {
  fc.assert(
    fc.property(fc.string(), (text) => void parseChange(text)),
    { seed },
  );
  for (const text of [
    '',
    'put',
    'put x a b',
    'put -1 a b c d',
    'make 1 a b nothex',
    'describe a . x',
  ]) {
    assert.equal(parseChange(text), undefined, text);
  }
});

test('trailers go through a commit, and are nobody else’s', async () => {
  await using store = memoryStore();
  const author = { name: 'Ada', email: '' };
  await fc.assert(
    fc.asyncProperty(
      fc.array(change, { maxLength: 4 }),
      fc.string({ unit: 'grapheme' }),
      async (changes, user) => {
        const parent = store.head;
        const origin = { user, device: undefined, requestId: '7' };
        const trailers = trailersOf(parent, origin, changes);
        const revision = await store.commit({ changes: [], author, message: 'm', trailers });
        const commit = await store.describe(revision);
        const read = readTrailers(parent, commit.trailers);
        const lines = changes.map(formatChange).map(parseChange);
        assert.deepEqual(read.changes, lines);
        assert.equal(read.requestId, '7');
        assert.equal(readTrailers(revision, commit.trailers).changes, undefined);
      },
    ),
    { seed, numRuns: 200 },
  );
});
