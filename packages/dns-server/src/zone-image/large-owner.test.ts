/** Names with thousands of records: each change of one has to stay cheap. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  emptyImage,
  hostZone,
  linesOf,
  recordsOf,
  sha1,
  sortedLines,
} from '../testing/built-zone.ts';
import { commitChanges } from './zone-commit.ts';

const head = '@ 60 SOA ns h 1 2 3 4 5\n@ 60 NS ns\n';

test('thousands of records leave one name in one commit', () => {
  const lines: string[] = [];
  for (let i = 0; i < 3000; i++) lines.push(`big 60 A 10.0.${i >> 8}.${i & 255}\n`);
  for (let i = 0; i < 1500; i++) lines.push(`big 60 MX ${i} Mail.zone.example.\n`);
  const image = emptyImage();
  const apex = hostZone(image, 'zone.example.', head + lines.join(''));
  const gone = lines.filter((_, i) => i % 3 !== 0);
  const removals = recordsOf('zone.example.', gone.join('').replaceAll('Mail', 'mAIL'));
  const outcome = commitChanges(image, apex, removals, [], sha1, true);
  assert.ok(outcome.ok && outcome.removed === removals.length);
  const kept = lines.filter((_, i) => i % 3 === 0);
  assert.deepEqual(
    linesOf(image, apex),
    sortedLines(recordsOf('zone.example.', head + kept.join(''))),
  );
  // Once more: nothing of it is there, and the same removal twice counts once.
  const again = commitChanges(image, apex, removals, [], sha1, true);
  assert.ok(!again.ok && again.code === 'commit.inexact');
  const twice = recordsOf(
    'zone.example.',
    kept
      .slice(0, 400)
      .flatMap((line) => [line, line])
      .join(''),
  );
  const once = commitChanges(image, apex, twice, [], sha1);
  assert.ok(once.ok && once.removed === 400);
});
