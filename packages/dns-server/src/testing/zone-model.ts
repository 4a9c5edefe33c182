/**
 * Random commits to a zone image, watched from between every two stores of the writer: readers enter,
 * look, sleep in the middle of a batch and look again, and must always see the one version they
 * entered with, exactly as a plain map says it was. Freed memory is filled with a pattern, so that
 * looking at it shows.
 */
import { Arena, ArenaWriter } from '@riad/octets/arena';
import type { Random } from '@riad/octets/testing/random';
import { existing, findEncloser, findEnd, findZone } from '../answer/lookup.ts';
import { takeName } from '../answer/parse-query.ts';
import { QueryState } from '../answer/query-state.ts';
import { node, nodeVersion, nodeVersionFlag, rrset, zoneVersion } from '../zone-image/layout.ts';
import { findRrset, firstRrsetWord } from '../zone-image/node-version.ts';
import { CanonicalOrder, floorNode } from '../zone-image/order-tree.ts';
import {
  claimReaderSlot,
  enterVersion,
  leaveVersion,
  releaseReaderSlot,
} from '../zone-image/reader-slots.ts';
import { RecordBuffer } from '../zone-image/record-buffer.ts';
import { unpackRrset } from '../zone-image/rrset-view.ts';
import { ZoneBuilder } from '../zone-image/zone-builder.ts';
import { commitChanges, type ZoneRecord } from '../zone-image/zone-commit.ts';
import { ZoneImage } from '../zone-image/zone-image.ts';

const poisonWord = 0x5eadbeef;

class WatchedWriter extends ArenaWriter {
  watch: () => void = () => {};

  override put(word: number, value: number): void {
    super.put(word, value);
    this.watch();
  }

  override publish(word: number, value: number): void {
    this.watch();
    super.publish(word, value);
    this.watch();
  }

  override putOctet(octet: number, value: number): void {
    super.putOctet(octet, value);
    this.watch();
  }

  override poison(reference: number, units: number): void {
    this.words.fill(poisonWord, reference * 2, (reference + units) * 2);
    this.watch();
  }
}

/** A zone as a map: name (in the tests' own text form) to its records as text. */
type Model = ReadonlyMap<string, ReadonlySet<string>>;

type Reader = { slot: number; version: number; model: Model | undefined; queries: QueryState };

const noSha1 = (): void => {
  throw new Error('no NSEC3 in this model');
};

export type ModelRun = {
  readonly operations: number;
  readonly commits: number;
  readonly looks: number;
};

/** Runs until `operations` (records changed and looks taken) are done. Throws at the first difference. */
export function runZoneModel(random: Random, operations: number, names: number): ModelRun {
  const arena = Arena.reserve(64 << 20);
  const writer = new WatchedWriter(arena);
  const image = ZoneImage.create(arena, random.uint32(), writer);
  const apex = wire('zone.test');
  const state = new Run(random, image, writer, names, apex);
  state.build();
  while (state.done < operations) state.commit();
  state.finish();
  return { operations: state.done, commits: state.commits, looks: state.looks };
}

class Run {
  done = 0;
  commits = 0;
  looks = 0;
  readonly #random: Random;
  readonly #image: ZoneImage;
  readonly #writer: WatchedWriter;
  readonly #apex: Uint8Array;
  readonly #names: string[] = [];
  /** The zone as of each version that a reader may be in. */
  readonly #models = new Map<number, Model>();
  readonly #readers: Reader[] = [];
  #serial = 1;
  #untilLook = 0;

  constructor(
    random: Random,
    image: ZoneImage,
    writer: WatchedWriter,
    names: number,
    apex: Uint8Array,
  ) {
    this.#random = random;
    this.#image = image;
    this.#writer = writer;
    this.#apex = apex;
    const labels = ['a', 'b', 'c', '*', 'www', 'x1', 'x2', 'x3', 'deep'];
    while (this.#names.length < names) {
      const depth = random.between(1, 4);
      let name = 'zone.test';
      for (let i = 0; i < depth; i++)
        name = `${random.chance(0.6) ? random.pick(labels) : `n${random.below(names)}`}.${name}`;
      this.#names.push(name);
    }
    for (let i = 0; i < 4; i++) {
      const queries = new QueryState(
        image.arena,
        image.arena.buffer.byteLength - (i + 1) * 4096,
        noSha1,
      );
      this.#readers.push({
        slot: claimReaderSlot(writer.words),
        version: 0,
        model: undefined,
        queries,
      });
    }
  }

  #soa(): ZoneRecord {
    const rdata = new Uint8Array(22);
    new DataView(rdata.buffer).setUint32(2, this.#serial);
    return { owner: this.#apex, type: 6, ttlSeconds: 60, rdata };
  }

  build(): void {
    const builder = new ZoneBuilder(this.#image, this.#apex, 4, noSha1);
    const soa = this.#soa();
    builder.record(
      this.#apex,
      this.#apex.length,
      false,
      6,
      1,
      60,
      soa.rdata,
      0,
      soa.rdata.length,
      1,
    );
    const nsec = wire('zone.test');
    builder.record(this.#apex, this.#apex.length, true, 47, 1, 60, nsec, 0, nsec.length, 2);
    const ns = wire('ns.elsewhere.test');
    builder.record(this.#apex, this.#apex.length, true, 2, 1, 60, ns, 0, ns.length, 3);
    const zone = builder.finish(this.#image.nextVersion, 0);
    const model = new Map([
      [
        'zone.test',
        new Set([text(soa), text({ owner: this.#apex, type: 47, ttlSeconds: 60, rdata: nsec })]),
      ],
    ]);
    this.#models.set(this.#image.nextVersion, model);
    this.#image.publish(this.#apex, zone, true);
    this.#writer.watch = () => this.#watch();
  }

  /** One random commit: some records out, some in, a new SOA. */
  commit(): void {
    const random = this.#random;
    const before = this.#models.get(this.#image.version)!;
    const after = new Map([...before].map(([name, records]) => [name, new Set(records)]));
    const removals: ZoneRecord[] = [this.#soa()];
    this.#serial++;
    const additions: ZoneRecord[] = [this.#soa()];
    const size = random.chance(0.05) ? random.between(20, 60) : random.between(1, 6);
    const outside = random.chance(0.02);
    for (let i = 0; i < size; i++) {
      const name = random.pick(this.#names);
      const owner = wire(name);
      const present = after.get(name);
      if (present !== undefined && random.chance(0.5)) {
        if (random.chance(0.5)) {
          for (const record of present) removals.push(recordOf(owner, record));
          after.delete(name);
        } else {
          const record = random.pick([...present]);
          removals.push(recordOf(owner, record));
          present.delete(record);
          if (present.size === 0) after.delete(name);
        }
      } else {
        const record: ZoneRecord = {
          owner,
          type: random.pick([1, 2, 16, 28, 47]),
          ttlSeconds: 60,
          rdata: rdataFor(random),
        };
        // What this commit removes it does not also add: additions come last in a commit.
        if (removals.some((other) => sameRecord(other, record))) continue;
        additions.push(withNameRdata(record, random, this.#names));
        const added = additions.at(-1)!;
        if (removals.some((other) => sameRecord(other, added))) {
          additions.pop();
          continue;
        }
        const records = after.get(name) ?? new Set();
        records.add(text(added));
        after.set(name, records);
      }
    }
    const apexRecords = new Set(
      [...(after.get('zone.test') ?? [])].filter((record) => !record.startsWith('6 ')),
    );
    apexRecords.add(text(additions[0]!));
    after.set('zone.test', apexRecords);
    // An addition that a later removal of this commit takes back was not made.
    const kept = additions.filter(
      (record) => after.get(nameOf(record.owner))?.has(text(record)) === true,
    );
    const removed = removals.filter(
      (record) => after.get(nameOf(record.owner))?.has(text(record)) !== true,
    );
    if (outside)
      kept.push({
        owner: wire('elsewhere.test'),
        type: 1,
        ttlSeconds: 60,
        rdata: new Uint8Array(4),
      });
    else this.#models.set(this.#image.nextVersion, after);
    const outcome = commitChanges(this.#image, this.#apex, removed, kept, noSha1);
    if (outcome.ok === outside) throw new Error(`commit: ${JSON.stringify(outcome)}`);
    if (outside) this.#serial--;
    this.done += kept.length + removed.length;
    this.commits++;
    this.#forgetModels();
    this.#look(this.#readers[0]!, true);
  }

  #forgetModels(): void {
    const reading = new Set(this.#readers.map((reader) => reader.version));
    for (const version of this.#models.keys()) {
      if (version !== this.#image.version && !reading.has(version)) this.#models.delete(version);
    }
  }

  /** Between two stores of the writer: now and then a reader does something. */
  #watch(): void {
    if (this.#untilLook-- > 0) return;
    const random = this.#random;
    this.#untilLook = random.below(4);
    this.#look(this.#readers[random.below(this.#readers.length)]!, random.chance(0.1));
  }

  #look(reader: Reader, renew: boolean): void {
    const random = this.#random;
    const { words } = this.#writer;
    this.done++;
    this.looks++;
    if (reader.version === 0 || renew) {
      if (random.chance(0.3)) {
        leaveVersion(words, reader.slot);
        reader.version = 0;
        reader.model = undefined;
        return;
      }
      reader.version = enterVersion(words, reader.slot);
      reader.model = this.#models.get(reader.version);
      if (reader.model === undefined)
        throw new Error(`entered version ${reader.version}, which was never committed`);
    }
    this.#check(reader, random.pick(this.#names));
  }

  #check(reader: Reader, name: string): void {
    const s = reader.queries;
    const { words, octets } = this.#writer;
    const model = reader.model!;
    const at = s.scratch + 1600;
    octets.set(wire(name), at);
    s.version = reader.version;
    if (takeName(s, at, at + 300) === 0) throw new Error(`${name} is no name`);
    const fail = (what: string): never => {
      throw new Error(`${name} in version ${reader.version} (now ${this.#image.version}): ${what}`);
    };
    if (!findZone(s, s.labels)) fail('no zone');
    const reference = findEnd(s, s.labels);
    const version = existing(s, reference);
    const expected = model.get(name);
    const below = [...model.keys()].some((other) => other.endsWith(`.${name}`));
    if ((version !== 0) !== (expected !== undefined || below)) fail(`exists: ${version !== 0}`);
    if (version !== 0) {
      const info = words[version * 2 + nodeVersion.info]!;
      const records = new RecordBuffer();
      const first = firstRrsetWord(words, version);
      for (let i = 0; i < (info & 0xffff); i++) {
        const found = words[first + i]!;
        if (findRrset(words, version, words[found * 2 + rrset.info]! & 0xffff) !== found)
          fail('type mask');
        unpackRrset(words, octets, found, reference, s.apex, true, records);
      }
      const seen: string[] = [];
      for (let i = 0; i < records.count; i++) {
        const rdata = records.data.slice(records.spans[i * 2]!, records.spans[i * 2 + 1]!);
        seen.push(text({ owner: this.#apex, type: records.types[i]!, ttlSeconds: 60, rdata }));
      }
      const wanted = [...(expected ?? [])].sort();
      if (seen.sort().join() !== wanted.join())
        fail(`records ${seen.join()} instead of ${wanted.join()}`);
      if (
        ((info & nodeVersionFlag.cut) !== 0) !==
        (name !== 'zone.test' && wanted.some((record) => record.startsWith('2 ')))
      )
        fail('cut');
    } else {
      findEncloser(s);
      let ancestor = name;
      do ancestor = ancestor.slice(ancestor.indexOf('.') + 1);
      while (
        !model.has(ancestor) &&
        ![...model.keys()].some((other) => other.endsWith(`.${ancestor}`))
      );
      if (s.encloserLabels !== ancestor.split('.').length)
        fail(`encloser has ${s.encloserLabels} labels`);
    }
    this.#checkOrder(s, name, model, fail);
  }

  /** The NSEC owner at or before the name. */
  #checkOrder(s: QueryState, name: string, model: Model, fail: (what: string) => never): void {
    const { words, octets } = this.#writer;
    const order = new CanonicalOrder(octets);
    order.seek(s.name, s.apexLabels);
    const found = floorNode(words, words[s.zone + zoneVersion.order]!, order);
    const key = canonicalKey(name);
    let best = '';
    let bestKey = '';
    for (const [other, records] of model) {
      if (![...records].some((record) => record.startsWith('47 '))) continue;
      const otherKey = canonicalKey(other);
      if (otherKey <= key && otherKey >= bestKey) {
        best = other;
        bestKey = otherKey;
      }
    }
    const at = found * 8 + node.nameOctet;
    if (nameOf(octets.slice(at, at + 255)) !== best)
      fail(`NSEC of ${nameOf(octets.slice(at, at + 255))} instead of ${best}`);
  }

  /** With all readers gone, everything that was replaced is given back. */
  finish(): void {
    this.#writer.watch = () => {};
    for (const reader of this.#readers) releaseReaderSlot(this.#writer.words, reader.slot);
    if (!this.#image.reclaim()) throw new Error('memory waits for readers that are gone');
    this.#image.remove(this.#apex);
    this.#image.reclaim();
    const left = this.#writer.usedOctets;
    if (left > 200_000) throw new Error(`${left} octets are still in use`);
  }
}

const plainTypes = [1, 16, 28, 47];

function rdataFor(random: Random): Uint8Array {
  return Uint8Array.of(random.below(4), random.below(3), 7, 9);
}

/** NS records need a name as RDATA; it may lie inside the zone, so that marks and targets come into play. */
function withNameRdata(record: ZoneRecord, random: Random, names: readonly string[]): ZoneRecord {
  if (plainTypes.includes(record.type)) return record;
  return { ...record, rdata: wire(random.chance(0.7) ? random.pick(names) : 'ns.elsewhere.test') };
}

function wire(name: string): Uint8Array {
  return Uint8Array.from(
    name
      .split('.')
      .flatMap((label) => [label.length, ...Array.from(label, (letter) => letter.charCodeAt(0))])
      .concat(0),
  );
}

function nameOf(octets: Uint8Array): string {
  const labels: string[] = [];
  for (let at = 0; octets[at] !== 0 && at < 250; at += octets[at]! + 1) {
    labels.push(String.fromCharCode(...octets.subarray(at + 1, at + 1 + octets[at]!)));
  }
  return labels.join('.');
}

function canonicalKey(name: string): string {
  return `${name.split('.').reverse().join('\u0000')}\u0000`;
}

function text(record: ZoneRecord): string {
  return `${record.type} ${record.rdata.toHex()}`;
}

function recordOf(owner: Uint8Array, record: string): ZoneRecord {
  const [type, hex] = record.split(' ');
  return { owner, type: Number(type), ttlSeconds: 60, rdata: Uint8Array.fromHex(hex ?? '') };
}

function sameRecord(a: ZoneRecord, b: ZoneRecord): boolean {
  return nameOf(a.owner) === nameOf(b.owner) && text(a) === text(b);
}
