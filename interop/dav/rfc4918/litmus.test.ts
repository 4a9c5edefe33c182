/** litmus, the test suite for WebDAV servers, over a few lines of HTTP: all of it passes. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { House } from '@riad/webdav/testing/house';
import { httpShell } from '@riad/webdav/testing/http-shell';
import { peer } from '../../peers.ts';

const litmus = peer('litmus');

test('litmus: basic, copymove, props, locks, http', { skip: litmus.missing }, async () => {
  const server = httpShell({ ...new House().engine, pause: () => setImmediate() });
  const folder = mkdtempSync(join(tmpdir(), 'riad-litmus-')); // it leaves its logs where it runs
  try {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}/files/ann/`;
    const child = spawn(litmus.file, ['-k', url, 'ann', 'any password'], {
      cwd: folder,
      env: { ...process.env, TESTS: 'basic copymove props locks http' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    const [status] = await once(child, 'close');
    const summaries = said.match(/summary for .*/g) ?? [];
    assert.equal(summaries.length, 5, said);
    for (const summary of summaries) assert.match(summary, / 0 failed/, said);
    assert.doesNotMatch(said, /SKIPPED|WARNING/, said);
    assert.equal(status, 0, said);
  } finally {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
