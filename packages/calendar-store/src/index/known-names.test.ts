import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random, seed } from '@riad/octets/testing/random';
import { KnownNames } from './known-names.ts';
import type { NameState } from './state.ts';

const collections = 4;
const names = 20;

test(`what is known is what was said last, and never more than there is room for (seed ${seed})`, () => {
  const random = new Random(seed);
  const most = 24;
  const known = new KnownNames(most);
  const said = new Map<string, NameState | null>();
  let hits = 0;
  for (let step = 0; step < 20_000; step++) {
    const collection = random.below(collections);
    const name = `n${random.below(names)}`;
    const kind = random.below(100);
    if (kind === 0) {
      known.clear();
      said.clear();
    } else if (kind < 5) {
      known.forgetCollection(collection);
      for (const key of said.keys()) if (key.startsWith(`${collection} `)) said.delete(key);
    } else if (kind < 60) {
      const state: NameState | null =
        kind < 20 ? null : { type: 'gone', was: 'member', sequence: step };
      known.set(collection, name, state);
      said.set(`${collection} ${name}`, state);
    }
    let size = 0;
    for (let id = 0; id < collections; id++)
      for (let at = 0; at < names; at++) {
        const found = known.get(id, `n${at}`);
        if (found === undefined) continue;
        size++;
        assert.equal(found, said.get(`${id} n${at}`));
      }
    assert.ok(size <= most);
    hits += size;
  }
  assert.ok(hits > 100_000, 'it forgets nearly everything');
});
