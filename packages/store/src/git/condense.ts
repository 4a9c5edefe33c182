/**
 * Makes one pack of several, in which objects are deltas of others that look like them: commits of the one
 * before, files of those that came just before, trees of what they came out of. It takes time, and is done once
 * for what a day has brought; from then on its entries are only copied.
 */
import type { Disk } from '../disk/disk.ts';
import type { GitObject, ObjectId, ObjectType } from '../history/objects.ts';
import { RecentlyUsed } from '../history/recently-used.ts';
import { decodeTree, type Tree } from '../history/tree.ts';
import { StoreError } from '../store-error.ts';
import { deflate, storeDeflated } from './deflate.ts';
import { encodeCopies, encodeDelta } from './delta.ts';
import { Pack, packTypes } from './pack.ts';
import { rawId } from './pack-index.ts';
import { fromOldest } from './pack-order.ts';
import { PackWriter } from './pack-writer.ts';
import { textSplices, treeSplices } from './similar.ts';

/** Files that a file is compared with. */
const comparedFiles = 4;
/** Files and commits upon each other: each is read by itself, now and then. */
const maxLikeDeltas = 16;
/** Ids by which the tree is found that another one came out of. */
export const maxKnownEntries = 1_000_000;
const maxSmallTrees = 10_000;
const fewEntries = 3;
/** Entries of a tree by which it is looked for. */
const askedEntries = 80;

/** Writes the new pack, durably, and gives its path. The old ones stay. `kept`: these objects only. */
export async function condensePacks(
  disk: Disk,
  folder: string,
  paths: readonly string[],
  kept?: ReadonlySet<ObjectId>,
): Promise<string> {
  const packs: Pack[] = [];
  try {
    for (const path of paths) packs.push(new Pack(disk, path));
    const sources = fromOldest(packs).map((pack) => new Source(pack));
    const parts = sources.map((source, i) => ({
      source,
      places: source.newPlaces(sources.slice(0, i), kept),
    }));
    const count = parts.reduce((sum, { places }) => sum + places.length, 0);
    const writer = new PackWriter(disk, folder, 'riad_condense', count);
    try {
      const condensing = new Condensing(writer, packs);
      for (const { source, places } of parts) {
        for (const place of places) condensing.add(source, place);
        condensing.endPack();
      }
    } catch (error) {
      writer.abandon();
      throw error;
    }
    return await writer.finish();
  } finally {
    for (const pack of packs) pack.close();
  }
}

/** A pack, read from its beginning. */
class Source {
  readonly pack: Pack;
  /** Places in its index by where they begin. */
  readonly #places: Uint32Array;
  readonly #offsets: Float64Array;

  constructor(pack: Pack) {
    const { index } = pack;
    this.pack = pack;
    this.#places = Uint32Array.from({ length: index.count }, (_, place) => place).sort(
      (a, b) => index.offsetAt(a) - index.offsetAt(b),
    );
    this.#offsets = Float64Array.from(this.#places, (place) => index.offsetAt(place));
  }

  newPlaces(others: readonly Source[], kept: ReadonlySet<ObjectId> | undefined): number[] {
    const { index } = this.pack;
    return [...this.#places].filter(
      (place) =>
        (kept === undefined || kept.has(index.idAt(place).toString('hex'))) &&
        others.every(({ pack }) => pack.index.offset(index.idAt(place)) === undefined),
    );
  }

  idAtOffset(offset: number): ObjectId | undefined {
    let low = 0;
    let high = this.#offsets.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#offsets[middle]! < offset) low = middle + 1;
      else high = middle;
    }
    if (this.#offsets[low] !== offset) return undefined;
    return this.pack.index.idAt(this.#places[low]!).toString('hex');
  }
}

type Compared = { readonly id: ObjectId; readonly content: Uint8Array };

class Condensing {
  readonly #writer: PackWriter;
  readonly #packs: readonly Pack[];
  #commit: Compared | undefined;
  #files: Compared[] = [];
  /** The newest of the trees that came out of each other, by what it was called first. */
  readonly #newest = new Map<ObjectId, ObjectId>();
  readonly #family = new Map<ObjectId, ObjectId>();
  /** Families by the entries that their newest trees have. */
  readonly #known = new RecentlyUsed<ObjectId, ObjectId>(maxKnownEntries, () => 1);
  readonly #small = new RecentlyUsed<string, ObjectId>(maxSmallTrees, () => 1);
  #moved = new Set<ObjectId>();

  constructor(writer: PackWriter, packs: readonly Pack[]) {
    this.#writer = writer;
    this.#packs = packs;
  }

  add(source: Source, place: number): void {
    const { index } = source.pack;
    const raw = index.idAt(place);
    const id = raw.toString('hex');
    const { type, base, sizeOctets, deflated } = source.pack.entry(index.offsetAt(place));
    if (base !== undefined) {
      const baseId = typeof base === 'string' ? base : source.idAtOffset(base);
      if (baseId && this.#writer.addDeflatedDelta(id, baseId, sizeOctets, deflated)) {
        const family = this.#family.get(baseId);
        if (family !== undefined) this.#join(id, family);
        return;
      }
    }
    const object = source.pack.get(raw, (other) => this.#find(other));
    if (object === undefined)
      throw new StoreError('store.object', `${source.pack.path}.pack: ${id}`);
    const whole = packTypes[type] === undefined ? deflate(object.content) : deflated;
    if (object.type === 'tree') this.#addTree(id, object.content, whole);
    else if (object.type === 'commit') this.#addCommit(id, object.content, whole);
    else this.#addFile(id, object, whole);
  }

  /** Trees of the next pack begin anew there: they are found by what the newest ones have. */
  endPack(): void {
    for (const family of this.#moved) {
      const tree = this.#tree(this.#newest.get(family)!);
      for (const { id } of tree?.entries ?? []) this.#known.set(id, family);
    }
    this.#moved = new Set();
  }

  #addCommit(id: ObjectId, content: Uint8Array, whole: Uint8Array): void {
    if (this.#commit === undefined || !this.#addLike(id, content, whole, [this.#commit])) {
      this.#writer.add(id, 'commit', content.length, whole, true);
    }
    this.#commit = { id, content };
  }

  #addFile(id: ObjectId, { type, content }: GitObject, whole: Uint8Array): void {
    if (!this.#addLike(id, content, whole, this.#files)) {
      this.#writer.add(id, type as ObjectType, content.length, whole, true);
    }
    this.#files = [...this.#files, { id, content }].slice(-comparedFiles);
  }

  #addTree(id: ObjectId, content: Uint8Array, whole: Uint8Array): void {
    const tree = decodeTree(content, id);
    // Of a small one all entries may be new: it is known by their names.
    const names =
      tree.entries.length <= fewEntries ? tree.entries.map(nameOf).join('/') : undefined;
    const like = (names && this.#small.get(names)) ?? this.#familyOf(tree);
    const base = like && this.#newest.get(like);
    const old = base === undefined ? undefined : this.#tree(base);
    // One of many into which a tree was split is a delta of that one, and begins a family of its own.
    const goesOn = old !== undefined && tree.entries.length * 2 > old.entries.length;
    const family = like !== undefined && goesOn ? like : id;
    if (names !== undefined) this.#small.set(names, family);
    // Packs that were merged have trees that begin anew in their midst.
    for (const entry of tree.entries) this.#known.set(entry.id, family);
    if (!this.#addTreeDelta(id, tree, whole, base, old)) {
      const deflated = deflate(content);
      const least = deflated.length < whole.length ? deflated : whole;
      this.#writer.add(id, 'tree', content.length, least, true);
    }
    this.#join(id, family);
  }

  #addTreeDelta(
    id: ObjectId,
    tree: Tree,
    whole: Uint8Array,
    base: ObjectId | undefined,
    old: Tree | undefined,
  ): boolean {
    if (base === undefined || old === undefined || !this.#writer.takes(base)) return false;
    const splices = treeSplices(old, tree);
    if (splices === undefined) return false;
    const delta = encodeDelta(old.content.length, tree.content.length, splices);
    const least = smaller(delta);
    if (least.length >= whole.length) return false;
    return this.#writer.addDeflatedDelta(id, base, delta.length, least);
  }

  #join(id: ObjectId, family: ObjectId): void {
    this.#family.set(id, family);
    this.#newest.set(family, id);
    this.#moved.add(family);
  }

  /** The family that shares most entries. */
  #familyOf({ entries }: Tree): ObjectId | undefined {
    const votes = new Map<ObjectId, number>();
    for (const { id } of entries.slice(0, askedEntries)) {
      const family = this.#known.get(id);
      if (family !== undefined) votes.set(family, (votes.get(family) ?? 0) + 1);
    }
    let best: ObjectId | undefined;
    for (const [family, count] of votes) {
      if (best === undefined || count > votes.get(best)!) best = family;
    }
    return best;
  }

  /** As a delta of what takes least; false if it is smaller whole. */
  #addLike(
    id: ObjectId,
    content: Uint8Array,
    whole: Uint8Array,
    others: readonly Compared[],
  ): boolean {
    let least: { readonly base: ObjectId; readonly delta: Uint8Array } | undefined;
    for (const { id: base, content: octets } of others) {
      const copies = this.#writer.takes(base, maxLikeDeltas)
        ? textSplices(octets, content)
        : undefined;
      if (copies === undefined) continue;
      const delta = encodeCopies(octets.length, content, copies);
      if (least === undefined || delta.length < least.delta.length) least = { base, delta };
    }
    if (least === undefined || least.delta.length >= content.length) return false;
    const deflated = smaller(least.delta);
    if (deflated.length >= whole.length) return false;
    return this.#writer.addDeflatedDelta(id, least.base, least.delta.length, deflated);
  }

  #tree(id: ObjectId): Tree | undefined {
    const object = this.#find(id);
    return object?.type === 'tree' ? decodeTree(object.content, id) : undefined;
  }

  #find(id: ObjectId): GitObject | undefined {
    const raw = rawId(id);
    for (const pack of this.#packs) {
      const object = pack.get(raw, (other) => this.#find(other));
      if (object !== undefined) return object;
    }
    return undefined;
  }
}

/** A delta so short has one id in it and little else: deflating it gains nothing. */
const storedDeltaOctets = 64;

function smaller(delta: Uint8Array): Uint8Array {
  const stored = storeDeflated(delta);
  if (stored !== undefined && delta.length <= storedDeltaOctets) return stored;
  const deflated = deflate(delta);
  return stored !== undefined && stored.length <= deflated.length ? stored : deflated;
}

function nameOf({ name }: { readonly name: string }): string {
  return name;
}
