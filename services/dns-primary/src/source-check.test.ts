import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, beforeEach, describe, test } from 'node:test';
import { checkFolder, checkRepository } from './source-check.ts';
import { zoneText } from './testing/running-service.ts';

const root = mkdtempSync(join(tmpdir(), 'riad-check-'));
after(() => rmSync(root, { recursive: true }));
let folder = '';
let count = 0;
beforeEach(() => {
  folder = join(root, String(count++));
  mkdirSync(join(folder, 'parts'), { recursive: true });
});
const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);
const two = '  NS ns.elsewhere.example.\n';

function writeZones(): void {
  write('good.example', zoneText(1, '192.0.2.1').replace('  NS ns\n', `  NS ns\n${two}`));
  write('parts/hosts', 'h A 192.0.2.2\n');
  write('remarkable.example', `${zoneText(1, '192.0.2.1')}$INCLUDE parts/hosts\n@ MX 1 nobody\n`);
  write('empty.example', '');
  write('broken.example', `${zoneText(1, '192.0.2.1')}x A 192.0.2\ny AAAA nonsense\n`);
  write('no-apex.example', '$TTL 60\nwww A 192.0.2.1\n');
  write('README.md', 'not a zone');
}

function judge({ complaints, remarks }: ReturnType<typeof checkFolder>): void {
  const places = complaints.map((line) =>
    /([\w-]+\.example)((:\d+)*):/.exec(line)?.slice(1, 3).join(''),
  );
  assert.deepEqual(places, [
    'broken.example:6:5',
    'broken.example:7:8',
    'empty.example:1:1',
    'no-apex.example:0:1',
  ]);
  assert.equal(remarks.length, 2, remarks.join('\n'));
  assert.match(remarks[0]!, /remarkable\.example:3:1: the zone has one name server only/);
  assert.match(remarks[1]!, /remarkable\.example:7:1: /);
}

describe('riad check of zones', { timeout: 60_000 }, () => {
  test('a folder', () => {
    writeZones();
    judge(checkFolder(folder));
    write('GOOD.example', 'x');
    assert.match(checkFolder(folder).complaints.join('\n'), /is the same zone as .*GOOD\.example/);
    const { complaints } = checkFolder(join(folder, 'absent'));
    assert.match(complaints.join('\n'), /absent: ENOENT/);
  });

  test('keys and policy beside the zones', () => {
    write('good.example', zoneText(1, '192.0.2.1').replace('  NS ns\n', `  NS ns\n${two}`));
    write('_keys', 'k._update. DNSKEY 0 3 163 c2VjcmV0IG9mIDE2IG9jdGV0cw==\n');
    write('good.example._keys', 'k._notify DNSKEY 0 3 163 c2hvcnQ=\nx DNSKEY 0 3 157 AAAA\n');
    write('_policy.yaml', 'rules:\n  - keys: "*"\n    until: 2027\n');
    const { complaints, remarks } = checkFolder(folder);
    assert.equal(complaints.length, 2, complaints.join('\n'));
    assert.match(complaints[0]!, /_policy\.yaml:3:5: unknown key "until"/);
    assert.match(complaints[1]!, /good\.example\._keys:2:14: x\.good\.example\.: HMAC-MD5/);
    assert.equal(remarks.length, 1, remarks.join('\n'));
    assert.match(remarks[0]!, /good\.example\._keys:1:1: .* less than 16 octets/);
  });

  test('keys in a repository are remarked upon, for all who have it can read them', () => {
    const git = (...words: string[]): void =>
      void execFileSync(
        'git',
        ['-c', 'user.name=Somebody', '-c', 'user.email=somebody@example.com', ...words],
        { cwd: folder },
      );
    write('_keys', 'k._update. DNSKEY 0 3 163 c2VjcmV0IG9mIDE2IG9jdGV0cw==\n');
    git('init', '--quiet', '--initial-branch', 'main');
    git('add', '--all');
    git('commit', '--quiet', '--message', 'keys');
    const { complaints, remarks } = checkRepository(folder, 'main');
    assert.deepEqual(complaints, []);
    assert.match(remarks.join('\n'), /everybody who has the repository/);
    assert.doesNotMatch(remarks.join('\n'), /c2Vj/);
  });

  test('a repository: what is committed', () => {
    writeZones();
    const git = (...words: string[]): void =>
      void execFileSync(
        'git',
        ['-c', 'user.name=Somebody', '-c', 'user.email=somebody@example.com', ...words],
        { cwd: folder },
      );
    git('init', '--quiet', '--initial-branch', 'main');
    git('add', '--all');
    git('commit', '--quiet', '--message', 'zones');
    write('broken.example', zoneText(2, '192.0.2.1'));
    judge(checkRepository(folder, 'main'));
    assert.equal(checkRepository(folder, 'other').complaints.length, 1);
    assert.equal(checkRepository(join(root, 'absent'), 'main').complaints.length, 1);
  });
});
