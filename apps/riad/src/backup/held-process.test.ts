import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, beforeEach, describe, test } from 'node:test';
import { whileHeld } from './held-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'riad-held-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const file = join(folder, 'written');

/** Two threads that append to a file, without a pause. */
const writer = `
const { Worker } = require('node:worker_threads');
const { appendFileSync } = require('node:fs');
const file = process.argv[1];
const other = 'const { workerData } = require("node:worker_threads"); const { appendFileSync } = require("node:fs"); setInterval(() => appendFileSync(workerData, "b"), 0)';
new Worker(other, { eval: true, workerData: file });
setInterval(() => appendFileSync(file, 'a'), 0);
`;

let child: ChildProcess;
beforeEach(async () => {
  rmSync(file, { force: true });
  child = spawn(process.execPath, ['-e', writer, file], { stdio: 'ignore' });
  await until(() => /a/.test(read()) && /b/.test(read()));
});
afterEach(async () => {
  const closed = once(child, 'close');
  child.kill('SIGKILL');
  await closed;
});

function size(): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

function read(): string {
  return existsSync(file) ? readFileSync(file, 'latin1') : '';
}

function grows(from: number): Promise<void> {
  return until(() => size() > from);
}

async function until(met: () => boolean): Promise<void> {
  const end = performance.now() + 20_000;
  while (!met()) {
    if (performance.now() > end) throw new Error('nothing is written');
    await new Promise((resume) => setTimeout(resume, 5));
  }
}

function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

describe('a process that is held', () => {
  test('writes nothing meanwhile, in no thread, and goes on afterwards', async () => {
    const { result, heldMs } = await whileHeld(child.pid!, 'it', () => {
      const before = size();
      pause(100);
      return [before, size()];
    });
    assert.equal(result[0], result[1]);
    assert.ok(heldMs >= 100);
    await grows(result[1]!);
  });

  test('goes on when the work fails', async () => {
    const fails = (): never => {
      throw new Error('no room');
    };
    await assert.rejects(whileHeld(child.pid!, 'it', fails), /no room/);
    await grows(size());
  });

  test('goes on when the work takes too long, which is told', async () => {
    const work = whileHeld(child.pid!, 'it', () => pause(400), 200);
    await assert.rejects(work, /longer than 0\.2 s/);
    await grows(size());
  });

  test('goes on when the one who holds it is killed', async () => {
    const module = join(import.meta.dirname, 'held-process.ts');
    const script = `import { whileHeld } from ${JSON.stringify(module)};
await whileHeld(${child.pid}, 'it', () => process.kill(process.pid, 'SIGKILL'), 300);`;
    const holder = spawn(process.execPath, ['--input-type=module', '-e', script]);
    const [, signal] = (await once(holder, 'close')) as [number | null, string | null];
    assert.equal(signal, 'SIGKILL');
    await grows(size());
  });
});
