/**
 * A process that commits for ever and says what was acknowledged, one line each, until it is killed:
 *
 *     node killed-writer.ts FOLDER WRITERS
 */
import { writeSync } from 'node:fs';
import { openGitStore } from '../git/git-store.ts';

const [, , folder = '', writers = '4'] = process.argv;
const store = await openGitStore({
  repository: `${folder}/store.git`,
  journal: `${folder}/wal`,
  segmentOctets: 1 << 18,
  seal: { idleMs: 5, oldestMs: 30 },
});
const author = { name: 'Writer', email: '' };

async function write(writer: number): Promise<void> {
  for (let number = 0; ; number++) {
    const octets = new TextEncoder().encode(`${number}\n`.repeat(1 + (number % 50)));
    const changes = [{ path: `w${writer}/${number % 10}`, octets }];
    const revision = await store.commit({ changes, author, message: `${writer} ${number}` });
    writeSync(1, `${writer} ${number} ${revision}\n`);
  }
}

await Promise.all(Array.from({ length: Number(writers) }, (_, writer) => write(writer)));
