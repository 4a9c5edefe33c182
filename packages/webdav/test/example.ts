/** The example of the README. */
import { handle } from '@riad/webdav/handle';
import { LockTable } from '@riad/webdav/locks/lock-table';
import type { DavResponse } from '@riad/webdav/request';
import { MemoryDirectory, userNamed } from '@riad/webdav/testing/memory-directory';
import { blobId, MemoryStorage } from '@riad/webdav/testing/memory-storage';

const engine = {
  storage: new MemoryStorage(), // a service gives it git and an index
  directory: new MemoryDirectory([userNamed('ann')]),
  locks: new LockTable(), // with the locks that were kept, and a function that keeps changes
  blobId,
  random: (length: number) => crypto.getRandomValues(new Uint8Array(length)),
  pause: () => new Promise<void>((resolve) => setImmediate(resolve)),
};

export const response: DavResponse = await handle(engine, {
  method: 'PROPFIND',
  target: '/calendars/ann/',
  headers: { depth: ['1'], prefer: ['return=minimal'] },
  body: new Uint8Array(0), // all of it, or a stream where the method is PUT
  user: 'ann', // who has logged in; undefined: nobody
  device: 'telephone',
  baseUrl: 'https://dav.example.org',
  secure: true,
  requestId: '7',
  nowSeconds: 1_800_000_000,
});
// { status: 207, headers: { 'Content-Type': 'application/xml; charset=utf-8', … }, body: … }
