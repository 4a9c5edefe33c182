/** Keys, policy and addresses that decide who may do what, as the service reads them. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { everyone, keysOnly } from '@riad/dns-server/access/address-list';
import { silentLog } from '@riad/runtime/logging/log';
import { AccessControl } from '../control/access-control.ts';
import { AccessFiles } from './access-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'riad-access-'));
after(() => rmSync(folder, { recursive: true }));

test('addresses of riad.yaml count where there is no key and no policy, and keys come and go', async () => {
  const access = new AccessControl(silentLog);
  const addresses = { ...keysOnly, transfer: everyone };
  const heard: number[] = [];
  const files = new AccessFiles({
    folder,
    stateDirectory: join(folder, 'state'),
    originIsRoot: false,
    addresses,
    access,
    changed: ({ added, removed }) => heard.push(added.length - removed.length),
    log: silentLog,
  });
  await files.look();
  assert.deepEqual(access.rules.addresses, addresses);
  assert.deepEqual([heard, access.ring.size], [[0], 0]);
  await files.look();
  assert.equal(heard.length, 1, 'nothing has changed');
  writeFileSync(
    join(folder, '_keys'),
    'k._update. DNSKEY 0 3 163 c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0\n',
  );
  await files.look();
  rmSync(join(folder, '_keys'));
  await files.look();
  assert.deepEqual([heard, access.ring.size], [[0, 1, -1], 0]);
});
