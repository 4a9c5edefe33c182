import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseConfiguration } from './configparser.ts';
import { aclOf, makersIn, type Rights, rightsOfFile, rightsOfType } from './radicale-rights.ts';

const users = new Map([
  ['ann', 'ann'],
  ['bob', 'bob'],
  ['carol', 'carol'],
]);

function entries(rights: Rights, path: string): { acl: string[]; remarks: string[] } {
  const remarks: string[] = [];
  const acl = aclOf(rights, path, 'ann', users, remarks).map(
    ({ principal, grant, privileges }) =>
      `${grant ? '+' : '-'}${'name' in principal ? principal.name : principal.kind} ${privileges.map((one) => one.slice(5)).join(' ')}`,
  );
  return { acl, remarks };
}

describe('types', () => {
  for (const [type, expected] of [
    ['owner_only', []],
    ['owner_write', ['+authenticated read']],
    ['authenticated', ['+authenticated read write']],
  ] as const)
    test(type, () => assert.deepEqual(entries(rightsOfType(type), 'ann/work').acl, expected));
});

describe('files', () => {
  const file = (...sections: readonly [user: string, collection: string, permissions: string][]) =>
    rightsOfFile(
      sections
        .map(
          ([user, collection, permissions], index) =>
            `[section ${index}]\nuser = ${user}\ncollection: ${collection}\npermissions: ${permissions}\n`,
        )
        .join('\n'),
    );
  for (const [what, rights, expected] of [
    [
      'the first section that matches counts',
      file(['bob', '.*', ''], ['.+', '.*', 'r']),
      ['-bob read write', '+authenticated read'],
    ],
    [
      '{user} is taken literally',
      file(['.+', '{user}/.*', 'rw'], ['b.b', 'ann/work', 'r']),
      ['+bob read'],
    ],
    [
      'groups of the user',
      file(['(.+)b', '{0}/work', 'rw'], ['carol', 'ann/work', 'rw']),
      ['+carol read write'],
    ],
    ['doubled braces', file(['.{{3}}', '[a-z]{{3}}/work', 'rw']), ['+bob read write']],
    ['the whole has to match', file(['ca', '.*', 'r'], ['carol', 'ann', 'r']), []],
    ['capital letters are of other collections', file(['carol', '.*', 'RW']), []],
    [
      'less than everybody',
      file(['carol', '.*', 'r'], ['.+', '.*', 'rw']),
      ['-carol write', '+authenticated read write'],
    ],
    ['who has not logged in', file(['.*', 'ann/work', 'r']), ['+all read', '+authenticated read']],
    [
      'names of groups as Python writes them',
      file(['(?P<who>b)ob', 'ann/work', 'r']),
      ['+bob read'],
    ],
  ] as const)
    test(what, () => assert.deepEqual(entries(rights, 'ann/work').acl, expected));

  test('what cannot be said is remarked', () => {
    const rights = file(['', 'ann/work', 'rw'], ['ann', 'ann/work', 'r']);
    const { acl, remarks } = entries(rights, 'ann/work');
    assert.deepEqual(acl, ['-carol read write', '-bob read write', '+all read'].slice(2));
    assert.match(remarks.join('\n'), /nobody does without an account/);
    assert.match(remarks.join('\n'), /ann might not write/);
  });

  test('who else might make collections', () => {
    const some = file(['(ann|bob)', 'ann', 'RW'], ['.+', '.*', 'R']);
    assert.deepEqual(makersIn(some, 'ann', users), ['bob']);
    assert.deepEqual(makersIn(file(['.+', '.*', 'RW']), 'ann', users), ['whoever had logged in']);
  });

  test('a section that cannot be read is named', () => {
    assert.throws(() => file(['(', '.*', 'r']), /\[section 0\]/);
    assert.throws(() => file(['.+', '{1x}', 'r']), /\[section 0\]/);
    assert.throws(() => rightsOfFile('[one]\nuser: a\n'), /\[one\] has no collection/);
  });
});

test('configparser: continued values, comments, defaults, doubled percent signs', () => {
  const { defaults, sections } = parseConfiguration(
    '[DEFAULT]\nColor = #ff0000\n; no\n# no\ndescription: 100 %%\n  of it\n\n[calendar]\norder=3\nempty:\n',
  );
  assert.deepEqual(
    [...defaults],
    [
      ['color', '#ff0000'],
      ['description', '100 %\nof it'],
    ],
  );
  assert.equal(sections[0]?.values.get('order'), '3');
  assert.equal(sections[0]?.values.get('empty'), '');
  assert.equal(sections[0]?.values.get('color'), '#ff0000');
  assert.throws(() => parseConfiguration('a = b'), /line 1/);
});
