import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '@riad/octets/testing/random';
import { memoryStore } from '../memory/memory-store.ts';
import type { Change, Store } from '../store.ts';
import { History } from './history.ts';
import { children, type Layout, maxNamesInTree } from './layout.ts';
import type { GitObject, ObjectId } from './objects.ts';
import { emptyTree, isBranch, isFolder } from './tree.ts';

const author = { name: 'Ada', email: '' };

/** A history in a map, and the tree it has come to. */
class Line {
  readonly objects = new Map<ObjectId, GitObject>();
  readonly history: History;
  top: ObjectId = emptyTree;
  added: GitObject[] = [];

  constructor(layout: Layout) {
    this.history = new History(this.objects, layout);
  }

  commit(changes: readonly Change[]): void {
    const edits = this.history.editsOf(changes);
    const { revision, staging } = this.history.prepare(
      { edits, author, message: 'm' },
      [],
      0,
      this.top,
    );
    for (const [id, object] of staging.added) this.objects.set(id, object);
    this.added = [...staging.added.values()];
    this.top = this.history.commit(revision).tree;
  }

  /** The largest tree, and how many lie above each other. */
  shape(id: ObjectId = this.top): { entries: number; depth: number } {
    const { entries } = this.history.trees.get(id);
    const inner = entries.filter(isFolder).map((entry) => this.shape(entry.id));
    return {
      entries: Math.max(entries.length, ...inner.map((one) => one.entries)),
      depth: 1 + Math.max(0, ...inner.map((one) => one.depth)),
    };
  }
}

test('trees stay small however many names a folder has, and a write touches few of them', () => {
  const line = new Line('trie');
  const names = Array.from({ length: 12_000 }, (_, i) => `cal/event-${i}.ics`);
  for (let at = 0; at < names.length; at += 1000) {
    line.commit(names.slice(at, at + 1000).map((path) => ({ path, octets: new Uint8Array(1) })));
  }
  assert.equal(children(line.history.trees, 'trie', line.history.trees.get(line.top)).size, 1);
  const { entries, depth } = line.shape();
  assert.ok(entries <= maxNamesInTree, `${entries} entries`);
  assert.ok(depth <= 6, `${depth} deep`);
  line.commit([{ path: 'cal/event-77.ics', octets: Uint8Array.of(2) }]);
  const trees = line.added.filter(({ type }) => type === 'tree');
  const octets = trees.reduce((sum, { content }) => sum + content.length, 0);
  assert.ok(trees.length <= 5 && octets < 6000, `${trees.length} trees, ${octets} octets`);
});

test('a folder that people have filled flat is read, and spread once it is written', () => {
  const flat = new Line('flat');
  const paths = ['c/=0', ...Array.from({ length: 200 }, (_, i) => `c/n${i + 1}`)];
  flat.commit(paths.map((path, i) => ({ path, octets: Uint8Array.of(i) })));
  const line = new Line('trie');
  for (const [id, object] of flat.objects) line.objects.set(id, object);
  line.top = flat.top;
  const read = (path: string): number | undefined => {
    const names = path.split('/');
    const folder = children(line.history.trees, 'trie', line.history.trees.get(line.top)).get(
      names[0]!,
    );
    const file = children(line.history.trees, 'trie', line.history.trees.get(folder!.id));
    const entry = file.get(names[1]!);
    return entry === undefined ? undefined : line.objects.get(entry.id)?.content[0];
  };
  for (const [i, path] of paths.entries()) assert.equal(read(path), i);
  line.commit([
    { path: 'c/n5', octets: Uint8Array.of(255) },
    { path: 'c/n6', delete: true },
    { path: 'c/new', octets: Uint8Array.of(254) },
  ]);
  assert.equal(read('c/n5'), 255);
  assert.equal(read('c/n6'), undefined);
  assert.equal(read('c/new'), 254);
  // Somebody puts it back where it was: that one counts, and neither comes back once it is deleted.
  const twice = new Line('flat');
  for (const [id, object] of line.objects) twice.objects.set(id, object);
  twice.top = line.top;
  twice.commit([{ path: 'c/n5', octets: Uint8Array.of(253) }]);
  const before = line.top;
  for (const [id, object] of twice.objects) line.objects.set(id, object);
  line.top = twice.top;
  assert.equal(read('c/n5'), 253);
  line.commit([{ path: 'c/n5', delete: true }]);
  assert.equal(read('c/n5'), undefined);
  line.top = before;
  assert.equal(read('c/=0'), 0); // where a branch is now
  const c = line.history.trees.get(line.history.trees.get(line.top).get('c')!.id);
  assert.ok(c.entries.every(isBranch));
  assert.ok(line.shape().entries <= 24, 'evenly spread');
});

test('both layouts hold the same whatever is done', async () => {
  const random = new Random();
  const stores: Store[] = [memoryStore({ layout: 'flat' }), memoryStore({ layout: 'trie' })];
  const names = Array.from({ length: 300 }, (_, i) => `x${i}`);
  for (let round = 0; round < 60; round++) {
    const changes = new Map<string, Change>();
    for (let i = random.between(1, 40); i > 0; i--) {
      const path = `${random.pick(['a', 'b/c'])}/${random.pick(names)}`;
      const octets = random.octets(2);
      changes.set(path, random.chance(0.4) ? { path, delete: true } : { path, octets });
    }
    const contents = await Promise.all(
      stores.map(async (store) => {
        await store.commit({ changes: [...changes.values()], author, message: 'm' });
        const lists = await Promise.all(['', 'a', 'b', 'b/c'].map((folder) => store.list(folder)));
        const key = ({ name, kind, blob }: (typeof lists)[0][0]): string =>
          `${name} ${kind} ${kind === 'folder' ? '' : blob}`;
        return lists.map((items) => items.map(key).sort());
      }),
    );
    assert.deepEqual(contents[0], contents[1]);
  }
});
