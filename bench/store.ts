/**
 * Durable commits a second in the git engine of the store, with one writer and with eight, beside what
 * the disk does at the same time: a write of 2,600 octets and an fdatasync, over and over.
 *
 *   npm run bench -- store [--seconds=4] [--folder=bench/work]
 */
import {
  closeSync,
  fdatasyncSync,
  fsyncSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openGitStore } from '@riad/store/git';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '4' },
    folder: { type: 'string', default: join(import.meta.dirname, 'work') },
  },
});
const durationMs = Number(values.seconds) * 1000;
mkdirSync(values.folder, { recursive: true });
const folder = mkdtempSync(join(values.folder, 'store-'));
const author = { name: 'Bench', email: '' };

/** Milliseconds of one write with its fdatasync, in space that was written before. */
function syncMs(): number {
  const file = openSync(join(folder, 'sync'), 'w');
  const sizeOctets = 16 << 20;
  writeSync(file, new Uint8Array(sizeOctets));
  fsyncSync(file);
  const octets = new Uint8Array(2600).fill(1);
  const start = performance.now();
  let count = 0;
  for (; performance.now() - start < durationMs / 4; count++) {
    writeSync(
      file,
      octets,
      0,
      octets.length,
      (count * octets.length) % (sizeOctets - octets.length),
    );
    fdatasyncSync(file);
  }
  closeSync(file);
  return (performance.now() - start) / count;
}

async function measure(writers: number, files: number, layout: 'flat' | 'trie'): Promise<void> {
  const place = join(folder, `${writers}-${files}-${layout}`);
  await using store = await openGitStore({
    repository: `${place}.git`,
    journal: `${place}.wal`,
    layout,
  });
  const octets = (number: number): Uint8Array =>
    new TextEncoder().encode(`host${number} IN A 192.0.2.${number % 256}\n`.repeat(16));
  const put = (number: number, file: number): Promise<string> =>
    store.commit({
      changes: [{ path: `zones/z${file}`, octets: octets(number) }],
      author,
      message: `change ${number}`,
    });
  const all = Array.from({ length: files }, (_, i) => ({ path: `zones/z${i}`, octets: octets(i) }));
  await store.commit({ changes: all, author, message: 'all' });
  await store.seal();
  let count = 0;
  const processor = process.cpuUsage();
  const start = performance.now();
  const write = async (writer: number): Promise<void> => {
    while (performance.now() - start < durationMs) {
      const number = count++;
      await put(number, (number * 7 + writer) % files);
    }
  };
  await Promise.all(Array.from({ length: writers }, (_, writer) => write(writer)));
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(processor);
  const perSecond = (count / seconds).toFixed(0);
  const processorMs = ((user + system) / 1000 / count).toFixed(2);
  process.stdout.write(
    `${writers} writers, ${files} files in a folder, ${layout}: ${perSecond} commits/s, ${processorMs} ms of processor time each\n`,
  );
}

try {
  process.stdout.write(`write and fdatasync: ${syncMs().toFixed(2)} ms\n`);
  for (const writers of [1, 8]) {
    await measure(writers, 100, 'flat');
    await measure(writers, 10_000, 'flat');
    await measure(writers, 10_000, 'trie');
  }
  process.stdout.write(`write and fdatasync: ${syncMs().toFixed(2)} ms\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
