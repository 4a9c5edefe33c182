/**
 * What every engine of the store does. The test of an engine is one call:
 *
 *     storeCompliance('memory', async () => memoryStore());
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { nextTurn } from './next-turn.ts';
import type { CommitRequest, HeadChange, LogEntry, Person, Store } from './store.ts';

const author: Person = { name: 'Ada Lovelace', email: 'ada@example.org' };
const text = (octets: Uint8Array | undefined): string | undefined =>
  octets && new TextDecoder().decode(octets);
const octets = (value: string): Uint8Array => new TextEncoder().encode(value);

/** `put` has the paths and texts, `gone` the paths of what is deleted. */
function request(
  put: Readonly<Record<string, string>>,
  gone: readonly string[] = [],
  more: Partial<CommitRequest> = {},
): CommitRequest {
  const puts = Object.entries(put).map(([path, value]) => ({ path, octets: octets(value) }));
  const deletes = gone.map((path) => ({ path, delete: true }) as const);
  return { changes: [...puts, ...deletes], author, message: 'change', ...more };
}

async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** `open` gives an empty store each time; `nowMs` sets the clock it was opened with. */
export function storeCompliance(
  name: string,
  open: (clock: { nowMs: number }) => Promise<Store>,
): void {
  const start = Date.UTC(2026, 0, 1);
  const opened = (clock = { nowMs: start }): Promise<Store> => open(clock);

  describe(`${name}: reading and committing`, () => {
    test('an empty store has nothing', async () => {
      await using store = await opened();
      assert.equal(store.head, undefined);
      assert.equal(await store.read('a'), undefined);
      assert.deepEqual(await store.list(''), []);
      assert.deepEqual(await collect(store.log()), []);
      assert.equal(await store.resolve('head'), undefined);
      assert.equal(await store.resolve(new Date(start)), undefined);
    });

    test('a committed path reads back octet for octet', async () => {
      await using store = await opened();
      const all = Uint8Array.from({ length: 70_000 }, (_, index) => index * 7);
      for (const value of [new Uint8Array(0), Uint8Array.of(0), all]) {
        const change = { path: 'zones/example', octets: value };
        const revision = await store.commit({ changes: [change], author, message: 'put' });
        assert.equal(store.head, revision);
        assert.deepEqual((await store.read('zones/example'))?.octets, value);
      }
    });

    test('blobs are called what git calls them', async () => {
      await using store = await opened();
      await store.commit(request({ a: 'hello\n' }));
      // printf 'hello\n' | git hash-object --stdin
      assert.equal((await store.read('a'))?.blob, 'ce013625030ba8dba906f756967f9e9ca394464a');
    });

    test('octets belong to the caller, before and after', async () => {
      await using store = await opened();
      const mine = octets('abc');
      const committed = store.commit({
        changes: [{ path: 'a', octets: mine }],
        author,
        message: 'm',
      });
      mine.fill(0);
      await committed;
      const read = (await store.read('a'))!.octets;
      assert.equal(text(read), 'abc');
      read.fill(0);
      assert.equal(text((await store.read('a'))?.octets), 'abc');
    });

    test('every revision stays readable', async () => {
      await using store = await opened();
      const revisions = [];
      for (const value of ['1', '2', '3'])
        revisions.push(await store.commit(request({ a: value })));
      revisions.push(await store.commit(request({}, ['a'])));
      const values = await Promise.all(
        revisions.map(async (at) => text((await store.read('a', at))?.octets)),
      );
      assert.deepEqual(values, ['1', '2', '3', undefined]);
      await assert.rejects(store.read('a', '0'.repeat(40)), { code: 'store.not-found' });
      await assert.rejects(store.list('', '0'.repeat(40)), { code: 'store.not-found' });
    });

    test('many changes are one commit, in many folders', async () => {
      await using store = await opened();
      await store.commit(request({ 'a/b/c': '1', 'a/b/d': '2', 'a-b': '3', a0: '4', e: '5' }));
      await store.commit(request({ 'a/b/c': '6', 'f/g': '7' }, ['a/b/d', 'e', 'not/there']));
      const names = async (folder: string): Promise<string[]> =>
        (await store.list(folder)).map((item) => `${item.kind} ${item.name}`).sort();
      assert.deepEqual(await names(''), ['file a-b', 'file a0', 'folder a', 'folder f']);
      assert.deepEqual(await names('a'), ['folder b']);
      assert.deepEqual(await names('a/b'), ['file c']);
      assert.deepEqual(await names('a/b/c'), []);
      assert.deepEqual(await names('nowhere'), []);
      assert.equal(text((await store.read('a/b/c'))?.octets), '6');
      assert.equal(await store.read('a/b'), undefined); // a folder is no file
      const [item] = await store.list('a/b');
      assert.equal(item?.blob, (await store.read('a/b/c'))?.blob);
    });

    test('a folder goes with its last file, and may become a file, and back', async () => {
      await using store = await opened();
      await store.commit(request({ 'a/b/c': '1', z: '' }));
      await store.commit(request({}, ['a/b/c']));
      assert.deepEqual(
        (await store.list('')).map((item) => item.name),
        ['z'],
      );
      await store.commit(request({ a: 'file' }));
      await store.commit(request({ 'a/b': 'again' }, ['a']));
      assert.equal(text((await store.read('a/b'))?.octets), 'again');
      await store.commit(request({ a: 'file' }, ['a/b']));
      assert.equal(text((await store.read('a'))?.octets), 'file');
    });

    test('a file in the way of a folder, and a folder in the way of a file, are told', async () => {
      await using store = await opened();
      const head = await store.commit(request({ 'a/b': '1', c: '2' }));
      for (const bad of [
        request({ a: 'x' }),
        request({ 'c/d': 'x' }),
        request({}, ['a']),
        request({ ok: 'x', 'c/d/e': 'x' }),
      ]) {
        await assert.rejects(store.commit(bad), { code: 'store.path-conflict' });
      }
      assert.equal(store.head, head);
      assert.equal(await store.read('ok'), undefined);
    });

    test('names of every script, and the order of names, survive', async () => {
      await using store = await opened();
      const paths = [
        'Zoë/ñ',
        '日本/本',
        'a b',
        '👩‍🚀',
        'a!',
        'a/x',
        'a0',
        "o'b",
        '-x',
        '~',
        'x.git',
      ];
      await store.commit(request(Object.fromEntries(paths.map((path) => [path, path]))));
      for (const path of paths) assert.equal(text((await store.read(path))?.octets), path);
      const top = (await store.list('')).map((item) => item.name);
      assert.deepEqual(
        top.toSorted(),
        [...new Set(paths.map((path) => path.split('/')[0]!))].toSorted(),
      );
    });

    test('the faults of a caller are RangeErrors, and change nothing', async () => {
      await using store = await opened();
      const head = await store.commit(request({ a: '1' }));
      const paths = ['', '/a', 'a/', 'a//b', '.', 'a/../b', '.git/config', '.GIT', 'x/.gitmodules'];
      paths.push(
        'git~1',
        'gi7eba~1',
        '.g\u200cit',
        'a\nb',
        'a\0b',
        'a\\b',
        '\ud800',
        'n'.repeat(256),
      );
      paths.push(Array.from({ length: 65 }, () => 'd').join('/'));
      const bad: CommitRequest[] = paths.map((path) => request({ [path]: 'x' }));
      bad.push(request({ b: '1' }, ['b']), request({ b: '' }, [], { message: ' \n' }));
      for (const who of ['', 'a<b', 'a\nb', ' a']) {
        bad.push(request({ b: '' }, [], { author: { name: who, email: 'x@example.org' } }));
      }
      bad.push(request({ b: '' }, [], { author: { name: 'a', email: 'x>' } }));
      bad.push(request({ b: '' }, [], { trailers: [{ key: 'a b', value: '' }] }));
      bad.push(request({ b: '' }, [], { trailers: [{ key: 'A', value: 'x\ny' }] }));
      for (const one of bad) await assert.rejects(store.commit(one), RangeError);
      assert.equal(store.head, head);
      await assert.rejects(store.read('a//b'), RangeError);
    });
  });

  describe(`${name}: preconditions`, () => {
    test('the head, a blob, an absence', async () => {
      await using store = await opened();
      const first = await store.commit(
        request({ a: '1' }, [], { preconditions: [{ head: undefined }] }),
      );
      const { blob } = (await store.read('a'))!;
      const second = await store.commit(
        request({ b: '2' }, [], {
          preconditions: [{ head: first }, { path: 'a', blob }, { path: 'b', absent: true }],
        }),
      );
      for (const precondition of [
        { head: undefined },
        { head: first },
        { path: 'a', blob: '0'.repeat(40) },
        { path: 'c', blob },
        { path: 'b', absent: true },
      ] as const) {
        await assert.rejects(
          store.commit(request({ x: '' }, [], { preconditions: [{ head: second }, precondition] })),
          { code: 'store.conflict', precondition },
        );
      }
      assert.equal(store.head, second);
    });

    test('of two commits that ask for the same head at once, one is refused', async () => {
      await using store = await opened();
      const head = await store.commit(request({ a: '1' }));
      const both = ['2', '3'].map((value) =>
        store.commit(request({ a: value }, [], { preconditions: [{ head }] })),
      );
      const results = await Promise.allSettled(both);
      assert.deepEqual(results.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
    });

    test('writers that count together lose nothing', async () => {
      await using store = await opened();
      await store.commit(request({ count: '0' }));
      let refused = 0;
      const increase = async (): Promise<void> => {
        for (;;) {
          const { octets: now, blob } = (await store.read('count'))!;
          const preconditions = [{ path: 'count', blob }];
          try {
            await store.commit(
              request({ count: `${Number(text(now)) + 1}` }, [], { preconditions }),
            );
            return;
          } catch (error) {
            if ((error as { code?: string }).code !== 'store.conflict') throw error;
            refused++;
            await nextTurn();
          }
        }
      };
      await Promise.all(Array.from({ length: 10 }, increase));
      assert.equal(text((await store.read('count'))?.octets), '10');
      assert.equal((await collect(store.log({ path: 'count' }))).length, 11);
      assert.ok(refused > 0);
    });
  });

  describe(`${name}: history`, () => {
    test('a log has author, time, message, trailers, and blobs before and after', async () => {
      const clock = { nowMs: start };
      await using store = await opened(clock);
      const trailers = [
        { key: 'Riad-Sequence', value: '7' },
        { key: 'Riad-Change', value: 'put zones/example: é' },
      ];
      const first = await store.commit(
        request({ a: '1', b: '1' }, [], { message: 'first\n\nwith: reasons', trailers }),
      );
      clock.nowMs += 60_000;
      const second = await store.commit(request({ b: '2' }, [], { message: 'second' }));
      clock.nowMs += 60_000;
      const other = { name: 'Grace', email: '' };
      const third = await store.commit(request({}, ['a'], { author: other, message: 'third\n' }));

      const blob = async (path: string, at: string): Promise<string | undefined> =>
        (await store.read(path, at))?.blob;
      const a: LogEntry[] = await collect(store.log({ path: 'a' }));
      assert.deepEqual(a, [
        {
          revision: third,
          parents: [second],
          author: other,
          timeSeconds: start / 1000 + 120,
          message: 'third',
          trailers: [],
          before: await blob('a', first),
          after: undefined,
        },
        {
          revision: first,
          parents: [],
          author,
          timeSeconds: start / 1000,
          message: 'first\n\nwith: reasons',
          trailers,
          before: undefined,
          after: await blob('a', first),
        },
      ]);
      const revisions = async (options: Parameters<Store['log']>[0]): Promise<string[]> =>
        (await collect(store.log(options))).map(({ revision }) => revision);
      assert.deepEqual(await revisions({}), [third, second, first]);
      assert.deepEqual(await revisions({ from: second }), [second, first]);
      assert.deepEqual(await revisions({ path: 'a', from: second }), [first]);
      assert.deepEqual(await revisions({ path: 'nothing' }), []);
      const { before: _, after: __, ...described } = a[1]!;
      assert.deepEqual(await store.describe(first), described);
      await assert.rejects(store.describe('0'.repeat(40)), { code: 'store.not-found' });
    });

    test('the log of a folder has what happened below it', async () => {
      await using store = await opened();
      const first = await store.commit(request({ 'a/b/c': '1' }));
      await store.commit(request({ d: '1' }));
      const third = await store.commit(request({ 'a/b/e': '1' }));
      const log = await collect(store.log({ path: 'a/b' }));
      assert.deepEqual(
        log.map(({ revision }) => revision),
        [third, first],
      );
      assert.equal(log[0]?.before, log[1]?.after);
    });

    test('add, delete and add again are three entries', async () => {
      await using store = await opened();
      await store.commit(request({ a: 'x' }));
      await store.commit(request({}, ['a']));
      await store.commit(request({ a: 'x' }));
      const log = await collect(store.log({ path: 'a' }));
      assert.deepEqual(
        log.map(({ before, after }) => [before !== undefined, after !== undefined]),
        [
          [false, true],
          [true, false],
          [false, true],
        ],
      );
    });

    test('a log that is being read is not disturbed by commits', async () => {
      await using store = await opened();
      for (let i = 0; i < 5; i++) await store.commit(request({ a: `${i}` }));
      let seen = 0;
      for await (const _ of store.log({ path: 'a' })) {
        seen++;
        await store.commit(request({ a: `more ${seen}` }));
      }
      assert.equal(seen, 5);
    });

    test('revisions are found by time, name and first digits', async () => {
      const clock = { nowMs: start };
      await using store = await opened(clock);
      const revisions: string[] = [];
      for (let i = 0; i < 3; i++) {
        revisions.push(await store.commit(request({ a: `${i}` })));
        clock.nowMs += 60_000;
      }
      const at = (seconds: number): Promise<string | undefined> =>
        store.resolve(new Date(start + seconds * 1000));
      assert.equal(await at(-1), undefined);
      assert.equal(await at(0), revisions[0]);
      assert.equal(await at(119), revisions[1]);
      assert.equal(await at(1e9), revisions[2]);
      assert.equal(await store.resolve('head'), revisions[2]);
      assert.equal(await store.resolve(revisions[0]!), revisions[0]);
      assert.equal(await store.resolve(revisions[0]!.slice(0, 12)), revisions[0]);
      for (const unknown of ['0'.repeat(40), '0'.repeat(12), 'abc', 'no-such-branch', '../x', '']) {
        assert.equal(await store.resolve(unknown), undefined, unknown);
      }
      await assert.rejects(store.resolve(new Date(Number.NaN)), RangeError);
    });
  });

  describe(`${name}: differences`, () => {
    test('are told file by file, and octets by what they are called', async () => {
      await using store = await opened();
      const first = await store.commit(request({ 'a/b': '1', 'a/c': '2', d: '3', 'e/f/g': '4' }));
      const blob = (await store.read('a/b'))!.blob;
      const second = await store.commit(request({ 'a/b': '5', 'e/h': '6' }, ['d']));
      const step = await store.differences(first, second);
      assert.deepEqual(
        step.map(({ path, before, after }) => [path, before !== undefined, after !== undefined]),
        [
          ['a/b', true, true],
          ['d', true, false],
          ['e/h', false, true],
        ],
      );
      assert.deepEqual(await store.differences(first, first), []);
      const all = await store.differences(undefined, first);
      assert.deepEqual(
        all.map(({ path }) => path),
        ['a/b', 'a/c', 'd', 'e/f/g'],
      );
      assert.equal(step[0]!.before, blob);
      assert.equal(text(await store.content(blob, true)), '1');
      assert.equal(text(await store.content(blob)), '1');
      assert.equal(await store.content('0'.repeat(40)), undefined);
    });

    test('of a folder with many files are those that differ', async () => {
      await using store = await opened();
      const names = Array.from({ length: 300 }, (_, i) => `c/${i}`);
      const all = await store.commit(
        request(Object.fromEntries(names.map((name) => [name, name]))),
      );
      const next = await store.commit(request({ 'c/7': 'x', 'c/new': 'y' }, ['c/8']));
      const paths = (await store.differences(all, next)).map(({ path }) => path);
      assert.deepEqual(paths, ['c/7', 'c/8', 'c/new']);
    });

    test('a file takes the place of a folder where that is meant', async () => {
      await using store = await opened();
      await store.commit(request({ 'a/b': '1', 'a/c': '2' }));
      const change = { path: 'a', octets: octets('3') };
      await assert.rejects(store.commit({ changes: [change], author, message: 'm' }), {
        code: 'store.path-conflict',
      });
      const changes = [{ ...change, overFolder: true }];
      await store.commit({ changes, author, message: 'm' });
      assert.equal(text((await store.read('a'))?.octets), '3');
      assert.equal(await store.read('a/b'), undefined);
    });

    test('a folder is deleted with all that it holds', async () => {
      await using store = await opened();
      const first = await store.commit(request({ 'a/b/c': '1', 'a/d': '2', e: '3' }));
      const changes = [
        { path: 'a', deleteFolder: true } as const,
        { path: 'no/such/folder', deleteFolder: true } as const,
      ];
      const next = await store.commit({ changes, author, message: 'm', timeSeconds: 77 });
      assert.equal((await store.differences(first, next)).length, 2);
      assert.deepEqual(
        (await store.list('')).map(({ name }) => name),
        ['e'],
      );
      assert.equal((await store.describe(next)).timeSeconds, 77);
      const file = { changes: [{ path: 'e', deleteFolder: true } as const], author, message: 'm' };
      await assert.rejects(store.commit(file), { code: 'store.path-conflict' });
    });
  });

  describe(`${name}: life`, () => {
    test('watchers are told of each move of the head, once it can be read', async () => {
      await using store = await opened();
      const seen: HeadChange[] = [];
      const stop = store.watch((change) => {
        assert.equal(store.head, change.revision);
        seen.push(change);
      });
      const first = await store.commit(request({ a: '1' }));
      const second = await store.commit(request({ a: '2' }));
      await assert.rejects(
        store.commit(request({ a: '3' }, [], { preconditions: [{ head: first }] })),
      );
      stop();
      await store.commit(request({ a: '4' }));
      assert.deepEqual(seen, [
        { previous: undefined, revision: first, origin: 'commit' },
        { previous: first, revision: second, origin: 'commit' },
      ]);
    });

    test('commits made at once are all there, in the order they were made in', async () => {
      await using store = await opened();
      const all = Array.from({ length: 40 }, (_, i) =>
        store.commit(request({ [`f${i}`]: `${i}` })),
      );
      const revisions = await Promise.all(all);
      const log = await collect(store.log());
      assert.deepEqual(log.map(({ revision }) => revision).reverse(), revisions);
      assert.equal((await store.list('')).length, 40);
    });

    test('a closed store says so, and has done what was under way', async () => {
      const store = await opened();
      const last = store.commit(request({ a: '1' }));
      await store.close();
      assert.equal(typeof (await last), 'string');
      await assert.rejects(store.commit(request({ a: '2' })), { code: 'store.closed' });
      await assert.rejects(store.read('a'), { code: 'store.closed' });
      await store.close(); // twice is no fault
    });
  });
}
