import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import { setTimeout as after } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { ffiMissing } from './libc.ts';
import { NativeStart } from './native-start.ts';

/** Declares functions as long as it lives: without the gate, terminating it aborts the process. */
const declaring = `
  const { workerData, parentPort } = require('node:worker_threads');
  void (async () => {
    const { NativeStart } = await import(workerData.module);
    const { libc } = await import(workerData.libc);
    const start = new NativeStart(workerData.memory);
    parentPort.postMessage('up');
    for (let i = 0; i < 2_000; i++) start.perform(() => libc().func('int getpid()'));
  })();`;

function startThread(start: NativeStart): Worker {
  const workerData = {
    memory: start.memory,
    module: import.meta.resolve('./native-start.ts'),
    libc: import.meta.resolve('./libc.ts'),
  };
  return new Worker(declaring, { eval: true, workerData });
}

describe('the start of native calls', { timeout: 60_000 }, () => {
  const skip = ffiMissing() ?? false;

  test('a thread can be terminated at any moment of it', { skip }, async () => {
    for (let round = 0; round < 12; round++) {
      const start = new NativeStart();
      const worker = startThread(start);
      await once(worker, 'message');
      await after(round * 3); // from before the library is loaded until well into declaring
      await start.close();
      await worker.terminate();
    }
  });

  test('what is closed does no work', async () => {
    const start = new NativeStart();
    assert.equal(
      start.perform(() => 7),
      7,
    );
    assert.throws(() =>
      start.perform(() => {
        throw new Error('its own');
      }),
    );
    await start.close();
    await start.close();
    const worker = startThread(start);
    const [code] = (await once(worker, 'exit')) as [number];
    assert.equal(code, 0);
  });
});
