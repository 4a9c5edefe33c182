/**
 * Requests of several clients on a disk that loses, tears and reorders what was not synced. The machine stops
 * before each operation of the disk there is: what it would find then is opened, with the index that was there or
 * without one, and each client finds all that was acknowledged to it, nothing by halves, and its tokens good.
 */
import { copyFileSync, existsSync, rmSync } from 'node:fs';
import { openCalendarStorage } from '@riad/calendar-store/calendar-storage';
import type { CalendarStorage } from '@riad/calendar-store/options';
import { Random } from '@riad/octets/testing/random';
import type { Disk } from '@riad/store/disk';
import { SimulatedDisk } from '@riad/store/testing/simulated-disk';
import { describeObject, validateObject } from '../described-object.ts';
import type { Ask } from './dav-reading.ts';
import { askWithoutSockets, user } from './dav-without-sockets.ts';
import { type ClientSnapshot, ModelledClient } from './modelled-client.ts';

/** Nothing is done by the clock: what happens is chosen by the seed. */
const never = { idleMs: 2 ** 30, oldestMs: 2 ** 30, octets: 2 ** 30 };
const clients = 3;
/** A copy of the index is taken so often, and steps are made after a recovery. */
const withIndex = 0.3;
const goesOn = 0.15;

export type CrashedRun = { readonly crashes: number; readonly acknowledged: number };

type Point = {
  readonly operation: number;
  readonly disk: SimulatedDisk;
  readonly snapshots: readonly ClientSnapshot[];
  readonly index: string | undefined;
};

/**
 * `folder` is for indexes, which the simulated disk does not have. `through`: what stands between the service and
 * the disk, to prove that defects are found.
 */
export async function crashDav(
  folder: string,
  seed: number,
  steps: number,
  through: (disk: Disk) => Disk = (disk) => disk,
): Promise<CrashedRun> {
  const points: Point[] = [];
  const random = new Random(seed);
  const choices = new Random(seed ^ 0x5eed);
  const index = `${folder}/index.db`;
  const all = Array.from(
    { length: clients },
    (_, i) => new ModelledClient(`/calendars/${user}/`, `c${i}`, new Random(seed + i + 1)),
  );
  let watching = false;
  let operation = 0;
  const disk = new SimulatedDisk({
    before: (now) => {
      operation++;
      if (!watching) return;
      const copy = choices.chance(withIndex) ? `${folder}/${operation}.db` : undefined;
      if (copy !== undefined) copyIndex(index, copy);
      points.push({
        operation,
        disk: now.crashImage(choices),
        snapshots: all.map((client) => client.snapshot()),
        index: copy,
      });
    },
  });
  const storage = await open(through(disk), index);
  const ask = askWithoutSockets(storage);
  await ask('PROPFIND', `/calendars/${user}/`); // the home is made
  watching = true;
  await work(all, ask, storage, random, steps);
  await storage.close();
  watching = false;
  for (const point of points) {
    try {
      await recover(folder, point, all, new Random((seed ^ (point.operation << 8)) >>> 0));
    } catch (cause) {
      throw new Error(`seed ${seed}, ${steps} steps, crash at operation ${point.operation}`, {
        cause,
      });
    }
  }
  removeIndex(index);
  const acknowledged = all.reduce((sum, client) => sum + client.acknowledged, 0);
  return { crashes: points.length, acknowledged };
}

async function work(
  all: readonly ModelledClient[],
  ask: Ask,
  storage: CalendarStorage,
  random: Random,
  steps: number,
): Promise<void> {
  for (let step = 0; step < steps; step++) {
    const group: Promise<unknown>[] = all
      .filter(() => random.chance(0.7))
      .map((client) => client.step(ask));
    if (random.chance(0.25)) group.push(storage.store.seal());
    await Promise.all(group);
  }
}

async function recover(
  folder: string,
  { disk, snapshots, index, operation }: Point,
  all: readonly ModelledClient[],
  random: Random,
): Promise<void> {
  const found = all.map((client, i) => client.at(snapshots[i]!, new Random(random.uint32())));
  await reopened(disk, index ?? ':memory:', async (ask, storage) => {
    for (const client of found) await client.verify(ask);
    if (random.chance(goesOn)) await work(found, ask, storage, random, 2);
  });
  const last = `${folder}/${operation}-last.db`;
  await reopened(disk.afterKill(), random.chance(0.5) ? ':memory:' : last, async (ask) => {
    for (const client of found) await client.verify(ask);
  });
  for (const file of [index, last]) if (file !== undefined) removeIndex(file);
}

async function reopened(
  disk: SimulatedDisk,
  indexFile: string,
  use: (ask: Ask, storage: CalendarStorage) => Promise<void>,
): Promise<void> {
  const storage = await open(disk, indexFile);
  try {
    await use(askWithoutSockets(storage), storage);
  } finally {
    await storage.close();
  }
}

async function open(disk: Disk, indexFile: string): Promise<CalendarStorage> {
  const storage = await openCalendarStorage({
    folder: 'state',
    disk,
    indexFile,
    describe: describeObject,
    validate: validateObject,
    store: { seal: never, refreshMs: 0, leftLockMs: 0, segmentOctets: 16_384, maxPacks: 2 },
  });
  await storage.ready;
  return storage;
}

/** As the next process would find it. */
function copyIndex(from: string, to: string): void {
  for (const ending of ['', '-wal'])
    if (existsSync(`${from}${ending}`)) copyFileSync(`${from}${ending}`, `${to}${ending}`);
}

function removeIndex(file: string): void {
  for (const ending of ['', '-wal', '-shm']) rmSync(`${file}${ending}`, { force: true });
}
