/**
 * A process that writes into a calendar for ever and says what was acknowledged, one line each, until it is
 * killed: writer, name, ETag (or nothing after a deletion), and the sync state afterwards.
 *
 *     node killed-writer.ts FOLDER WRITERS
 */
import { writeSync } from 'node:fs';
import { blobId } from '@riad/store/blob';
import type { Operation } from '@riad/webdav/storage/storage';
import { openCalendarStorage } from '../calendar-storage.ts';
import { describeLine } from './literal-storage.ts';
import { ann, begin, event, put, syncState, work } from './opened.ts';

const [, , folder = '', writers = '8'] = process.argv;
const storage = await openCalendarStorage({
  folder,
  describe: describeLine,
  store: { segmentOctets: 1 << 18, seal: { idleMs: 5, oldestMs: 30 }, leftLockMs: 0 },
});
await storage.ready;
if ((await (await storage.view()).resource(work)) === undefined) await begin(storage);

async function write(writer: number): Promise<void> {
  for (let number = 0; ; number++) {
    const name = `w${writer}-${number % 10}.ics`;
    const path = [...work, name];
    const there = (await (await storage.view()).resource(path)) !== undefined;
    const octets = event(name, `${process.pid} ${number}\n`.repeat(1 + (number % 20)));
    const operation: Operation =
      there && number % 7 === 6 ? { type: 'delete', path } : put(name, octets);
    const result = await storage.write({
      operations: [operation],
      requirements: [],
      actor: { ...ann, device: `writer ${writer}` },
      summary: `${name} ${number}`,
    });
    if (result.type !== 'written') throw new Error(JSON.stringify(result));
    const etag = operation.type === 'put' ? blobId(octets) : '-';
    writeSync(1, `${writer} ${name} ${etag} ${await syncState(storage)}\n`);
  }
}

await Promise.all(Array.from({ length: Number(writers) }, (_, writer) => write(writer)));
