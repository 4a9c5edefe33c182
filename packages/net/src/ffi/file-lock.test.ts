import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { lockFile } from './file-lock.ts';
import { ffiMissing } from './libc.ts';

const folder = mkdtempSync(join(tmpdir(), 'riad-lock-'));
after(() => rmSync(folder, { recursive: true }));
const module = new URL('./file-lock.ts', import.meta.url).href;

/** Another process that takes the lock, says so, and holds it until its input ends. */
async function holder(path: string, environment: Record<string, string>) {
  const script = `import { lockFile } from ${JSON.stringify(module)};
    const lock = lockFile(${JSON.stringify(path)});
    process.stdout.write(lock === undefined ? 'none' : 'held');
    process.stdin.on('end', () => lock?.[Symbol.dispose]());
    process.stdin.resume();`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    env: { PATH: '/usr/bin', ...environment },
  });
  const [word] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, word: word.toString() };
}

test('one holder at a time, in this process too', () => {
  const path = join(folder, 'own');
  {
    using first = lockFile(path);
    assert.ok(first);
    assert.equal(lockFile(path), undefined);
  }
  using again = lockFile(path);
  assert.ok(again);
});

for (const [how, environment] of [
  ['flock', {}],
  ['a file beside it', { RIAD_FFI: 'off' }],
] as const) {
  const skip = how === 'flock' ? (ffiMissing() ?? false) : false;
  test(`between processes: ${how}`, { skip, timeout: 30_000 }, async () => {
    const path = join(folder, how);
    const first = await holder(path, environment);
    assert.equal(first.word, 'held');
    const second = await holder(path, environment);
    assert.equal(second.word, 'none');
    second.child.stdin.end();
    first.child.stdin.end();
    await once(first.child, 'close');
    const third = await holder(path, environment);
    assert.equal(third.word, 'held');
    third.child.stdin.end();
    await once(third.child, 'close');
  });
}

test('a holder that is killed holds nothing', { skip: ffiMissing() ?? false }, async () => {
  const path = join(folder, 'killed');
  const { child, word } = await holder(path, {});
  assert.equal(word, 'held');
  child.kill('SIGKILL');
  await once(child, 'close');
  using lock = lockFile(path);
  assert.ok(lock);
});
