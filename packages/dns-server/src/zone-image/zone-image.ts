/**
 * The zones of one server in one region of shared memory, as their writer sees them: publishing,
 * replacing and removing whole zones, and giving memory back when no reader can be in it any more.
 */
import { type Arena, ArenaWriter, arenaHeader } from '@riad/octets/arena';
import { freeWhole } from './free-zone.ts';
import { imageHeader, layoutNumber, node, zoneFlag, zoneVersion } from './layout.ts';
import { Limbo } from './limbo.ts';
import { NameAssembler } from './name-assembler.ts';
import { NameNodes } from './name-nodes.ts';
import { NameTable } from './name-table.ts';
import { oldestReaderLag } from './reader-slots.ts';

export class ZoneImage {
  readonly arena: Arena;
  readonly writer: ArenaWriter;
  readonly limbo: Limbo;
  readonly assembler: NameAssembler;
  readonly #zones: NameNodes;
  /** The writer's side of the tables of names, by holder: a growth under way outlives one commit. */
  readonly #names = new Map<number, NameNodes>();

  constructor(writer: ArenaWriter) {
    this.arena = writer.arena;
    this.writer = writer;
    this.limbo = new Limbo(writer);
    this.assembler = new NameAssembler(writer);
    const table = new NameTable(writer, writer.words[imageHeader.zones]!);
    this.#zones = new NameNodes(writer, table, this.seed, (reference, size) =>
      this.limbo.retire(reference, size),
    );
  }

  /** Makes an empty image in a new region. `seed`: 32 random bits. */
  static create(
    arena: Arena,
    seed: number,
    writer: ArenaWriter = new ArenaWriter(arena),
  ): ZoneImage {
    writer.put(imageHeader.seed, seed | 0);
    writer.put(imageHeader.layout, layoutNumber);
    writer.put(imageHeader.zones, NameTable.make(writer, 16).holder);
    writer.put(arenaHeader.root, 1);
    return new ZoneImage(writer);
  }

  get seed(): number {
    return this.writer.words[imageHeader.seed]!;
  }

  /** The version that readers enter with now. */
  get version(): number {
    return this.writer.words[imageHeader.version]!;
  }

  /** The version that the next commit will have; 0 is never one, since it means "visible to all". */
  get nextVersion(): number {
    return this.versionAhead(0);
  }

  /** The version of the commit that comes after so many others. */
  versionAhead(commits: number): number {
    let version = this.version;
    for (let i = 0; i <= commits; i++) version = ((version + 1) | 0) === 0 ? 1 : (version + 1) | 0;
    return version;
  }

  /** The element in force of a zone's version chain, 0 if the zone is not hosted. */
  zoneOf(apexName: Uint8Array): number {
    const { words } = this.writer;
    const handle = this.#zones.find(apexName, 0);
    const head = handle === 0 ? 0 : words[handle * 2 + node.head]!;
    return head === 0 || (words[head * 2 + zoneVersion.flags]! & zoneFlag.deleted) !== 0 ? 0 : head;
  }

  /** The way to the nodes of a zone, given by an element of its chain. */
  namesOf(zone: number): NameNodes {
    const holder = this.writer.words[zone * 2 + zoneVersion.names]!;
    let names = this.#names.get(holder);
    if (names === undefined) {
      const retire = (reference: number, size: number): void => this.limbo.retire(reference, size);
      names = new NameNodes(this.writer, new NameTable(this.writer, holder), this.seed, retire);
      this.#names.set(holder, names);
    }
    return names;
  }

  /** Calls `each` with every hosted zone's element in force. */
  forEachZone(each: (zone: number) => void): void {
    const { words } = this.writer;
    this.#zones.table.forEach((handle) => {
      const head = words[handle * 2 + node.head]!;
      if (head !== 0 && (words[head * 2 + zoneVersion.flags]! & zoneFlag.deleted) === 0) each(head);
    });
  }

  /**
   * Links an element of a zone's chain and publishes it: one store, and readers that enter afterwards
   * see it. `zone.version` must be `nextVersion`. The former element, and with `replacesAll` all
   * that hung from it, is given back later.
   */
  publish(apexName: Uint8Array, zone: number, replacesAll: boolean): void {
    const { writer } = this;
    const { words } = writer;
    let handle = this.#zones.find(apexName, 0);
    if (handle === 0) handle = this.#zones.makeApex(apexName, 0);
    const version = this.nextVersion;
    const before = words[handle * 2 + node.head]!;
    writer.put(zone * 2 + zoneVersion.older, before);
    this.limbo.settle(zone);
    if (before !== 0) {
      if (replacesAll) {
        const holder = words[before * 2 + zoneVersion.names]!;
        this.#names.get(holder)?.table.stopGrowing();
        this.#names.delete(holder);
        this.limbo.retireWhole(before);
      } else this.limbo.retire(before, zoneVersion.words * 4);
    }
    this.#countZone(handle, before, zone);
    writer.publish(handle * 2 + node.head, zone);
    writer.publish(imageHeader.version, version);
    this.limbo.close(version);
    this.reclaim();
  }

  /** Stops hosting a zone, or expecting one; false if it was not hosted. */
  remove(apexName: Uint8Array): boolean {
    const hosted = this.zoneOf(apexName) !== 0;
    if (hosted || this.#isExpected(apexName)) this.#publishNone(apexName, zoneFlag.deleted);
    return hosted;
  }

  /**
   * Lets queries for a zone be answered with SERVFAIL until one is published: there is to be one, so that
   * neither its parent nor nobody may answer for it. For everybody else it is not hosted. Does nothing
   * where it is.
   */
  expect(apexName: Uint8Array): void {
    if (this.zoneOf(apexName) !== 0 || this.#isExpected(apexName)) return;
    this.#publishNone(apexName, zoneFlag.deleted | zoneFlag.expected);
  }

  /** Ends expecting any zone: who begins anew says again which there are to be. */
  expectNone(): void {
    const { words, octets } = this.writer;
    const names: Uint8Array[] = [];
    this.#zones.table.forEach((handle) => {
      const head = words[handle * 2 + node.head]!;
      if (head === 0 || (words[head * 2 + zoneVersion.flags]! & zoneFlag.expected) === 0) return;
      const at = handle * 8 + node.nameOctet;
      names.push(octets.slice(at, at + (words[handle * 2 + node.info]! & 0xff)));
    });
    for (const name of names) this.#publishNone(name, zoneFlag.deleted);
  }

  #isExpected(apexName: Uint8Array): boolean {
    const { words } = this.writer;
    const handle = this.#zones.find(apexName, 0);
    const head = handle === 0 ? 0 : words[handle * 2 + node.head]!;
    return head !== 0 && (words[head * 2 + zoneVersion.flags]! & zoneFlag.expected) !== 0;
  }

  #publishNone(apexName: Uint8Array, flags: number): void {
    const { writer } = this;
    const zone = writer.allocate(zoneVersion.words * 4);
    writer.clear(zone, zoneVersion.words * 4);
    writer.put(zone * 2 + zoneVersion.version, this.nextVersion);
    writer.put(zone * 2 + zoneVersion.flags, flags);
    this.publish(apexName, zone, true);
  }

  /**
   * Lets a hosted zone be answered for with SERVFAIL only, or as usual again: a copy that has expired is
   * kept, but not given out. A commit leaves it so, a zone that replaces it does not. False if it is not hosted.
   */
  withhold(apexName: Uint8Array, withheld: boolean): boolean {
    const before = this.zoneOf(apexName);
    if (before === 0) return false;
    const { writer } = this;
    const { words } = writer;
    const flags = words[before * 2 + zoneVersion.flags]!;
    const wanted = withheld ? flags | zoneFlag.withheld : flags & ~zoneFlag.withheld;
    if (wanted === flags) return true;
    const zone = writer.allocate(zoneVersion.words * 4);
    for (let i = 0; i < zoneVersion.words; i++) writer.put(zone * 2 + i, words[before * 2 + i]!);
    writer.put(zone * 2 + zoneVersion.version, this.nextVersion);
    writer.put(zone * 2 + zoneVersion.flags, wanted);
    this.publish(apexName, zone, false);
    return true;
  }

  /** Counts the zone in or out. Depths of zones that went stay set: a look at one costs little. */
  #countZone(handle: number, before: number, after: number): void {
    const { words } = this.writer;
    const hosted = (zone: number): number =>
      zone !== 0 && (words[zone * 2 + zoneVersion.flags]! & zoneFlag.deleted) === 0 ? 1 : 0;
    const depth = Math.min(31, (words[handle * 2 + node.info]! >>> 8) & 0xff);
    this.writer.put(imageHeader.zoneDepths, words[imageHeader.zoneDepths]! | (1 << depth));
    this.writer.put(
      imageHeader.zoneCount,
      words[imageHeader.zoneCount]! + hosted(after) - hosted(before),
    );
  }

  /** Gives back what no reader can see any more. Returns true when nothing waits. */
  reclaim(): boolean {
    const lag = oldestReaderLag(this.writer.words, this.version);
    return this.limbo.release((this.version - lag) | 0);
  }

  /** Frees a zone that was built and never published. */
  discard(zone: number): void {
    freeWhole(this.writer, zone);
  }
}
