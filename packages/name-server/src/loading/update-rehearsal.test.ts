/** The rehearsal does what a real update does, or it would compile nothing. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sha1 } from '@riad/dns-server/testing/built-zone';
import { rehearseUpdates } from './update-rehearsal.ts';

test('each update of the rehearsal changes its zone', () => {
  assert.deepEqual(
    rehearseUpdates(sha1).map(({ rcode, serial }) => [rcode, serial]),
    [
      [0, 2],
      [0, 3],
      [0, 4],
    ],
  );
});
