/** Access control, A: RFC 3744. Ann owns what is asked about, Bob is given rights on it. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { maxPrincipalMatches } from '../../src/reports/principal-property-search.ts';
import { type Answer, errorIn, House, lunch, namespaces } from '../../src/testing/house.ts';

const calendar = '/calendars/ann/calendar/';
const object = `${calendar}lunch.ics`;

export function ace(principal: string, privileges: readonly string[], kind = 'grant'): string {
  const inside = privileges.map((name) => `<D:privilege><${name}/></D:privilege>`).join('');
  return `<D:ace><D:principal>${principal}</D:principal><D:${kind}>${inside}</D:${kind}></D:ace>`;
}

const bobHref = '<D:href>/principals/users/bob/</D:href>';

function setAcl(house: House, target: string, aces: string, user = 'ann'): Promise<Answer> {
  return house.ask('ACL', target, { user, body: `<D:acl ${namespaces}>${aces}</D:acl>` });
}

async function sharedHouse(...privileges: string[]): Promise<House> {
  const house = new House();
  assert.equal((await house.ask('PUT', object, { body: lunch })).status, 201);
  if (privileges.length > 0) {
    assert.equal((await setAcl(house, calendar, ace(bobHref, privileges))).status, 200);
  }
  return house;
}

type Verb = readonly [
  name: string,
  run: (house: House) => Promise<Answer>,
  needs: readonly string[],
];

const other = lunch.replace('UID:lunch', 'UID:other');
const readXml = `<D:propfind ${namespaces}><D:prop><D:getetag/></D:prop></D:propfind>`;
const syncXml = `<D:sync-collection ${namespaces}><D:sync-token/><D:sync-level>1</D:sync-level><D:prop/></D:sync-collection>`;
const patchXml = `<D:propertyupdate ${namespaces}><D:set><D:prop><X:a>1</X:a></D:prop></D:set></D:propertyupdate>`;
const lockXml = `<D:lockinfo ${namespaces}><D:lockscope><D:exclusive/></D:lockscope><D:locktype><D:write/></D:locktype></D:lockinfo>`;

const user = 'bob';
const verbs: readonly Verb[] = [
  ['GET', (h) => h.ask('GET', object, { user }), ['D:read']],
  ['HEAD', (h) => h.ask('HEAD', object, { user }), ['D:read']],
  [
    'PROPFIND',
    (h) => h.ask('PROPFIND', object, { user, body: readXml, headers: { Depth: '0' } }),
    ['D:read'],
  ],
  ['REPORT', (h) => h.ask('REPORT', calendar, { user, body: syncXml }), ['D:read']],
  ['PUT on what is there', (h) => h.ask('PUT', object, { user, body: lunch }), ['D:write-content']],
  [
    'PUT of something new',
    (h) => h.ask('PUT', `${calendar}new.ics`, { user, body: other }),
    ['D:bind'],
  ],
  [
    'PROPPATCH',
    (h) => h.ask('PROPPATCH', object, { user, body: patchXml }),
    ['D:write-properties'],
  ],
  ['DELETE', (h) => h.ask('DELETE', object, { user }), ['D:unbind']],
  [
    'COPY',
    (h) =>
      h.ask('COPY', object, { user, headers: { Destination: '/calendars/bob/calendar/x.ics' } }),
    ['D:read'],
  ],
  [
    'MOVE',
    (h) =>
      h.ask('MOVE', object, { user, headers: { Destination: '/calendars/bob/calendar/x.ics' } }),
    ['D:read', 'D:unbind'],
  ],
  ['LOCK', (h) => h.ask('LOCK', object, { user, body: lockXml }), ['D:write-content']],
  ['ACL', (h) => setAcl(h, calendar, ace(bobHref, ['D:all']), user), ['D:write-acl']],
];

const all = [
  'D:read',
  'D:write-content',
  'D:write-properties',
  'D:bind',
  'D:unbind',
  'D:write-acl',
  'D:unlock',
  'D:read-acl',
];

describe('A1: each verb needs its privileges and no others (App. B)', () => {
  for (const [name, run, needs] of verbs) {
    test(name, async () => {
      const with0 = await run(await sharedHouse());
      assert.equal(with0.status, 404, 'nothing is known without any right');
      const enough = await run(await sharedHouse(...needs));
      assert.ok(enough.status < 400, `${enough.status} ${enough.text}`);
      for (const missing of needs) {
        const house = await sharedHouse(...all.filter((one) => one !== missing));
        const { status, text } = await run(house);
        assert.equal(status, 403, `without ${missing}`);
        assert.match(text || missing, new RegExp(missing)); // HEAD has no body
      }
    });
  }
});

test('A1: MKCALENDAR and DELETE of a calendar need rights on the home', async () => {
  const house = await sharedHouse('D:all');
  assert.equal((await house.ask('MKCALENDAR', '/calendars/ann/new/', { user })).status, 404);
  assert.equal((await house.ask('DELETE', calendar, { user })).status, 404);
  await setAcl(house, '/calendars/ann/', ace(bobHref, ['D:read']));
  assert.equal((await house.ask('MKCALENDAR', '/calendars/ann/new/', { user })).status, 403);
  assert.equal((await house.ask('DELETE', calendar, { user })).status, 403);
  await setAcl(house, '/calendars/ann/', ace(bobHref, ['D:bind', 'D:unbind']));
  assert.equal((await house.ask('MKCALENDAR', '/calendars/ann/new/', { user })).status, 201);
  assert.equal((await house.ask('DELETE', calendar, { user })).status, 204);
});

test('A2: a refusal names the resource and the privilege (§7.1.1)', async () => {
  const house = await sharedHouse('D:read');
  const put = await house.ask('PUT', `${calendar}new.ics`, { user, body: other });
  assert.equal(put.status, 403);
  assert.equal(errorIn(put), 'need-privileges');
  assert.match(
    put.text,
    /<D:resource><D:href>\/calendars\/ann\/calendar\/<\/D:href><D:privilege><D:bind\/><\/D:privilege><\/D:resource>/,
  );
  assert.match(put.text, /<R:message>/);
});

test('A3: current-user-privilege-set is what works: aggregates and parts (§5.4)', async () => {
  const house = await sharedHouse('D:read', 'D:write-content');
  const found = await house.properties(object, ['D:current-user-privilege-set'], { user });
  const names = [...found.answer.text.matchAll(/<D:privilege><(\w+:[\w-]+)\/>/g)].map(
    ([, name]) => name,
  );
  assert.deepEqual(names, ['D:read', 'C:read-free-busy', 'D:write-content']);
  const own = await house.properties(object, ['D:current-user-privilege-set']);
  for (const name of ['all', 'write', 'bind', 'unbind', 'write-acl']) {
    assert.match(own.answer.text, new RegExp(`<D:${name}/>`));
  }
});

test('A4: deny counts, in the order of the entries, and over what is inherited (§6)', async () => {
  const house = await sharedHouse();
  const get = async (who = 'bob'): Promise<number> =>
    (await house.ask('GET', object, { user: who })).status;
  const everybody = ace('<D:authenticated/>', ['D:read']);
  await setAcl(house, calendar, ace(bobHref, ['D:read'], 'deny') + everybody);
  assert.deepEqual([await get('bob'), await get('carol')], [404, 200]);
  await setAcl(house, calendar, everybody + ace(bobHref, ['D:read'], 'deny'));
  assert.equal(await get('bob'), 200);
  await setAcl(house, object, ace(bobHref, ['D:read'], 'deny'));
  assert.deepEqual([await get('bob'), await get('carol'), await get('ann')], [404, 200, 200]);
  const inverted = `<D:ace><D:invert><D:principal>${bobHref}</D:principal></D:invert><D:grant><D:privilege><D:read/></D:privilege></D:grant></D:ace>`;
  await setAcl(house, object, '');
  await setAcl(house, calendar, inverted);
  assert.deepEqual([await get('bob'), await get('carol')], [404, 200]);
});

for (const [what, aces, precondition] of [
  [
    'A5: an unknown user',
    ace('<D:href>/principals/users/nobody/</D:href>', ['D:read']),
    'recognized-principal',
  ],
  [
    'A5: a URL that is no principal',
    ace('<D:href>/calendars/ann/</D:href>', ['D:read']),
    'recognized-principal',
  ],
  [
    'a property that names nobody',
    ace('<D:property><D:group/></D:property>', ['D:read']),
    'allowed-principal',
  ],
  ['self, which only principals have', ace('<D:self/>', ['D:read']), 'allowed-principal'],
  ['an unknown privilege', ace(bobHref, ['X:fly']), 'not-supported-privilege'],
  [
    'denying the owner',
    ace('<D:property><D:owner/></D:property>', ['D:read'], 'deny'),
    'no-protected-ace-conflict',
  ],
  [
    'denying the owner by name',
    ace('<D:href>/principals/users/ann/</D:href>', ['D:all'], 'deny'),
    'no-protected-ace-conflict',
  ],
  [
    'a protected entry that is none',
    ace(bobHref, ['D:all']).replace('</D:ace>', '<D:protected/></D:ace>'),
    'no-protected-ace-conflict',
  ],
  [
    'an inherited entry that is none',
    ace(bobHref, ['D:all']).replace(
      '</D:ace>',
      '<D:inherited><D:href>/calendars/ann/</D:href></D:inherited></D:ace>',
    ),
    'no-inherited-ace-conflict',
  ],
  [
    'giving and taking the same',
    ace(bobHref, ['D:read']) + ace(bobHref, ['D:all'], 'deny'),
    'no-ace-conflict',
  ],
  [
    'more entries than there may be',
    ace('<D:all/>', ['D:read']).repeat(201),
    'limited-number-of-aces',
  ],
] as const) {
  test(`ACL refuses ${what} (§8.1.1)`, async () => {
    const house = await sharedHouse();
    const answer = await setAcl(house, calendar, aces);
    assert.equal(answer.status, 403);
    assert.equal(errorIn(answer), precondition);
  });
}

test('ACL takes back the list that D:acl showed', async () => {
  const house = await sharedHouse('D:read');
  const found = await house.properties(calendar, ['D:acl']);
  const [, shown = ''] = /<D:acl>(.*)<\/D:acl>/.exec(found.answer.text) ?? [];
  assert.match(shown, /<D:property><D:owner\/><\/D:property>.*<D:protected\/>/);
  assert.equal((await setAcl(house, calendar, shown)).status, 200);
  assert.equal((await house.properties(calendar, ['D:acl'])).answer.text, found.answer.text);
});

test('A6: nobody gets rights by PROPPATCH, MKCALENDAR, or on homes and principals', async () => {
  const house = await sharedHouse('D:read', 'D:write');
  const acl = `<D:set><D:prop><D:acl>${ace(bobHref, ['D:all'])}</D:acl></D:prop></D:set>`;
  const patched = await house.list('PROPPATCH', object, {
    user,
    body: `<D:propertyupdate ${namespaces}>${acl}</D:propertyupdate>`,
  });
  assert.ok(patched.find(object, 'D:acl', 403));
  const made = await house.ask('MKCALENDAR', '/calendars/bob/x/', {
    user,
    body: `<C:mkcalendar ${namespaces}>${acl}</C:mkcalendar>`,
  });
  assert.equal(made.status, 207);
  for (const target of [calendar, '/calendars/ann/', '/calendars/', '/principals/users/ann/']) {
    const { status } = await setAcl(house, target, ace(bobHref, ['D:all']), user);
    assert.ok(status === 403 || status === 404, target);
  }
  assert.equal((await house.ask('DELETE', calendar, { user })).status, 404);
  assert.equal((await house.ask('DELETE', '/calendars/ann/', { user })).status, 403);
});

test('A7: being in a group counts, from the next request on (§5.5.1)', async () => {
  const house = await sharedHouse();
  await setAcl(house, calendar, ace('<D:href>/principals/groups/team/</D:href>', ['D:read']));
  assert.equal((await house.ask('GET', object, { user: 'carol' })).status, 200);
  assert.equal((await house.ask('GET', object, { user: 'bob' })).status, 404);
  house.directory.groups.set('team', ['bob']);
  assert.equal((await house.ask('GET', object, { user: 'carol' })).status, 404);
  assert.equal((await house.ask('GET', object, { user: 'bob' })).status, 200);
});

function search(inside: string, attributes = ''): string {
  return `<D:principal-property-search ${namespaces}${attributes}>${inside}<D:prop><D:displayname/></D:prop></D:principal-property-search>`;
}
const by = (property: string, match: string): string =>
  `<D:property-search><D:prop><${property}/></D:prop><D:match>${match}</D:match></D:property-search>`;

test('A8: principal-property-search: substring, any case, all of them (§9.4)', async () => {
  const house = new House();
  const find = async (body: string, target = '/principals/'): Promise<string[]> =>
    (await house.list('REPORT', target, { body })).hrefs;
  assert.deepEqual(await find(search(by('D:displayname', 'AN'))), ['/principals/users/ann/']);
  assert.deepEqual(await find(search(by('CS:email-address-set', 'example.org'))), [
    '/principals/users/ann/',
    '/principals/users/bob/',
    '/principals/users/carol/',
  ]);
  const two = by('D:displayname', 'o') + by('C:calendar-user-address-set', 'carol@');
  assert.deepEqual(await find(search(two)), ['/principals/users/carol/']);
  assert.deepEqual(await find(search(two, ' test="anyof"')), [
    '/principals/users/bob/',
    '/principals/users/carol/',
  ]);
  assert.deepEqual(await find(search(by('C:calendar-user-type', 'group'))), [
    '/principals/groups/team/',
  ]);
  assert.deepEqual(await find(search(by('X:no', 'a'))), []);
  assert.deepEqual(await find(search(by('D:displayname', 'ann')), '/principals/groups/'), []);
  const everywhere = search(`${by('D:displayname', 'ann')}<D:apply-to-principal-collection-set/>`);
  assert.deepEqual(await find(everywhere, calendar), ['/principals/users/ann/']);
  const deep = { body: search(by('D:displayname', 'a')), headers: { Depth: '1' } };
  assert.equal((await house.ask('REPORT', '/principals/', deep)).status, 400);
});

test('A8: who is found by more than a list can show is found by nobody (§9.4)', async () => {
  const house = new House(undefined, maxPrincipalMatches + 10);
  const answer = await house.ask('REPORT', '/principals/', {
    body: search(by('D:displayname', 'crowd')),
  });
  assert.equal(answer.status, 403);
  assert.equal(errorIn(answer), 'number-of-matches-within-limits');
  const one = await house.list('REPORT', '/principals/', {
    body: search(by('D:displayname', 'crowd-17')),
  });
  assert.equal(one.hrefs.length, 11); // 17, and 170 to 179
});

test('A8: what can be searched is told (§9.5)', async () => {
  const house = new House();
  const { status, text } = await house.ask('REPORT', '/principals/', {
    body: `<D:principal-search-property-set ${namespaces}/>`,
  });
  assert.equal(status, 200);
  assert.match(text, /<D:prop><D:displayname\/><\/D:prop><D:description xml:lang="en">Full name</);
});

test('A9: expand-property nests, and ends where it would go round (RFC 3253 §3.8)', async () => {
  const house = new House();
  const principal = '/principals/users/carol/';
  const groups = `<D:property name="group-membership"><D:property name="displayname"/><D:property name="group-member-set"><D:property name="displayname"/><D:property name="group-membership"/></D:property></D:property>`;
  const home = `<D:property name="calendar-home-set" namespace="urn:ietf:params:xml:ns:caldav"><D:property name="resourcetype"/></D:property>`;
  const { status, text } = await house.ask('REPORT', principal, {
    user: 'carol',
    body: `<D:expand-property ${namespaces}>${groups}${home}</D:expand-property>`,
  });
  assert.equal(status, 207);
  assert.match(
    text,
    /<D:group-membership><D:response><D:href>\/principals\/groups\/team\/<\/D:href><D:propstat><D:prop><D:displayname>The team<\/D:displayname><D:group-member-set><D:response><D:href>\/principals\/users\/carol\/<\/D:href>/,
  );
  assert.match(text, /<C:calendar-home-set><D:response><D:href>\/calendars\/carol\/<\/D:href>/);
  const deep = `${'<D:property name="group-membership">'.repeat(10)}${'</D:property>'.repeat(10)}`;
  const refused = { body: `<D:expand-property ${namespaces}>${deep}</D:expand-property>` };
  assert.equal((await house.ask('REPORT', principal, refused)).status, 400);
});

test('A11: rights that are taken away end at once, in sync too (§5.4)', async () => {
  const house = await sharedHouse('D:read');
  const sync = { user, body: syncXml };
  assert.equal((await house.list('REPORT', calendar, sync)).hrefs.length, 1);
  await setAcl(house, calendar, '');
  assert.equal((await house.ask('REPORT', calendar, sync)).status, 404);
  assert.equal((await house.ask('GET', object, { user })).status, 404);
});

test('unauthenticated readers: 401 unless all may read, then as far as they may', async () => {
  const house = await sharedHouse();
  const nobody = { user: undefined };
  assert.equal((await house.ask('GET', object, nobody)).status, 401);
  await setAcl(house, calendar, ace('<D:all/>', ['D:read']));
  assert.equal((await house.ask('GET', object, nobody)).status, 200);
  assert.equal((await house.ask('PUT', object, { ...nobody, body: lunch })).status, 401);
  await setAcl(house, calendar, ace('<D:all/>', ['D:all']));
  assert.equal((await house.ask('PUT', object, { ...nobody, body: lunch })).status, 401);
  assert.equal((await house.ask('GET', object, nobody)).status, 200);
  const found = await house.properties(calendar, ['D:current-user-principal'], nobody);
  assert.deepEqual(found.names(calendar, 'D:current-user-principal'), ['unauthenticated']);
  await setAcl(house, calendar, ace('<D:unauthenticated/>', ['D:read']));
  assert.equal((await house.ask('GET', object, { user })).status, 404);
});

test('D:acl is for who may read it, and its properties are on every resource (§5)', async () => {
  const house = await sharedHouse('D:read');
  const theirs = await house.properties(object, ['D:acl', 'D:owner'], { user });
  assert.ok(theirs.find(object, 'D:acl', 403));
  assert.deepEqual(theirs.hrefIn(object, 'D:owner'), ['/principals/users/ann/']);
  const own = await house.properties(object, [
    'D:acl',
    'D:acl-restrictions',
    'D:inherited-acl-set',
    'D:principal-collection-set',
    'D:supported-privilege-set',
  ]);
  assert.deepEqual(own.hrefIn(object, 'D:inherited-acl-set'), [calendar, '/calendars/ann/']);
  assert.deepEqual(own.hrefIn(object, 'D:principal-collection-set'), ['/principals/']);
  assert.match(
    own.answer.text,
    /<D:inherited><D:href>\/calendars\/ann\/calendar\/<\/D:href><\/D:inherited>/,
  );
  assert.match(own.answer.text, /<D:supported-privilege><D:privilege><D:read\/><\/D:privilege>/);
});

test('principal-match and acl-principal-prop-set (§9.2, §9.3)', async () => {
  const house = await sharedHouse('D:read');
  const self = `<D:principal-match ${namespaces}><D:self/><D:prop><D:displayname/></D:prop></D:principal-match>`;
  const me = await house.list('REPORT', '/principals/', { user: 'carol', body: self });
  assert.deepEqual(me.hrefs, ['/principals/users/carol/', '/principals/groups/team/']);
  const owner = `<D:principal-match ${namespaces}><D:principal-property><D:owner/></D:principal-property></D:principal-match>`;
  assert.deepEqual((await house.list('REPORT', calendar, { body: owner })).hrefs, [object]);
  const named = `<D:acl-principal-prop-set ${namespaces}><D:prop><D:displayname/></D:prop></D:acl-principal-prop-set>`;
  const principals = await house.list('REPORT', object, { body: named });
  assert.deepEqual(principals.hrefs, ['/principals/users/ann/', '/principals/users/bob/']);
  assert.equal(principals.text('/principals/users/bob/', 'D:displayname'), 'Bob');
});

test('delegation: who may read a whole home is in its owner’s calendar-proxy-read', async () => {
  const house = await sharedHouse();
  await setAcl(house, '/calendars/ann/', ace(bobHref, ['D:read']));
  const proxy = '/principals/users/ann/calendar-proxy-read/';
  const members = await house.properties(proxy, ['D:group-member-set', 'D:resourcetype']);
  assert.deepEqual(members.hrefIn(proxy, 'D:group-member-set'), ['/principals/users/bob/']);
  assert.deepEqual(members.names(proxy, 'D:resourcetype'), [
    'collection',
    'principal',
    'calendar-proxy-read',
  ]);
  const principal = '/principals/users/bob/';
  const found = await house.properties(
    principal,
    ['CS:calendar-proxy-read-for', 'D:group-membership'],
    {
      user,
    },
  );
  assert.deepEqual(found.hrefIn(principal, 'CS:calendar-proxy-read-for'), [
    '/principals/users/ann/',
  ]);
  assert.deepEqual(found.hrefIn(principal, 'D:group-membership'), [proxy]);
  const home = await house.properties('/calendars/ann/', ['D:resourcetype'], {
    user,
    headers: { Depth: '1' },
  });
  assert.equal(home.hrefs.length, 3);
});

test('delegation: the owner sets the members of a proxy, and nobody else does', async () => {
  const house = await sharedHouse();
  const proxy = (access: string): string => `/principals/users/ann/calendar-proxy-${access}/`;
  const patch = (target: string, members: string, who = 'ann'): Promise<Answer> =>
    house.ask('PROPPATCH', target, {
      user: who,
      body: `<D:propertyupdate ${namespaces}><D:set><D:prop><D:group-member-set>${members}</D:group-member-set></D:prop></D:set></D:propertyupdate>`,
    });
  const members = async (access: string): Promise<string[]> =>
    (await house.properties(proxy(access), ['D:group-member-set'])).hrefIn(
      proxy(access),
      'D:group-member-set',
    );
  assert.equal((await patch(proxy('write'), bobHref)).status, 207);
  assert.deepEqual(
    [await members('read'), await members('write')],
    [[], ['/principals/users/bob/']],
  );
  assert.equal((await house.ask('DELETE', object, { user })).status, 204);
  assert.equal((await patch(proxy('read'), bobHref)).status, 207);
  assert.deepEqual(
    [await members('read'), await members('write')],
    [['/principals/users/bob/'], []],
  );
  assert.equal((await patch(proxy('write'), bobHref, 'bob')).status, 403);
  assert.equal((await patch(proxy('write'), '<D:href>/principals/users/x/</D:href>')).status, 403);
  assert.equal((await patch(proxy('read'), '')).status, 207);
  assert.equal((await house.ask('PROPFIND', '/calendars/ann/', { user })).status, 404);
  assert.match((await patch('/principals/users/ann/', bobHref)).text, /403 Forbidden/);
});

test('A10: nothing that is kept for the server itself is a property', async () => {
  const house = await sharedHouse('D:read');
  await house.ask('DELETE', '/calendars/bob/ann~calendar/', { user });
  const body = `<D:propfind ${namespaces}><D:prop><R:shared-collections xmlns:R="urn:riad:dav"/></D:prop></D:propfind>`;
  const found = await house.list('PROPFIND', '/calendars/bob/', {
    user,
    body,
    headers: { Depth: '0' },
  });
  assert.equal(found.responses.get('/calendars/bob/')?.propstats.has(200), false);
  const set = await house.list('PROPPATCH', '/calendars/bob/', {
    user,
    body: `<D:propertyupdate ${namespaces}><D:remove><D:prop><R:shared-collections xmlns:R="urn:riad:dav"/></D:prop></D:remove></D:propertyupdate>`,
  });
  assert.match(set.answer.text, /cannot-modify-protected-property/);
  for (const target of ['/principals/users/ann/', '/calendars/ann/', '/calendars/ann/calendar/']) {
    const names = `<D:propfind ${namespaces}><D:propname/></D:propfind>`;
    const { text } = await house.ask('PROPFIND', target, { body: names, headers: { Depth: '0' } });
    assert.doesNotMatch(text, /password|salt|secret/);
  }
});
