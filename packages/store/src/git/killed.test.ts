import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { Random, seed } from '@riad/octets/testing/random';
import { judge } from '../testing/git.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { openGitStore } from './git-store.ts';

const program = join(import.meta.dirname, '../testing/killed-writer.ts');

/** Kills it after so many lines, and gives them. */
async function writeAndKill(folder: string, lines: number): Promise<string[]> {
  const child = spawn(process.execPath, [program, folder, '4'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  let count = 0;
  for await (const chunk of child.stdout.setEncoding('utf8') as AsyncIterable<string>) {
    said += chunk;
    count += chunk.split('\n').length - 1;
    if (count >= lines) child.kill('SIGKILL');
  }
  return said.split('\n').slice(0, -1);
}

test(`kill -9 while it writes loses nothing that was acknowledged (seed ${seed})`, async (t) => {
  const folder = temporaryFolder(t);
  const random = new Random();
  const acknowledged: string[] = [];
  for (let round = 0; round < 3; round++) {
    acknowledged.push(...(await writeAndKill(folder, random.between(1, 200))));
    await using store = await openGitStore({
      repository: `${folder}/store.git`,
      journal: `${folder}/wal`,
      leftLockMs: 0,
    });
    const there = new Set<string>();
    for await (const { message, revision } of store.log()) there.add(`${message} ${revision}`);
    for (const line of acknowledged) assert.ok(there.has(line), `round ${round}: ${line}`);
    await store.seal();
    assert.equal(judge(`${folder}/store.git`).length, there.size);
  }
  assert.ok(acknowledged.length >= 3);
});
