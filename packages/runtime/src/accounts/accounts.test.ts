import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { getPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import type { AccountCode, AccountError } from './account-error.ts';
import { Accounts, maxAppPasswords } from './accounts.ts';
import { maxFailures } from './failed-logins.ts';
import { LoginCheck, type LoginParts, rememberedMs } from './login.ts';
import { hashPassword, maxHashesWaiting, maxHashing, verifyPassword } from './password-hash.ts';

const folder = mkdtempSync(join(tmpdir(), 'riad-accounts-'));
after(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;

function open(): { accounts: Accounts; file: string; clock: { seconds: number } } {
  const file = join(folder, String(files++), 'accounts.sqlite');
  const clock = { seconds: 1_700_000_000 };
  return { accounts: new Accounts(file, () => clock.seconds), file, clock };
}

const refused =
  (code: AccountCode) =>
  (error: unknown): boolean =>
    (error as AccountError).code === code;

describe('users', () => {
  test('are found by name and by address, whatever their case', async () => {
    const { accounts, file } = open();
    using _ = accounts;
    await accounts.addUser({ name: 'ann', emailAddresses: ['Ann@Example.org', 'a@example.net'] });
    assert.equal(accounts.find('ANN@example.ORG')?.name, 'ann');
    assert.deepEqual(accounts.user('ann')?.emailAddresses, ['ann@example.org', 'a@example.net']);
    assert.equal(accounts.find('nobody'), undefined);
    assert.equal(statSync(file).mode & 0o777, 0o600);
  });

  test('share their names with groups, and with no address of another', async () => {
    const { accounts } = open();
    using _ = accounts;
    accounts.addGroup('staff');
    await accounts.addUser({ name: 'ann', emailAddresses: ['bob@example.org'] });
    await assert.rejects(accounts.addUser({ name: 'staff' }), refused('account.exists'));
    await assert.rejects(accounts.addUser({ name: 'ann' }), refused('account.exists'));
    await assert.rejects(accounts.addUser({ name: 'bob@example.org' }), refused('account.exists'));
    assert.throws(() => accounts.addGroup('ann'), refused('account.exists'));
    // A failed change leaves nothing behind.
    await accounts.addUser({ name: 'bob' });
    const change = { displayName: 'Bob', emailAddresses: ['bob@example.org'] };
    assert.throws(() => accounts.changeUser('bob', change), refused('account.exists'));
    assert.equal(accounts.user('bob')?.displayName, 'bob');
  });

  for (const name of [
    '',
    'Ann',
    '../ann',
    'a/b',
    'a b',
    '.ann',
    'ä',
    'a..b',
    'x'.repeat(65),
    'a\n',
  ])
    test(`cannot be called ${JSON.stringify(name)}`, async () => {
      const { accounts } = open();
      using _ = accounts;
      await assert.rejects(accounts.addUser({ name }), refused('account.name'));
    });

  test('go with all that is theirs', async () => {
    const { accounts } = open();
    using _ = accounts;
    await accounts.addUser({ name: 'ann', emailAddresses: ['ann@example.org'] });
    accounts.addGroup('staff', 'Staff');
    accounts.addMember('staff', 'ann');
    const password = accounts.addAppPassword('ann', 'phone');
    assert.deepEqual(accounts.groupsOf('ann'), ['staff']);
    accounts.removeUser('ann');
    assert.deepEqual(accounts.group('staff')?.members, []);
    assert.equal(accounts.find('ann@example.org'), undefined);
    await accounts.addUser({ name: 'ann' });
    assert.equal(accounts.deviceOf('ann', password), undefined);
  });
});

describe('passwords', () => {
  test('are argon2id strings that nothing else verifies', async () => {
    const hash = await hashPassword('grüße:aus:Köln');
    assert.match(hash, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    assert.equal(await verifyPassword('grüße:aus:Köln', hash), true);
    assert.equal(await verifyPassword('gruesse:aus:Koeln', hash), false);
    assert.equal(await verifyPassword('x', undefined), false);
    assert.equal(await verifyPassword('x', '$argon2id$nonsense'), false);
  });

  test('are computed by threads that let others go first', {
    skip: process.platform !== 'linux' && 'only Linux gives each thread a priority',
  }, async () => {
    await verifyPassword('x', undefined);
    // proc(5): the 19th field, the 17th behind the name in parentheses.
    const nice = readdirSync('/proc/self/task').map((id) =>
      Number(readFileSync(`/proc/self/task/${id}/stat`, 'utf8').split(') ')[1]!.split(' ')[16]),
    );
    assert.equal(Math.max(...nice), Math.min(19, getPriority() + 10));
  });

  test('are computed a few at a time, and then refused', async () => {
    const asked = maxHashing + maxHashesWaiting + 3;
    const all = await Promise.allSettled(
      Array.from({ length: asked }, () => verifyPassword('x', undefined)),
    );
    assert.equal(all.filter(({ status }) => status === 'rejected').length, 3);
  });

  test('of devices are theirs alone, and typed as people type', async () => {
    const { accounts, clock } = open();
    using _ = accounts;
    await accounts.addUser({ name: 'ann' });
    await accounts.addUser({ name: 'bob' });
    const password = accounts.addAppPassword('ann', 'Ann’s phone');
    assert.match(password, /^([a-z2-9]{4}-){4}[a-z2-9]{4}$/);
    const typed = ` ${password.toUpperCase().replaceAll('-', ' ')}`;
    assert.equal(accounts.deviceOf('ann', typed), 'Ann’s phone');
    assert.equal(accounts.deviceOf('bob', password), undefined);
    accounts.used('ann', 'Ann’s phone', '192.0.2.1', 'DAVx5');
    clock.seconds += 5;
    accounts.used('ann', 'Ann’s phone', '192.0.2.2', 'DAVx5'); // too soon to be written
    assert.equal(accounts.appPasswords('ann')[0]?.usedAddress, '192.0.2.1');
    const again = accounts.addAppPassword('ann', 'Ann’s phone');
    assert.equal(accounts.deviceOf('ann', password), undefined);
    accounts.removeAppPassword('ann', 'Ann’s phone');
    assert.equal(accounts.deviceOf('ann', again), undefined);
    for (let i = 0; i < maxAppPasswords; i++) accounts.addAppPassword('ann', `device ${i}`);
    assert.throws(() => accounts.addAppPassword('ann', 'one more'), refused('account.limit'));
  });
});

describe('logging in', () => {
  type Made = { check: LoginCheck; accounts: Accounts; clock: { ms: number }; file: string };
  async function make(parts: Partial<LoginParts> = {}): Promise<Made> {
    const { accounts, file } = open();
    await accounts.addUser({
      name: 'ann',
      emailAddresses: ['ann@example.org'],
      password: 'a:b:c:d:e',
    });
    const clock = { ms: 0 };
    return {
      accounts,
      file,
      clock,
      check: new LoginCheck({ accounts, now: () => clock.ms, ...parts }),
    };
  }

  test('D6, D7 with name or address, a colon in the password, or a device’s own', async () => {
    const { check, accounts } = await make({ domain: 'example.com' });
    using _ = accounts;
    const own = { kind: 'in', user: 'ann', device: undefined };
    for (const name of ['ann', 'Ann', 'ann@example.org', 'ANN@example.com'])
      assert.deepEqual(await check.check(name, 'a:b:c:d:e', '192.0.2.1'), own);
    const password = accounts.addAppPassword('ann', 'phone');
    const device = { kind: 'in', user: 'ann', device: 'phone' };
    assert.deepEqual(await check.check('ann', password, '192.0.2.1', 'DAVx5'), device);
    assert.equal(accounts.appPasswords('ann')[0]?.usedAgent, 'DAVx5');
    assert.deepEqual(await check.check('ann', 'wrong', '192.0.2.1'), { kind: 'wrong' });
    assert.deepEqual(await check.check('bob', 'wrong', '192.0.2.1'), { kind: 'wrong' });
  });

  test('D8: a name that nobody has costs what a wrong password costs', async () => {
    const { check, accounts } = await make();
    using _ = accounts;
    // While no more can be computed both are told so: neither is answered without computing.
    const others = Array.from({ length: maxHashing + maxHashesWaiting }, () =>
      verifyPassword('x', undefined),
    );
    for (const name of ['ann', 'nobody'])
      assert.deepEqual(await check.check(name, 'wrong', '192.0.2.1'), { kind: 'busy' }, name);
    await Promise.all(others);
    for (const name of ['ann', 'nobody'])
      assert.deepEqual(await check.check(name, 'wrong', '192.0.2.1'), { kind: 'wrong' }, name);
  });

  test('what was right is remembered until something changes', async () => {
    const { check, accounts, clock, file } = await make();
    using _ = accounts;
    const log = (): Promise<{ kind: string }> => check.check('ann', 'a:b:c:d:e', '192.0.2.1');
    assert.equal((await log()).kind, 'in');
    {
      using other = new Accounts(file); // another process
      other.changeUser('ann', { disabled: true });
    }
    clock.ms += 50;
    assert.equal((await log()).kind, 'wrong');
    accounts.changeUser('ann', { disabled: false });
    assert.equal((await log()).kind, 'in');
    await accounts.setPassword('ann', 'something else');
    check.changed();
    assert.equal((await log()).kind, 'wrong');
    clock.ms += rememberedMs;
  });

  test('an address that guesses is not listened to, others are', async () => {
    const { check, accounts, clock } = await make();
    using _ = accounts;
    assert.equal((await check.check('ann', 'a:b:c:d:e', '2001:db8::1')).kind, 'in');
    for (let i = 0; i < maxFailures; i++)
      assert.equal((await check.check('ann', `guess ${i}`, `2001:db8::${i + 2}`)).kind, 'wrong');
    const now = await check.check('ann', 'one more', '2001:db8::ffff');
    assert.equal(now.kind, 'too-often');
    assert.equal((await check.check('ann', 'one more', '2001:db8:0:1::1')).kind, 'wrong');
    // Who was right before is not shut out by a neighbour who guesses.
    assert.equal((await check.check('ann', 'a:b:c:d:e', '2001:db8::1')).kind, 'in');
    clock.ms += 7000;
    assert.equal((await check.check('ann', 'one more', '2001:db8::ffff')).kind, 'wrong');
  });

  test('trust on first use makes who is not there, and keeps who is', async () => {
    const made: string[] = [];
    const { check, accounts } = await make({
      trustOnFirstUse: true,
      made: async (user) => void made.push(user),
    });
    using _ = accounts;
    assert.equal((await check.check('Carol', 'long enough', '192.0.2.1')).kind, 'in');
    assert.equal((await check.check('carol', 'another one', '192.0.2.1')).kind, 'wrong');
    assert.equal((await check.check('dave', 'short', '192.0.2.1')).kind, 'wrong');
    assert.deepEqual(made, ['carol']);
  });
});
