/** Kills the writing process again and again, and holds what is left against what it said. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Random } from '@riad/octets/testing/random';
import { judge } from '@riad/store/testing/git';
import { eachOf } from '@riad/webdav/storage/pages';
import { openCalendarStorage } from '../calendar-storage.ts';
import type { CalendarStorage } from '../options.ts';
import { describeLine } from './literal-storage.ts';
import { syncState, work } from './opened.ts';

const program = join(import.meta.dirname, 'killed-writer.ts');

/** Gives how many writes were acknowledged. */
export async function killCalendars(
  folder: string,
  random: Random,
  rounds: number,
  lines: number,
): Promise<number> {
  let acknowledged = 0;
  let tokens: string[] = [];
  for (let round = 0; round < rounds; round++) {
    const said = await writeAndKill(folder, random.between(1, lines));
    acknowledged += said.length;
    tokens.push(...said.map((line) => line.split(' ').slice(3).join(' ')));
    if (random.chance(0.3))
      for (const end of ['', '-wal', '-shm']) rmSync(`${folder}/index.db${end}`, { force: true });
    await using storage = await open(folder);
    await checkLast(storage, said, round);
    const view = await storage.view();
    // Every sync state that was told is still one, and leads to what is there now.
    tokens = tokens.slice(-500);
    for (const token of tokens.filter((_, index) => index % 10 === 0)) {
      assert.notEqual(await view.changes(work, token, 1000), 'unknown', `round ${round}: ${token}`);
    }
    const state = await syncState(storage);
    const members = await Array.fromAsync(eachOf(view.members(work, Infinity)));
    await storage.store.seal();
    judge(`${folder}/store.git`);
    await storage.close();
    // The commits alone say the same.
    await using anew = await open(folder, ':memory:');
    assert.equal(await syncState(anew), state);
    const again = await Array.fromAsync(eachOf((await anew.view()).members(work, Infinity)));
    assert.deepEqual(again, members);
  }
  return acknowledged;
}

async function checkLast(
  storage: CalendarStorage,
  said: readonly string[],
  round: number,
): Promise<void> {
  const last = new Map<string, { readonly etag: string; readonly writer: string }>();
  for (const line of said) {
    const [writer = '', name = '', etag = ''] = line.split(' ');
    last.set(name, { etag, writer });
  }
  for (const [name, { etag, writer }] of last) {
    const found = await (await storage.view()).resource([...work, name]);
    const now = found?.type === 'member' ? found.etag : '-';
    if (now === etag) continue;
    // One write more may be there, which was not acknowledged any more.
    const [newest, before] = storage.history.ofPath([...work, name], { limit: 2 });
    const blob = before?.change === 'put' ? before.blob : '-';
    assert.equal(newest?.device, `writer ${writer}`);
    assert.equal(blob, etag, `round ${round}: ${name}`);
  }
}

async function open(folder: string, indexFile?: string): Promise<CalendarStorage> {
  const storage = await openCalendarStorage({
    folder,
    describe: describeLine,
    store: { leftLockMs: 0 },
    ...(indexFile === undefined ? {} : { indexFile }),
  });
  await storage.ready;
  return storage;
}

/** Kills it after so many lines, and gives them. */
async function writeAndKill(folder: string, lines: number): Promise<string[]> {
  const child = spawn(process.execPath, [program, folder, '8'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  let count = 0;
  for await (const chunk of child.stdout.setEncoding('utf8') as AsyncIterable<string>) {
    said += chunk;
    count += chunk.split('\n').length - 1;
    if (count >= lines) child.kill('SIGKILL');
  }
  assert.equal(child.signalCode ?? 'SIGKILL', 'SIGKILL');
  return said.split('\n').slice(0, -1);
}
