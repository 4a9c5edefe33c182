/** Where named-checkzone judges as well, it finds fault with the same zones. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { parseName } from '@riad/dns/name';
import { readZoneFile } from '@riad/dns/zonefile/reader';
import { CheckedZone } from './checked-zone.ts';
import { checkZone } from './zone-check.ts';

const peer = 'named-checkzone';
const skip = spawnSync(peer, ['-v']).error === undefined ? false : `${peer} is not here`;
const folder = mkdtempSync(join(tmpdir(), 'riad-zone-check-'));
after(() => rmSync(folder, { recursive: true }));

const head = `$TTL 3600
@ SOA ns1 hostmaster 1 7200 3600 1209600 300
@ NS ns1
@ NS ns.elsewhere.example.
ns1 A 192.0.2.1
`;

/** Whether named-checkzone, told to look only into the zone itself, says more than that it is loaded. */
function peerWarns(text: string): boolean {
  const file = join(folder, 'zone');
  writeFileSync(file, text);
  const levels = ['-k', 'warn', '-m', 'warn', '-M', 'warn', '-S', 'warn', '-n', 'warn'];
  const args = [...levels, '-i', 'local', 'zone.example', file];
  const { stdout, stderr } = spawnSync(peer, args, { encoding: 'utf8' });
  return `${stdout}${stderr}`
    .split('\n')
    .some((line) => line !== '' && line !== 'OK' && !/loaded serial/.test(line));
}

function weWarn(text: string): boolean {
  const origin = parseName('zone.example.');
  const zone = new CheckedZone(origin);
  assert.deepEqual(readZoneFile(new TextEncoder().encode(text), { file: 'x', origin }, zone), []);
  return checkZone(zone).length > 0;
}

describe(`the check of a zone beside ${peer}`, { skip }, () => {
  for (const [about, lines, expected] of [
    ['nothing to say', 'www A 192.0.2.2\n', false],
    ['glue that is there', 'sub NS ns.sub\nns.sub A 192.0.2.2\n', false],
    ['glue that is not', 'sub NS ns.sub\n', true],
    ['a delegation to nobody', 'sub NS nobody\n', true],
    ['a delegation to an alias', 'sub NS other\nother CNAME ns1\n', true],
    ['a delegation elsewhere', 'sub NS ns.elsewhere.example.\n', false],
    ['mail to an alias', '@ MX 10 mail\nmail CNAME ns1\n', true],
    ['mail to nobody', '@ MX 10 mail\n', true],
    ['mail to a host', '@ MX 10 mail\nmail AAAA 2001:db8::1\n', false],
    ['no mail', '@ MX 0 .\n', false],
    ['mail to an address', '@ MX 10 192.0.2.1\n', true],
    ['mail through a wildcard', '@ MX 10 mail\n* A 192.0.2.3\n', false],
    ['a service at nobody', '_x._tcp SRV 0 0 80 nobody\n', true],
    ['a service at an alias', '_x._tcp SRV 0 0 80 s\ns CNAME ns1\n', true],
    ['a service there is not', '_x._tcp SRV 0 0 0 .\n', false],
  ] as const) {
    test(about, () => {
      assert.equal(peerWarns(head + lines), expected, peer);
      assert.equal(weWarn(head + lines), expected, 'we');
    });
  }
});
