import assert from 'node:assert/strict';
import { test } from 'node:test';
import { atOnce } from '@riad/octets/pieces';
import { Random, seed } from '@riad/octets/testing/random';
import type { Change } from '../store.ts';
import { edit, editingAny, editsOf } from './edit.ts';
import type { Layout } from './layout.ts';
import { type GitObject, type ObjectId, Staging } from './objects.ts';
import { putFile } from './put-file.ts';
import { emptyTree, Trees } from './tree.ts';

/** What has been made so far; the trees of one way of editing are none of the other's. */
type Line = { readonly objects: Map<ObjectId, GitObject>; readonly trees: Trees; top: ObjectId };

function lineOf(): Line {
  const objects = new Map<ObjectId, GitObject>();
  return { objects, trees: new Trees(objects), top: emptyTree };
}

const editAny: typeof edit = (...parts) => atOnce(editingAny(...parts));

for (const layout of ['flat', 'trie'] as const)
  test(`${layout}: one file put comes to the same objects in the same order (seed ${seed})`, () => {
    const random = new Random(seed);
    const quick = lineOf();
    const slow = lineOf();
    let simple = 0;
    for (let round = 0; round < 2500; round++) {
      const change = anyChange(random);
      const edits = editsOf([change], layout);
      if (putFile(new Staging(quick.objects), quick.trees, layout, quick.top, edits[0]!)) simple++;
      const made = [edit, editAny].map((way, i) => apply(way, [quick, slow][i]!, layout, change));
      assert.deepEqual(made[0], made[1]);
      assert.equal(quick.top, slow.top);
    }
    assert.ok(simple > 500, `only ${simple} were simple`);
    // What people have made: names beside branches, and a name twice.
    const { top } = quick;
    for (let round = 0; round < 40; round++) {
      apply(editAny, quick, 'flat', { path: `a/n${random.below(400)}`, octets: random.octets(2) });
      slow.top = quick.top;
      for (const [id, object] of quick.objects) slow.objects.set(id, object);
      const change = anyChange(random);
      const made = [edit, editAny].map((way, i) => apply(way, [quick, slow][i]!, layout, change));
      assert.deepEqual(made[0], made[1]);
      assert.equal(quick.top, slow.top);
      quick.top = top;
      slow.top = top;
    }
  });

/** Mostly new files in a large folder; folders come and go, and files take their names. */
function anyChange(random: Random): Change {
  const folder = random.pick(['a', 'a', 'a', 'a', 'a/b', 'c']);
  const path = random.chance(0.02) ? folder : `${folder}/n${random.below(400)}`;
  if (random.chance(0.15)) return { path, delete: true };
  if (random.chance(0.01)) return { path, deleteFolder: true };
  return { path, octets: random.octets(random.below(3)) };
}

/** All that was made, with what it is written as; or what was refused. */
function apply(way: typeof edit, line: Line, layout: Layout, change: Change): unknown {
  const staging = new Staging(line.objects);
  try {
    line.top = way(staging, line.trees, layout, line.top, editsOf([change], layout));
  } catch (error) {
    return (error as Error).message;
  }
  const made = [...staging.added].map(([id, { type, content, from }]) => {
    const splices = from?.splices.map(({ at, removed, inserted }) => {
      return [at, removed, Buffer.from(inserted).toString('hex')];
    });
    return [id, type, Buffer.from(content).toString('hex'), from?.base, from?.baseOctets, splices];
  });
  for (const [id, object] of staging.added) line.objects.set(id, object);
  return made;
}
