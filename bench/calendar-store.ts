/**
 * Durable writes a second into a calendar, through the storage of calendars: one new object of some 450
 * octets each, judged, committed, synced and indexed. With 1 and 8 writers, beside 100 objects and 100,000.
 * Then what a start costs, with the index and without it.
 *
 *   npm run bench -- calendar-store [--commits=20000] [--objects=100,100000] [--folder=bench/work]
 */
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { deflateSync } from 'node:zlib';
import { openCalendarStorage } from '@riad/calendar-store/calendar-storage';
import type { CalendarStorage } from '@riad/calendar-store/options';
import type { Disk } from '@riad/store/disk';
import { nodeDisk } from '@riad/store/node-disk';
import { eachOf } from '@riad/webdav/storage/pages';
import type { Actor, Facts, Operation } from '@riad/webdav/storage/storage';

const { values } = parseArgs({
  options: {
    commits: { type: 'string', default: '20000' },
    objects: { type: 'string', default: '100,100000' },
    writers: { type: 'string', default: '1,8' },
    // For a process of its own: opens what is there, and says what that takes.
    start: { type: 'string' },
    folder: { type: 'string', default: join(import.meta.dirname, 'work') },
  },
});
const commits = Number(values.commits);
const actor: Actor = {
  user: 'ann',
  device: 'phone',
  userAgent: 'DAVx5/4.4 (Android 16)',
  method: 'PUT',
  target: '/calendars/ann/work/x.ics',
  requestId: '0',
};
const collection = ['calendars', 'ann', 'work'];

function object(uid: string, number: number): Uint8Array {
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = two(1 + (number % 28));
  const hour = two(number % 24);
  return Buffer.from(
    `BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Example Corp//Client 1.0//EN\r\nBEGIN:VEVENT\r\nUID:${uid}\r\nDTSTAMP:202611${day}T${hour}2701Z\r\nDTSTART;TZID=Europe/Berlin:202612${day}T${hour}0000\r\nDURATION:PT1H\r\nSUMMARY:Meeting number ${number} of the series\r\nDESCRIPTION:What we talk about when we talk about ${(number * 7919) % 10007}\r\nLOCATION:Room ${number % 12}\r\nSTATUS:CONFIRMED\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n`,
  );
}

/** As good as a parser here: what the line of the UID says. */
function describe(octets: Uint8Array): Facts | undefined {
  const text = Buffer.from(octets.buffer, octets.byteOffset, octets.length).toString('latin1');
  const uid = /\r\nUID:(.*)\r\n/.exec(text)?.[1];
  const [, day, hour] = /DTSTART[^:]*:202612(\d\d)T(\d\d)/.exec(text) ?? [];
  if (uid === undefined) return undefined;
  const earliestSeconds = Date.UTC(2026, 11, Number(day), Number(hour)) / 1000;
  return { uid, component: 'VEVENT', earliestSeconds, latestSeconds: earliestSeconds + 3600 };
}

function put(number: number): Operation & { type: 'put' } {
  const uid = randomUUID();
  const octets = object(uid, number);
  const path = [...collection, `${uid}.ics`];
  return { type: 'put', path, octets, contentType: 'text/calendar', facts: describe(octets) };
}

async function write(storage: CalendarStorage, number: number): Promise<void> {
  const operation = put(number);
  const { path, facts } = operation;
  const target = `/${path.join('/')}`;
  const result = await storage.write({
    operations: [operation],
    requirements: [
      { type: 'absent', path },
      { type: 'uid-free', collection, uid: facts!.uid, except: undefined },
    ],
    actor: { ...actor, target, requestId: String(100_000 + number) },
    summary: `work: new "Meeting number ${number} of the series"`,
  });
  if (result.type !== 'written') throw new Error(result.type);
}

async function fill(storage: CalendarStorage, count: number): Promise<void> {
  const metadata = { properties: [], acl: [] };
  for (const path of [collection.slice(0, 2), collection]) {
    const kind = path.length === 2 ? 'folder' : 'calendar';
    await storage.write({
      operations: [{ type: 'make-collection', path, kind, components: undefined, metadata }],
      requirements: [],
      actor,
      summary: 'make',
    });
  }
  for (let done = 0; done < count; done += 10_000) {
    const operations = Array.from({ length: Math.min(10_000, count - done) }, (_, i) => put(i));
    await storage.write({ operations, requirements: [], actor, summary: 'import' });
  }
  await storage.store.seal();
}

function octetsBelow(path: string): number {
  let sum = 0;
  for (const entry of readdirSync(path, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) sum += statSync(join(entry.parentPath, entry.name)).size;
  }
  return sum;
}

/** What this machine takes for a fixed piece of work now, in µs; tells a busy one from a quiet one. */
function yardstickUs(): number {
  const octets = object('yardstick', 7);
  const began = process.threadCpuUsage();
  for (let i = 0; i < 5000; i++) deflateSync(octets);
  const { user, system } = process.threadCpuUsage(began);
  return (user + system) / 5000;
}

function counting(disk: Disk, count: () => void): Disk {
  return {
    ...disk,
    open: (path, how) => {
      const file = disk.open(path, how);
      const sync = file.sync.bind(file);
      file.sync = () => {
        count();
        return sync();
      };
      return file;
    },
  };
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function measure(folder: string, writers: number, objects: number): Promise<void> {
  const place = join(folder, `${writers}-${objects}`);
  let syncs = 0;
  const options = { folder: place, describe, indexFile: join(place, 'index.db') };
  const storage = await openCalendarStorage(options);
  await storage.ready;
  await fill(storage, objects);
  await storage.store.condense();
  const before = octetsBelow(join(place, 'store.git'));
  const yardstick = yardstickUs();
  let next = 0;
  const processor = process.cpuUsage();
  const thread = process.threadCpuUsage();
  const began = performance.now();
  await Promise.all(
    Array.from({ length: writers }, async () => {
      while (next < commits) await write(storage, next++);
    }),
  );
  const seconds = (performance.now() - began) / 1000;
  await storage.store.seal();
  const own = process.threadCpuUsage(thread);
  const all = process.cpuUsage(processor);
  const each = (usage: { user: number; system: number }): string =>
    ((usage.user + usage.system) / 1000 / commits).toFixed(3);
  const octets = (octetsBelow(join(place, 'store.git')) - before) / commits;
  const condensing = process.cpuUsage();
  await storage.store.condense();
  const condensed = (octetsBelow(join(place, 'store.git')) - before) / commits;
  const condensingMs = each(process.cpuUsage(condensing));
  await storage.close();
  const counted = await openCalendarStorage({
    ...options,
    disk: counting(nodeDisk(), () => syncs++),
  });
  await counted.ready;
  let more = 0;
  await Promise.all(
    Array.from({ length: writers }, async () => {
      while (more < 2000) await write(counted, commits + more++);
    }),
  );
  await counted.close();
  say(
    `${writers} writers, ${objects} objects: ${(commits / seconds).toFixed(0)} writes/s; ${each(own)} ms of the thread, ${each(all)} ms of all each (yardstick ${yardstick.toFixed(0)} µs); ${octets.toFixed(0)} octets each, ${condensed.toFixed(0)} condensed in ${condensingMs} ms each; ${(syncs / 2000).toFixed(2)} syncs each`,
  );
  startAgain(place, 'with its index');
  rmSync(options.indexFile);
  startAgain(place, 'without it');
}

function startAgain(place: string, what: string): void {
  const program = import.meta.filename;
  const said = execFileSync(process.execPath, [program, `--start=${place}`], { encoding: 'utf8' });
  say(`  opened ${what} in ${said.trim()}`);
}

async function start(place: string): Promise<void> {
  const began = performance.now();
  const storage = await openCalendarStorage({ folder: place, describe });
  await storage.ready;
  const ready = performance.now() - began;
  const view = await storage.view();
  const fromSeconds = Date.UTC(2026, 11, 10) / 1000;
  const query = { component: 'VEVENT', fromSeconds, toSeconds: fromSeconds + 7 * 86_400 };
  const found = await Array.fromAsync(eachOf(view.candidates(collection, query)));
  const ms = performance.now() - began;
  const { rss } = process.memoryUsage();
  say(
    `${ready.toFixed(0)} ms, ${found.length} candidates of a week after ${ms.toFixed(0)} ms, ${(rss / 2 ** 20).toFixed(0)} MB`,
  );
  await storage.close();
}

if (values.start !== undefined) {
  await start(values.start);
  process.exit();
}
mkdirSync(values.folder, { recursive: true });
const folder = mkdtempSync(join(values.folder, 'calendar-store-'));
try {
  for (const objects of values.objects.split(',')) {
    for (const writers of values.writers.split(','))
      await measure(folder, Number(writers), Number(objects));
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
