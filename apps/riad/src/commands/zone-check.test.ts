/** `riad zone check`: what it prints and when it fails; what it judges is in the service’s own tests. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { CollectedOutput } from '../testing/collected-output.ts';
import { run, type ZoneCheckOptions } from './zone-check.ts';

const folder = mkdtempSync(join(tmpdir(), 'riad-zone-check-'));
after(() => rmSync(folder, { recursive: true }));

const text = (serial: number, more: string = ''): string => `$TTL 60
@ SOA ns hostmaster ${serial} 3600 900 2419200 300
  NS ns
  NS ns.elsewhere.test.
ns A 192.0.2.1
${more}`;

function write(name: string, content: string): string {
  const path = join(folder, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, content);
  return path;
}

async function check(
  files: readonly string[],
  options: ZoneCheckOptions = {},
): Promise<{ status: number; text: string }> {
  const output = new CollectedOutput();
  const status = await run(files, options, output);
  return { status, text: output.text.replaceAll(`${folder}/`, '') };
}

describe('riad zone check', () => {
  test('--old: the serial has to be newer, unless it is the server’s to raise', async () => {
    const file = write('a/example.com', text(1, 'x A 192.0.2.2\n'));
    const old = write('old', text(1));
    assert.deepEqual(await check([file], { old, serial: 'auto' }), {
      status: 0,
      text: 'a/example.com: good\n',
    });
    const { status, text: said } = await check([file], { old });
    assert.equal(status, 1);
    assert.match(said, /^a\/example\.com:2:1: example\.com\. had serial 1 and has 1: /);
    const json = JSON.parse((await check([file], { old, json: true })).text);
    assert.equal(json[0].faults[0].code, 'serial.not-newer');
  });

  test('removal and addition', async () => {
    const file = write('b/example.com', text(1));
    const empty = write('b/empty', '');
    const gone = write('c/example.com', '');
    assert.equal((await check([file], { old: empty })).status, 0);
    assert.equal((await check([gone], { old: file })).status, 0);
    assert.equal((await check([gone])).status, 1);
  });

  test('each file is what its name says', async () => {
    const files = [
      write('d/_keys', 'k._update. DNSKEY 0 3 163 c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0\n'),
      write('d/_policy.yaml', 'rules: []\n'),
      write('d/README.md', '# Zones\n'),
      write('d/example.com.zone', text(1)),
    ];
    const { status, text: said } = await check(files);
    assert.equal(status, 0);
    assert.deepEqual(said.trim().split('\n'), [
      'd/_keys: good',
      'd/_policy.yaml: good',
      'd/README.md: the server takes no file of this name for a zone; --origin does',
      'd/example.com.zone: good',
    ]);
    assert.equal((await check([files[2]!], { origin: 'example.com' })).status, 1);
  });

  test('included files lie below the zone’s', async () => {
    write('e/sub/hosts', 'h A 192.0.2.7\n');
    assert.equal(
      (await check([write('e/example.com', text(1, '$INCLUDE sub/hosts\n'))])).status,
      0,
    );
    assert.equal((await check([write('e/example.net', text(1, '$INCLUDE hosts\n'))])).status, 1);
  });

  test('options that make no sense', async () => {
    const file = write('f/example.com', text(1));
    await assert.rejects(check([file, file], { old: file }), /one file/);
    await assert.rejects(check([file], { serial: 'never' }), /auto and file/);
    await assert.rejects(check([file], { origin: 'a..b' }), /no zone’s name/);
  });
});
