/** Random requests, made of the literal storage, for the real one to be held against. */
import assert from 'node:assert/strict';
import type { Random } from '@riad/octets/testing/random';
import { eachOf } from '@riad/webdav/storage/pages';
import type {
  Actor,
  CandidateQuery,
  Facts,
  MemberChange,
  Operation,
  Path,
  Requirement,
  View,
  WriteRequest,
} from '@riad/webdav/storage/storage';
import { describeLine, type LiteralStorage } from './literal-storage.ts';

export const homes: readonly Path[] = [
  ['calendars', 'ann'],
  ['addressbooks', 'bob'],
  ['files', 'ann'],
];
const names = [
  'a.ics',
  'b.ics',
  'ü b.ics',
  '.c',
  '=0',
  'd%2F',
  'work',
  'x/y',
  `long${'ä'.repeat(150)}`,
];
const uids = ['u1', 'u2', 'u 3', '-'];

export function actorOf(random: Random): Actor {
  return {
    user: random.pick(['ann', 'bob']),
    device: random.pick([undefined, 'phone']),
    userAgent: 'Test/1',
    method: 'PUT',
    target: '/x',
    requestId: String(random.below(1e6)),
  };
}

export function lineObject(random: Random, uid: string = random.pick(uids)): Uint8Array {
  const from = random.chance(0.2) ? '' : String(random.below(100));
  const to = random.chance(0.2) ? '' : String(Number(from) + random.below(50));
  const component = random.pick(['VEVENT', 'VTODO']);
  return new TextEncoder().encode(
    `UID:${uid} ${component} ${from} ${to}\n${'x'.repeat(random.below(80))}`,
  );
}

const someMetadata = (random: Random): { properties: []; acl: [] } | object => {
  if (random.chance(0.4)) return { properties: [], acl: [] };
  const xml = `<c xmlns="x:">${random.below(9)}</c>`;
  return {
    properties: [{ namespace: 'x:', name: 'c', xml }],
    acl: random.chance(0.5)
      ? []
      : [
          {
            principal: { kind: 'user', name: random.pick(['ann', 'bob']) },
            invert: false,
            grant: true,
            privileges: ['DAV: read'],
          },
        ],
  };
};

/** So many objects in one request, some there already: on either side of what is taken in pieces. */
function manyPuts(random: Random, literal: LiteralStorage): WriteRequest | undefined {
  const collections = [...literal.collections.keys()].filter((key) => key.split('\0').length > 2);
  if (collections.length === 0) return undefined;
  const path = random.pick(collections).split('\0');
  const first = random.below(60);
  const operations = Array.from({ length: random.between(20, 100) }, (_, index): Operation => {
    const octets = lineObject(random, `many ${first + index}`);
    const place = [...path, `many-${first + index}.ics`];
    return { ...randomPut(random, place, literal), octets, facts: factsIn(literal, path, octets) };
  });
  return { operations, requirements: [], actor: actorOf(random), summary: 'many' };
}

function factsIn(literal: LiteralStorage, path: Path, octets: Uint8Array): Facts | undefined {
  return describeLine(octets, literal.collections.get(path.join('\0'))?.kind ?? 'folder');
}

/** A request that the literal storage can take, or refuse for what it requires; some of them long. */
export function randomRequest(
  random: Random,
  literal: LiteralStorage,
  shareOfLong = 0,
): WriteRequest {
  const many =
    shareOfLong > 0 && random.chance(shareOfLong) ? manyPuts(random, literal) : undefined;
  if (many !== undefined) return many;
  const operations: Operation[] = [];
  const requirements: Requirement[] = [];
  const collections = [...literal.collections.keys()].map((key) => key.split('\0'));
  const used = new Set<string>();
  for (let i = random.between(1, random.chance(0.1) ? 12 : 2); i > 0; i--) {
    const missing = homes.filter((home) => !literal.collections.has(home.join('\0')));
    const parent = collections.length > 0 ? random.pick(collections) : undefined;
    const path: Path =
      parent === undefined || (missing.length > 0 && random.chance(0.2))
        ? random.pick(missing.length > 0 ? missing : homes)
        : [...parent, random.pick(names)];
    const key = path.join('\0');
    // One request does not change what it changes otherwise, but for its own object.
    if (
      [...used].some(
        (one) => one === key || one.startsWith(`${key}\0`) || key.startsWith(`${one}\0`),
      )
    )
      continue;
    used.add(key);
    const isMember = literal.members.has(key);
    const isCollection = literal.collections.has(key);
    const metadata = someMetadata(random) as { properties: []; acl: [] };
    if (isMember || isCollection) {
      const choice = random.below(10);
      if (choice < 3) operations.push({ type: 'set-metadata', path, metadata });
      else if (choice < 6 && (isMember || random.chance(0.5)))
        operations.push({ type: 'delete', path });
      else if (isMember && choice < 9) operations.push(randomPut(random, path, literal));
      else if (path.length > 2) {
        // Something else takes the place of what was there.
        operations.push({ type: 'delete', path });
        if (random.chance(0.5)) operations.push(randomPut(random, path, literal));
        else {
          const kind = random.pick(['calendar', 'folder'] as const);
          operations.push({ type: 'make-collection', path, kind, components: undefined, metadata });
        }
      }
      continue;
    }
    const nested =
      parent !== undefined &&
      (literal.collections.get(parent.join('\0'))?.kind ?? 'folder') === 'folder';
    if (path.length === 2 || (nested && path.length < 5 && random.chance(0.3))) {
      const kind =
        path.length === 2 ? 'folder' : random.pick(['calendar', 'address-book', 'folder'] as const);
      const components = random.chance(0.5) ? undefined : ['VEVENT'];
      operations.push({ type: 'make-collection', path, kind, components, metadata });
      requirements.push({ type: 'absent', path });
      continue;
    }
    const put = randomPut(random, path, literal);
    operations.push(put);
    if (put.facts !== undefined && random.chance(0.8)) {
      requirements.push({
        type: 'uid-free',
        collection: path.slice(0, -1),
        uid: put.facts.uid,
        except: random.chance(0.5) ? path.at(-1)! : undefined,
      });
    }
    if (random.chance(0.5)) requirements.push({ type: 'absent', path });
  }
  if (random.chance(0.1))
    requirements.push({ type: 'absent', path: [...random.pick(homes), random.pick(names)] });
  return {
    operations,
    requirements,
    actor: actorOf(random),
    summary: `request ${random.below(1000)}`,
  };
}

function randomPut(
  random: Random,
  path: Path,
  literal: LiteralStorage,
): Operation & { type: 'put' } {
  const octets = lineObject(random);
  const kind = literal.collections.get(path.slice(0, -1).join('\0'))?.kind ?? 'folder';
  const facts = factsIn(literal, path.slice(0, -1), octets);
  const contentType =
    kind === 'folder'
      ? random.pick(['text/plain', 'application/x-own'])
      : kind === 'calendar'
        ? 'text/calendar'
        : 'text/vcard';
  const metadata = random.chance(0.2)
    ? { metadata: someMetadata(random) as { properties: []; acl: [] } }
    : {};
  return { type: 'put', path, octets, contentType, facts, ...metadata };
}

/** All that can be asked, beside all that is known. */
export async function assertSame(view: View, literal: LiteralStorage): Promise<void> {
  for (const [key, expected] of literal.collections) {
    const path = key.split('\0');
    const found = await view.resource(path);
    assert.ok(found?.type === 'collection', `collection ${path.join('/')}`);
    const { kind, components, metadata, createdSeconds } = expected;
    assert.deepEqual(
      {
        kind: found.kind,
        components: found.components,
        metadata: found.metadata,
        createdSeconds: found.createdSeconds,
      },
      { kind, components, metadata, createdSeconds },
    );
    const listed = await Array.fromAsync(eachOf(view.members(path, Infinity)));
    assert.deepEqual(
      listed.map((one) => ({ name: one.path.at(-1), what: one.type })),
      literal.list(path),
    );
    const asked = [...listed.map((one) => one.path.at(-1)!), 'never there', ...gone(literal, path)];
    const named = await view.named(path, asked);
    assert.equal(named.length, asked.length);
    for (const [i, name] of asked.entries()) {
      const alone = await view.resource([...path, name]);
      assert.deepEqual(named[i], alone?.type === 'member' ? alone : undefined, name);
    }
    const all = await view.changes(path, undefined, 1e9);
    assert.ok(all !== 'unknown');
    assert.deepEqual(all.changes, literal.changes(path, undefined));
    assert.equal(all.syncState, found.syncState);
    for (const query of queries) {
      const names = await Array.fromAsync(
        eachOf(view.candidates(path, query)),
        (one) => one.path.at(-1)!,
      );
      assert.deepEqual(names, fitting(literal, path, query), JSON.stringify(query));
    }
  }
  for (const [key, expected] of literal.members) {
    const path = key.split('\0');
    const found = await view.resource(path);
    assert.ok(found?.type === 'member', `member ${path.join('/')}`);
    const { sizeOctets, contentType, metadata, createdSeconds, modifiedSeconds } = found;
    const { octets, facts: _, ...rest } = expected;
    assert.deepEqual({ sizeOctets, contentType, metadata, createdSeconds, modifiedSeconds }, rest);
    assert.deepEqual(new Uint8Array((await view.content(found))!), octets);
  }
  for (const owner of ['ann', 'bob'])
    assert.equal(await view.usedOctets(owner), literal.usedOctets(owner));
}

const queries: readonly CandidateQuery[] = [
  {},
  { component: 'VEVENT' },
  { uid: 'u 3' },
  { fromSeconds: 20, toSeconds: 40 },
  { component: 'VTODO', fromSeconds: 60 },
];

/** Names that something had. */
function gone(literal: LiteralStorage, path: Path): string[] {
  const changes = literal.changes(path, 0);
  return changes.flatMap(({ name, change }) => (change === 'removed' ? [name] : []));
}

function fitting(literal: LiteralStorage, path: Path, query: CandidateQuery): string[] {
  const { component, uid, fromSeconds = -Infinity, toSeconds = Infinity } = query;
  return literal
    .list(path)
    .filter(({ name, what }) => {
      if (what === 'collection') return false;
      const { facts } = literal.members.get([...path, name].join('\0'))!;
      if (component !== undefined && facts?.component !== component) return false;
      if (uid !== undefined && facts?.uid !== uid) return false;
      const { earliestSeconds = -Infinity, latestSeconds = Infinity } = facts ?? {};
      return latestSeconds >= fromSeconds && earliestSeconds < toSeconds;
    })
    .map(({ name }) => name);
}

/** Pages through what has changed. */
export async function changesSince(
  view: View,
  path: Path,
  since: string | undefined,
  limit: number,
): Promise<{ readonly changes: MemberChange[]; readonly syncState: string } | 'unknown'> {
  const changes: MemberChange[] = [];
  for (let from = since; ; ) {
    const page = await view.changes(path, from, limit);
    if (page === 'unknown') return page;
    assert.ok(page.changes.length <= limit);
    changes.push(...page.changes);
    if (!page.truncated) return { changes, syncState: page.syncState };
    assert.notEqual(page.syncState, from);
    from = page.syncState;
  }
}
