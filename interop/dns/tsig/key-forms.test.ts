/** The forms in which `riad key` prints a key are read by the programs they are for. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { formatKey } from '@riad/riad/commands/key-forms';
import { peer } from '../../peers.ts';
import { sharedKeys } from './keys.ts';
import { run } from './program.ts';

const folder = mkdtempSync(join(tmpdir(), 'riad-forms-'));
after(() => rmSync(folder, { recursive: true }));
const keys = sharedKeys();

for (const { program, form, before, args } of [
  { program: 'named-checkconf', form: 'bind', before: '', args: [] },
  { program: 'nsd-checkconf', form: 'nsd', before: 'server:\n  username: ""\n', args: [] },
  { program: 'knotc', form: 'knot', before: '', args: ['conf-check'] },
] as const) {
  describe(`${form}, by ${program}`, { skip: peer(program).missing, timeout: 60_000 }, () => {
    const check = async (name: string, text: string) => {
      const path = join(folder, `${form}-${name}`);
      writeFileSync(path, before + text);
      const where = program === 'knotc' ? ['-c', path] : [path];
      return run(peer(program).file, [...where, ...args]);
    };
    for (const { key, algorithm } of keys) {
      test(algorithm, async () => {
        const { status, output } = await check(algorithm, `${formatKey(key, form)}\n`);
        assert.equal(status, 0, output);
      });
    }

    test('and a broken one is not', async () => {
      const text = formatKey(keys[0]!.key, form).replaceAll('hmac-sha1', 'hmac-sha7');
      assert.notEqual((await check('broken', `${text}\n`)).status, 0);
    });
  });
}
