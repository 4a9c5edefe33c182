import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, describe, test } from 'node:test';
import type { AccountError } from './account-error.ts';
import { Accounts } from './accounts.ts';
import { LoginCheck } from './login.ts';
import { oldHashRefusal, verifyOldHash } from './old-hash.ts';
import { parseUnixCrypt } from './unix-crypt.ts';

const folder = mkdtempSync(join(tmpdir(), 'riad-old-hash-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const umlauts = 'grüße:aus Köln';
const of32 = '01234567890123456789012345678901';
const of64 = '0123456789012345678901234567890123456789012345678901234567890123';

describe('crypt(3) as others compute it', () => {
  // 2026-11-26, `openssl passwd -apr1|-5|-6 -salt … PASSWORD`, OpenSSL 3.0; the long one is of the specification of 2008.
  for (const [password, hash] of [
    [umlauts, '$apr1$saltSALT$oHZ3hlU8lMWmkPSxr2NNj/'],
    [of32, '$apr1$saltSALT$xueknSrMxSe0BvZ.WxwzN.'],
    [of64, '$apr1$saltSALT$EtcC54OHhH0AVFgCd.eO//'],
    [umlauts, '$5$saltSALT$EZdfEf5QaX6w8iN4IsARFSXYS3dE3Uu2.QQV5DwSo45'],
    [of32, '$5$saltSALT$XSwvBAxNEmZmsvnbre83z8Fic1EdTSLnGYbS92/v.FA'],
    [of64, '$5$saltSALT$pA8Q.Gux/dhEwiScYGuUHH0bY8ss6Qvh8ZQjZVRiqhA'],
    [
      umlauts,
      '$6$saltSALT$mAPSXYYoz2718LxSglDARtV0.Cl81CwCj/Fs.kC2Y50hFjTYCA0sGx5rF4ESo9Qs8z8rwPZYILx0XmiYSszyi0',
    ],
    [
      of64,
      '$6$saltSALT$vBAB7uq6WkZK/DQ641TOK6sfqZQSO2tDPdi/GmPCBufCpURSDcquO2uCWBuBspZkn0Yc1J/BNh/woRwsrb2Vn.',
    ],
    [
      'a very much longer text to encrypt.  This one even stretches over morethan one line.',
      '$6$rounds=1400$anotherlongsalts$POfYwTEok97VWcjxIiSOjiykti.o/pQs.wPvMxQ6Fm7I6IoYN3CmLs66x9t0oSwbtEW7o7UmJEiDwGqd8p4ur1',
    ],
  ] as const)
    test(hash.slice(0, 24), () => {
      const crypt = parseUnixCrypt(hash);
      assert.equal(crypt?.compute(Buffer.from(password)), crypt?.expected);
      assert.notEqual(crypt?.compute(Buffer.from(`${password}x`)), crypt?.expected);
    });
});

/** `htpasswd -nbB -C 5`, Apache 2.4; Robur’s form after its description. */
const hashes = {
  bcrypt: '$2y$05$2vbZxVfSi8diW19RYSfI6u6V9JZ44bPUYCjv/UpeSDo5TvFmRHJde',
  apache: '$apr1$saltSALT$oHZ3hlU8lMWmkPSxr2NNj/',
  robur: '$robur$c2FsdHNhbHRzYWx0c2FsdA==$/kU56SkAVMjujXzIo/p4N88w0Q+czqGPpBaG8Nd+B2Y=',
} as const;

for (const [form, hash] of Object.entries(hashes))
  test(`a password in the form of ${form} is verified`, async () => {
    assert.equal(await verifyOldHash(umlauts, hash), true);
    assert.equal(await verifyOldHash('grüße', hash), false);
  });

for (const [what, hash, why] of [
  ['a form nobody knows', '$y$j9T$abc$def', /unknown form/],
  ['DES', 'rl0uE7rD9y8xU', /unknown form/],
  ['a salt that ends the line', '$robur$a\nb$x', /unknown form/],
  ['a cost beyond reason', `$2b$31$${'a'.repeat(53)}`, /cost/],
  ['rounds beyond reason', `$6$rounds=99999999$salt$${'a'.repeat(86)}`, /rounds/],
  ['SHA-512 with the length of SHA-256', `$6$salt$${'a'.repeat(43)}`, /unknown form/],
] as const)
  test(`not taken over: ${what}`, () => assert.match(oldHashRefusal(hash) ?? '', why));

test('U6 passwords are hashed anew at the first login, and only then', async () => {
  const file = join(folder, 'accounts.sqlite');
  using accounts = new Accounts(file);
  const kept = (): string | undefined => {
    using database = new DatabaseSync(file, { readOnly: true });
    const row = database.prepare("SELECT password FROM users WHERE name = 'ann'").get();
    return (row as { password?: string } | undefined)?.password;
  };
  await accounts.addUser({ name: 'ann', passwordHash: hashes.robur });
  assert.equal(accounts.user('ann')?.hasOldPassword, true);
  const login = new LoginCheck({ accounts, now: () => 0 });
  assert.equal((await login.check('ann', 'grüße', '192.0.2.1')).kind, 'wrong');
  assert.equal(kept(), hashes.robur);
  assert.equal((await login.check('ann', umlauts, '192.0.2.1')).kind, 'in');
  assert.match(kept() ?? '', /^\$argon2id\$/);
  assert.equal(accounts.user('ann')?.hasOldPassword, false);
  // From another process, and by our own form.
  using again = new Accounts(file);
  assert.equal(await again.verify('ann', umlauts), true);
  assert.equal(await again.verify('ann', 'grüße'), false);
});

test('U6 what cannot be verified is not taken for a password', async () => {
  using accounts = new Accounts(join(folder, 'refused.sqlite'));
  await assert.rejects(
    accounts.addUser({ name: 'ann', passwordHash: 'secret' }),
    (error) => (error as AccountError).code === 'account.password',
  );
  assert.equal(accounts.user('ann'), undefined);
});

test('U6 a password of few octets goes on as it was', async () => {
  using accounts = new Accounts(join(folder, 'short.sqlite'));

  await accounts.addUser({
    name: 'bob',
    passwordHash: `$robur$salt$${createHash('sha256').update('salt-abc').digest('base64')}`,
  });
  assert.equal(await accounts.verify('bob', 'abc'), true);
  assert.equal(await accounts.verify('bob', 'abc'), true);
});
