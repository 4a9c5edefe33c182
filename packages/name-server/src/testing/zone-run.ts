/**
 * A run of a primary's state that can be played again from its seed: updates, edits of files, snapshots,
 * writing back, zones removed and made again, restarts and crashes. At every operation of the disk the
 * images that a crash could leave there are recovered, each on its own, and held against the model
 * (zone-model.ts) and against what had been served up to that moment.
 */
import assert from 'node:assert/strict';
import { crc32 } from 'node:zlib';
import { RecordClass } from '@riad/dns/iana/classes';
import { Rcode } from '@riad/dns/iana/rcodes';
import { RecordTypeCode } from '@riad/dns/iana/record-types';
import type { ResourceRecord } from '@riad/dns/message';
import { parseName } from '@riad/dns/name';
import { recordsOf } from '@riad/dns-server/testing/built-zone';
import { Random } from '@riad/octets/testing/random';
import { removeFile } from '@riad/store/disk';
import { everyChoice, SimulatedCrash, SimulatedDisk } from '@riad/store/testing/simulated-disk';
import { readWrittenFileName } from '../loading/kept-file-names.ts';
import {
  address,
  contentsOfFile,
  editFile,
  linesOfContents,
  newFile,
  SeenSerials,
  serialOfFile,
  updatesOwners,
  type World,
  type ZoneContents,
} from './zone-model.ts';
import { stateDirectory, type Update, ZoneProcess } from './zone-process.ts';

const zones = ['a.example.', 'b.example.'];

export type CrashedZones = {
  /** Different images that were recovered. */
  readonly images: number;
  /** Of the run, besides those of recoveries. */
  readonly operations: number;
};

export type ZoneRunOptions = { readonly seed: number; readonly steps: number };

/** Few sectors are ever unsynced at a time; more would mean that a sync has gone. */
const mostImages = 10_000;
/** In a row, each while the one before is recovered from. */
const mostCrashes = 3;

/** Throws what is wrong with an image, with the seed and the step. */
export function crashZones(options: ZoneRunOptions): CrashedZones {
  const run = new ZoneRun(options);
  try {
    return run.play();
  } catch (error) {
    const { seed, steps } = options;
    const cause = run.wrong ?? error;
    throw new Error(`seed ${seed}, ${steps} steps: ${run.at}`, { cause });
  }
}

class ZoneRun {
  readonly #random: Random;
  readonly #steps: number;
  readonly #files = new Map<string, Uint8Array>();
  readonly #journal: { historyOctets: number; random: (length: number) => Uint8Array };
  #disk: SimulatedDisk;
  #process: ZoneProcess | undefined;
  #world: World = new Map(zones.map((zone) => [zone, undefined]));
  /** What may be found besides: what the step under way comes to, or parts of it. */
  #underWay: World[] = [];
  #seen = new Map(zones.map((zone) => [zone, new SeenSerials()]));
  /** Zones whose files were not read since a crash. */
  readonly #unread = new Set<string>();
  #generation = 0;
  /** Operations until the run's machine stops; then what it finds. */
  #crashIn: number | undefined;
  #found: SimulatedDisk | undefined;
  readonly #recovered = new Set<string>();
  #salts = new Random();
  #images = 0;
  #operations = 0;
  at = 'start';
  /** What was found in the middle of an operation: who asked for that takes it for the disk's error. */
  wrong: unknown;

  constructor({ seed, steps }: ZoneRunOptions) {
    this.#random = new Random(seed);
    this.#steps = steps;
    this.#journal = {
      historyOctets: this.#random.pick([0, 600, 1 << 20]),
      random: (length) => this.#salts.octets(length),
    };
    this.#disk = new SimulatedDisk({ before: this.#before });
  }

  play(): CrashedZones {
    this.#process = this.#open(this.#disk);
    for (let step = 0; step < this.#steps; step++) this.#step(step);
    this.#process.stop();
    return { images: this.#images, operations: this.#operations };
  }

  #open(disk: SimulatedDisk): ZoneProcess {
    return new ZoneProcess({ disk, files: this.#files, journal: this.#journal });
  }

  #step(step: number): void {
    const zone = this.#random.pick(zones);
    const isThere = this.#world.get(zone) !== undefined;
    const what = isThere
      ? this.#random.pick([
          ...['update', 'update', 'update', 'edit', 'edit', 'edit', 'write back', 'write back'],
          ...['snapshot', 'remove', 'restart', 'crash'],
        ])
      : 'make';
    this.at = `step ${step}, ${what} ${zone}`;
    this.#recovered.clear();
    // The run goes on from some of the crashes, too.
    this.#crashIn = this.#random.chance(0.25) ? this.#random.between(1, 10) : undefined;
    this.#found = undefined;
    try {
      this.#perform(what, zone);
    } catch (error) {
      if (this.#found === undefined || this.wrong !== undefined) throw error;
    }
    this.#crashIn = undefined;
    if (this.#found !== undefined) this.#goOn(this.#found, zone);
    this.#underWay = [];
    this.#compare(this.#now, [this.#world], this.#seen);
    const complaints = this.#now.replies.filter(({ type }) => type === 'complaint');
    assert.deepEqual(complaints, []);
  }

  #perform(what: string, zone: string): void {
    if (what === 'make') this.#make(zone);
    else if (what === 'update') this.#update();
    else if (what === 'edit') this.#edit(zone);
    else if (what === 'write back') this.#writeBack(zone);
    else if (what === 'snapshot') this.#now.loading.saveSnapshot();
    else if (what === 'remove') this.#remove(zone);
    else this.#restart(what === 'crash');
  }

  /** With what a crash has left, and as long as the operator does nothing, without the file's being read. */
  #goOn(disk: SimulatedDisk, zone: string): void {
    this.#process?.stop();
    this.#process = undefined;
    this.#found = undefined;
    this.at += ', crashed';
    const allowed = this.#allowed;
    this.#disk = disk;
    this.#process = this.#open(disk);
    assert.deepEqual(this.#process.state.complaints, []);
    this.#world = this.#compare(this.#process, allowed, this.#seen);
    this.#underWay = [];
    if (this.#files.get(zone) === undefined) this.#remove(zone);
    else if (this.#world.get(zone) === undefined || this.#random.chance(0.5)) this.#load(zone);
    else this.#unread.add(zone);
  }

  get #allowed(): World[] {
    return [this.#world, ...this.#underWay];
  }

  get #now(): ZoneProcess {
    return this.#process!;
  }

  #make(zone: string): void {
    this.#seen.set(zone, new SeenSerials());
    this.#files.set(zone, newFile(this.#random, ++this.#generation));
    this.#load(zone);
  }

  #edit(zone: string): void {
    // Nobody can tell whether who edits what was written in a crash had seen that: it is read first.
    if (this.#unread.has(zone)) this.#load(zone);
    const served = this.#seen.get(zone)!.newest!;
    this.#files.set(zone, editFile(this.#random, this.#files.get(zone)!, served));
    // Some are read only after a restart.
    if (this.#random.chance(0.1)) this.#restart(this.#random.chance(0.5));
    this.#load(zone);
  }

  #load(zone: string): void {
    const loaded = this.#loaded(zone, this.#world.get(zone));
    this.#underWay = [this.#with(zone, loaded)];
    this.#unread.delete(zone);
    const result = this.#now.load(zone);
    assert.ok(result.kind === 'served' || result.kind === 'unchanged', JSON.stringify(result));
    this.#world = this.#underWay[0]!;
  }

  /** What a zone becomes when its file is read. */
  #loaded(zone: string, before: ZoneContents): ZoneContents {
    const said = contentsOfFile(this.#files.get(zone)!);
    return before === undefined ? said : { ...said, updates: before.updates };
  }

  #with(zone: string, contents: ZoneContents): World {
    return new Map([...this.#world, [zone, contents]]);
  }

  /** Some updates that arrive together, of any zones that are there. */
  #update(): void {
    const there = zones.filter((zone) => this.#world.get(zone) !== undefined);
    const states: World[] = [];
    const before = this.#world;
    const updates = Array.from({ length: this.#random.between(1, 3) }, (): Update => {
      const zone = this.#random.pick(there);
      const present = this.#world.get(zone)!;
      const changed = new Map(present.updates);
      const records: ResourceRecord[] = [];
      for (let count = this.#random.between(1, 2); count > 0; count--) {
        const owner = this.#random.pick(updatesOwners);
        records.push(removalOf(zone, owner));
        changed.delete(owner);
        if (this.#random.chance(0.3)) continue;
        const chosen = address(this.#random);
        const [added] = recordsOf(zone, `${owner} 60 A ${chosen}\n`);
        records.push({ ...added!, class: RecordClass.IN });
        changed.set(owner, chosen);
      }
      this.#world = this.#with(zone, { ...present, updates: changed });
      states.push(this.#world);
      return { zone, records };
    });
    this.#world = before;
    this.#underWay = states;
    for (const { rcode } of this.#now.update(updates)) assert.equal(rcode, Rcode.NOERROR);
    this.#world = states.at(-1)!;
  }

  #writeBack(zone: string): void {
    const outcome = this.#now.writeBack(zone);
    if (outcome !== 'written' && this.#unread.has(zone)) return;
    assert.notEqual(outcome, 'edited meanwhile');
    const file = this.#files.get(zone)!;
    const { updates } = this.#world.get(zone)!;
    assert.deepEqual(sorted(contentsOfFile(file).updates), sorted(updates), 'the file has them');
    assert.equal(serialOfFile(file), this.#seen.get(zone)!.newest, 'and the serial');
    assert.equal(this.#now.writeBack(zone), 'nothing');
  }

  #remove(zone: string): void {
    this.#files.delete(zone);
    this.#underWay = [this.#with(zone, undefined)];
    const { kind } = this.#now.loading.perform({ type: 'remove', zone });
    assert.ok(kind === 'removed' || kind === 'not-hosted', kind);
    this.#world = this.#underWay[0]!;
  }

  #restart(crash: boolean): void {
    this.#now.stop();
    this.#process = undefined;
    const choose = this.#random;
    if (crash) this.#disk = this.#disk.crashImage(choose, { before: this.#before }, isUnfinished);
    this.#process = this.#open(this.#disk);
    assert.deepEqual(this.#process.state.complaints, []);
    this.#compare(this.#process, [this.#world], this.#seen);
  }

  /** Called before each operation of the run's disk. */
  readonly #before = (disk: SimulatedDisk): void => {
    if (this.#found !== undefined) throw new SimulatedCrash(this.at);
    this.#operations++;
    // Somebody may have asked in this very moment.
    const seen = copyOf(this.#seen);
    try {
      if (this.#process !== undefined) this.#see(this.#process, seen);
      this.#everyImage(disk, seen, 0);
    } catch (error) {
      this.wrong ??= error;
      throw error;
    }
    if (this.#crashIn === undefined || --this.#crashIn > 0) return;
    if (this.#process !== undefined) this.#seen = seen;
    this.#found = disk.crashImage(this.#random, { before: this.#before }, isUnfinished);
    throw new SimulatedCrash(this.at);
  };

  /** `crashes`: that have led here before, during restarts. */
  #everyImage(disk: SimulatedDisk, seen: ReadonlyMap<string, SeenSerials>, crashes: number): void {
    const eyes = zones.map(
      (zone) => `${seen.get(zone)!.newest} ${this.#files.get(zone)?.toBase64()}`,
    );
    const all = everyChoice(mostImages, (choices) => {
      // The machine may stop while it recovers, too.
      const image = disk.crashImage(
        choices,
        {
          before: (recovering) => {
            if (crashes < mostCrashes) this.#everyImage(recovering, seen, crashes + 1);
          },
        },
        isUnfinished,
      );
      // Of one step, the same image before the same eyes need not be recovered twice.
      const digest = [...eyes, digestOf(image)].join(' ');
      if (this.#recovered.has(digest)) return;
      this.#recovered.add(digest);
      this.#images++;
      this.#finish(image, this.#allowed, copyOf(seen));
    });
    assert.ok(all, `more than ${mostImages} images of one operation`);
  }

  /** Restarts from an image, and again, and goes on with the files as they are now. */
  #finish(disk: SimulatedDisk, allowed: readonly World[], seen: Map<string, SeenSerials>): void {
    // Recovering must not change the run, and the same image is recovered in the same way.
    const salts = this.#salts;
    this.#salts = new Random();
    try {
      this.#restartThrice(disk, allowed, seen);
    } finally {
      this.#salts = salts;
    }
  }

  #restartThrice(
    disk: SimulatedDisk,
    allowed: readonly World[],
    seen: Map<string, SeenSerials>,
  ): void {
    const first = this.#open(disk);
    assert.deepEqual(first.state.complaints, []);
    const found = this.#compare(first, allowed, seen);
    const lines = zones.map((zone) => first.lines(zone));
    this.#checkFolder(first);
    first.stop();
    const second = this.#open(disk.afterKill());
    assert.deepEqual(second.state.complaints, []);
    assert.deepEqual(
      zones.map((zone) => second.lines(zone)),
      lines,
      'a second restart',
    );
    const expected = new Map(found);
    for (const zone of zones) {
      const file = this.#files.get(zone);
      if (file === undefined) {
        second.loading.perform({ type: 'remove', zone });
        expected.set(zone, undefined);
        seen.set(zone, new SeenSerials());
      } else {
        second.load(zone);
        expected.set(zone, this.#loaded(zone, found.get(zone)));
      }
    }
    this.#compare(second, [expected], seen);
    for (const [zone, file] of this.#files) {
      const pending = second.loading.perform({ type: 'pending', zone });
      if (pending.kind === 'pending' && pending.changes.length === 0)
        assert.equal(serialOfFile(file), second.serial(zone), `the serial in the file of ${zone}`);
    }
    const last = zones.map((zone) => second.lines(zone));
    second.stop();
    const bare = disk.afterKill();
    const snapshot = `${stateDirectory}/zones.snapshot`;
    removeFile(bare, snapshot);
    const third = this.#open(bare);
    assert.deepEqual(
      zones.map((zone) => third.lines(zone)),
      last,
      'a restart without the snapshot',
    );
    third.stop();
  }

  /** Nothing lies there but the texts of what is served, and what `takeUnheard` may want. */
  #checkFolder(process: ZoneProcess): void {
    const { disk, texts } = process.state;
    const served = zones.filter((zone) => process.serial(zone) !== undefined);
    assert.deepEqual(texts.zones().sort(), served);
    const files = served.map((zone) => texts.entryOf(zone)!.file);
    const others = disk.list(texts.folder).filter((file) => !files.includes(file));
    assert.deepEqual(
      others.filter((file) => readWrittenFileName(file) === undefined),
      [],
    );
  }

  /** Which of the worlds it is; all of it is seen. */
  #compare(process: ZoneProcess, allowed: readonly World[], seen: Map<string, SeenSerials>): World {
    const served = new Map(zones.map((zone) => [zone, withoutSerial(process.lines(zone))]));
    const found = allowed.findLast((world) =>
      zones.every((zone) => {
        const expected = linesOfContents(zone, world.get(zone));
        return expected.join() === served.get(zone)!.join();
      }),
    );
    if (found === undefined) {
      const states = allowed.map((world) =>
        zones.flatMap((zone) => linesOfContents(zone, world.get(zone))),
      );
      assert.deepEqual([...served.values()].flat(), states.at(0), `none of ${states.length}`);
    }
    this.#see(process, seen);
    return found!;
  }

  #see(process: ZoneProcess, seen: Map<string, SeenSerials>): void {
    for (const zone of zones) {
      const serial = process.serial(zone);
      if (serial === undefined) continue;
      const wrong = seen.get(zone)!.see(serial, process.lines(zone));
      assert.equal(wrong, undefined, `${zone}: ${wrong}`);
    }
  }
}

function copyOf(seen: ReadonlyMap<string, SeenSerials>): Map<string, SeenSerials> {
  return new Map([...seen].map(([zone, serials]) => [zone, new SeenSerials(serials)]));
}

/** RFC 2136 §2.5.2: an RRset is taken away. */
function removalOf(zone: string, owner: string): ResourceRecord {
  return {
    owner: parseName(`${owner}.${zone}`),
    type: RecordTypeCode.A,
    class: RecordClass.ANY,
    ttlSeconds: 0,
    rdata: new Uint8Array(0),
  };
}

/** RFC 1035 §3.3.13: 20 octets of numbers end the SOA, the serial first. */
function withoutSerial(lines: readonly string[]): string[] {
  return lines
    .map((line) =>
      line.split(' ')[2] === String(RecordTypeCode.SOA)
        ? `${line.slice(0, -40)}00000000${line.slice(-32)}`
        : line,
    )
    .sort();
}

function sorted(addresses: ReadonlyMap<string, string>): string[] {
  return [...addresses].map((pair) => pair.join(' ')).sort();
}

/** Such files are taken away at a start, and never read. */
function isUnfinished(name: string): boolean {
  return name.endsWith('.new');
}

function digestOf(disk: SimulatedDisk): string {
  const files = Array.from(disk.contents(), ({ path, octets }) =>
    octets === undefined ? path : `${path} ${octets.length} ${crc32(octets)}`,
  );
  return files.sort().join('\n');
}
