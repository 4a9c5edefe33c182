/** The example of the README runs, and every file its table names is there. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { calendar, event, seconds } from './testing/objects.ts';

const folder = join(import.meta.dirname, '..');
const readme = readFileSync(join(folder, 'README.md'), 'utf8');

test('its example gives what its comments say', async () => {
  const [, example = ''] = /```ts\n([\s\S]*?)```/.exec(readme) ?? [];
  const own = (path: string): string => new URL(`./${path}.ts`, import.meta.url).href;
  const imports = example.replace(
    /'@riad\/calendar\/([^']+)'/g,
    (_, path: string) => `'${own(path)}'`,
  );
  const [head = '', body = ''] = imports.split('\n\n');
  const source = `${head}\nexport function run(octets, from, to) {\n${body}\nreturn checked;\n}`;
  // The only types in it.
  const code = source.replaceAll(')!', ')');
  const module = (await import(`data:text/javascript,${encodeURIComponent(code)}`)) as {
    run: (
      octets: Uint8Array,
      from: number,
      to: number,
    ) => { ok: boolean; sentence?: string; facts?: object };
  };
  const range = [seconds('20260101T000000Z'), seconds('20270101T000000Z')] as const;
  const good = module.run(calendar(event('DTSTART;VALUE=DATE:20260228')), ...range);
  assert.deepEqual(Object.keys(good.facts ?? {}), [
    'uid',
    'component',
    'earliestSeconds',
    'latestSeconds',
  ]);
  const bad = module.run(calendar(event('DTSTART;VALUE=DATE:20260230')), ...range);
  assert.ok(readme.includes(`// ${bad.sentence}`), `${bad.sentence}`);
});

test('its tables name files that exist', () => {
  for (const [, file = ''] of readme.matchAll(/\| (src\/[a-z0-9/.-]*)/g)) {
    assert.ok(existsSync(join(folder, file)), file);
  }
  for (const [, name = ''] of readme.matchAll(/`([a-z-]+\/[a-z-]*(?:\.ts)?)`/g)) {
    assert.ok(existsSync(join(folder, 'src', name)), name);
  }
});
