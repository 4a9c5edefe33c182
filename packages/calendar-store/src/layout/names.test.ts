import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seed } from '@riad/octets/testing/random';
import { memoryStore } from '@riad/store/memory';
import fc from 'fast-check';
import { maxNameOctets, namesOf, storedName } from './names.ts';
import { collectionFileOf, roleOf, sidecarOf, storedPath } from './paths.ts';

const odd = [
  '.',
  '..',
  '.git',
  'GIT~1',
  'gi7eba~2',
  '=0',
  '=f',
  '%',
  '%2E',
  '%+',
  '/',
  '\\',
  '\u0000',
  '\u200c.git',
  ' ',
  'a b',
  'ü',
  '\ufeff',
  '.x.properties.json',
  '.collection.json',
  'x'.repeat(201),
  'ä'.repeat(500),
  `${'y'.repeat(199)}.${'z'.repeat(300)}`,
];
const name = fc
  .oneof(
    fc.constantFrom(...odd),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }),
    fc.string({ unit: fc.constantFrom(...odd), minLength: 1, maxLength: 3 }),
  )
  .filter((text) => text.isWellFormed() && Buffer.byteLength(text) <= maxNameOctets);

test('a name comes back from its files, whatever is in it, and git takes them', async () => {
  await using store = memoryStore({ layout: 'trie' });
  await fc.assert(
    fc.asyncProperty(name, name, async (one, other) => {
      assert.deepEqual(namesOf(storedName(one).split('/')), [one]);
      const path = ['calendars', one, other];
      assert.deepEqual(namesOf(storedPath(path).split('/')), path);
      assert.deepEqual(roleOf(storedPath(path)), { type: 'member', path });
      assert.deepEqual(roleOf(sidecarOf(path)), { type: 'sidecar', path });
      assert.deepEqual(roleOf(collectionFileOf(path)), { type: 'collection', path });
      const changes = [storedPath(path), sidecarOf(path), collectionFileOf(['files', one])].map(
        (file) => ({ path: file, octets: new Uint8Array(1) }),
      );
      const author = { name: 'Ada', email: '' };
      await store.commit({ changes, author, message: 'm' });
      const removed = changes.map(({ path: file }) => ({ path: file, delete: true }) as const);
      await store.commit({ changes: removed, author, message: 'm' });
    }),
    { seed, numRuns: 300 },
  );
});

test('different names are different files', () => {
  fc.assert(
    fc.property(name, name, (one, other) => {
      assert.equal(storedName(one) === storedName(other), one === other);
    }),
    { seed, numRuns: 500 },
  );
});

test('what is no name is refused', () => {
  for (const wrong of ['', '\ud800', 'x'.repeat(maxNameOctets + 1)]) {
    assert.throws(() => storedName(wrong), RangeError);
  }
});
