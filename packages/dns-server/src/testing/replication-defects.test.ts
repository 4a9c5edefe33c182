/**
 * Tests are worth what they notice. Each deliberate defect in updates, signatures, NOTIFY, transfers and
 * copies of zones is put in, and the test that is named beside it has to fail, by an assertion.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { defects } from './replication-defects/defects.ts';
import { mostMs, root, runWith } from './replication-defects/run-defect.ts';

test('each defect changes what stands there once, and has a sentence of its own', () => {
  for (const { changes } of defects) {
    for (const { file, from, to } of changes) {
      const count = readFileSync(join(root, file), 'utf8').split(from).length - 1;
      assert.equal(count, 1, `${file}: ${from}`);
      assert.notEqual(from, to);
    }
  }
  assert.equal(new Set(defects.map(({ what }) => what)).size, defects.length);
});

describe('put in, and noticed:', { concurrency: 2 }, () => {
  const cache = mkdtempSync(join(tmpdir(), 'riad-compiled-'));
  after(() => rmSync(cache, { recursive: true, force: true }));
  for (const { what, changes, noticedBy, crashes = false } of defects) {
    test(what, { timeout: mostMs + 10_000 }, async () => {
      const verdict = await runWith(changes, noticedBy, cache);
      assert.equal(verdict.kind, 'noticed', 'why' in verdict ? verdict.why : noticedBy.test);
      assert.ok(verdict.asserted || crashes, `not by an assertion: ${verdict.why}`);
    });
  }
});
