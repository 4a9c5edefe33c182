/** What the README shows is what runs, and the files it names are there. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { collect } from '../src/testing/house.ts';

const folder = join(import.meta.dirname, '..');
const readme = readFileSync(join(folder, 'README.md'), 'utf8');

test('the example runs, and is the one that is shown', async () => {
  const source = readFileSync(join(folder, 'test', 'example.ts'), 'utf8');
  const [, shown] = /```ts\n([\s\S]*?)```/.exec(readme) ?? [];
  assert.equal(shown, source.replace(/^\/\*\*.*\*\/\n/, ''));
  const { response } = await import('./example.ts');
  assert.equal(response.status, 207);
  assert.equal(response.headers['Preference-Applied'], 'return=minimal');
  const text = new TextDecoder().decode(await collect(response.body));
  assert.match(text, /<D:href>\/calendars\/ann\/tasks\/<\/D:href>/);
});

test('every file in its tables is there', () => {
  const files = [...readme.matchAll(/`?((?:src|test)\/[\w./-]+)`?/g)].map(([, file]) => file!);
  assert.ok(files.length > 30);
  for (const file of files) assert.ok(existsSync(join(folder, file)), file);
});
