/**
 * One region of shared memory that many readers look at while one writer changes it.
 *
 * The region is a SharedArrayBuffer of fixed size. Its address space is reserved when it is made and
 * the system commits pages when they are first written, so a large reservation costs nothing. A growable
 * buffer would cost: every access of a loop over it was measured to be 26 times as slow.
 *
 * A reference is a place in units of 8 octets, so that 32 bits reach 32 GiB; 0 is "nothing". The first
 * octets hold the header below. Not here: what stands in the region, and who may read what when.
 */

/** Words (of 4 octets) at the start of the region. */
export const arenaHeader = {
  magic: 0,
  /** First never-used place, in units of 8 octets. */
  top: 1,
  /** Size of the region, in units of 8 octets. */
  capacity: 2,
  /** Units of 8 octets that are free below `top`. */
  free: 3,
  /** What the owner of the region wants readers to start from. */
  root: 4,
  /** First of `readerSlotCount` slots of `readerSlotWords` words; see reader-slots.ts. */
  readerSlots: 16,
  readerSlotCount: 64,
  /** A cache line each, so that readers do not slow each other down. */
  readerSlotWords: 16,
  /** First octet behind the header. */
  endOctets: 8192,
} as const;

const magic = 0x52494144; // "RIAD"

/** Blocks up to this size (in units of 8 octets) have a free list for each size. */
const exactClasses = 512;
/** Above, a class for each power of two and quarter, up to the largest block. */
const classCount = exactClasses + 4 * 24;

export class ArenaFull extends Error {
  readonly code = 'arena.full';
  constructor(wantedOctets: number, capacityOctets: number) {
    super(
      `shared memory is full: ${wantedOctets} more octets wanted, ${capacityOctets} reserved; raise memory.reserveOctets`,
    );
    this.name = 'ArenaFull';
  }
}

/** Views over a region; what a reader needs. */
export class Arena {
  readonly buffer: SharedArrayBuffer;
  readonly octets: Uint8Array;
  readonly words: Int32Array;
  readonly view: DataView;

  constructor(buffer: SharedArrayBuffer) {
    this.buffer = buffer;
    this.octets = new Uint8Array(buffer);
    this.words = new Int32Array(buffer);
    this.view = new DataView(buffer);
  }

  /**
   * Reserves a region. `reserveOctets`: at most 2 GiB, so that every place is a small integer. The last
   * `tailOctets` are never allocated: they are for what is not kept, such as buffers.
   */
  static reserve(reserveOctets: number, tailOctets: number = 0): Arena {
    if (!(reserveOctets >= 65536 && reserveOctets <= 2 ** 31)) {
      throw new RangeError(`reserveOctets: ${reserveOctets} is not between 65536 and 2147483648`);
    }
    return Arena.format(
      new Arena(new SharedArrayBuffer(reserveOctets - (reserveOctets % 8))),
      tailOctets,
    );
  }

  /**
   * Makes a region empty, whatever its header said. Readers keep their slots: they may have taken them
   * while somebody still finds out what the region shall hold.
   */
  static format(arena: Arena, tailOctets: number): Arena {
    arena.words.fill(0, 0, arenaHeader.readerSlots);
    arena.words[arenaHeader.magic] = magic;
    arena.words[arenaHeader.top] = arenaHeader.endOctets >>> 3;
    arena.words[arenaHeader.capacity] = (arena.buffer.byteLength - tailOctets) >>> 3;
    return arena;
  }
}

/**
 * The one writer of a region. Every store that a reader could see goes through `put`, `putOctet`,
 * `copyIn` or `publish`, so that a test can look at the region between any two of them.
 */
export class ArenaWriter {
  readonly arena: Arena;
  readonly octets: Uint8Array;
  readonly words: Int32Array;
  /** Heads of the free lists, kept by the writer alone; a free block's first word is the next one. */
  readonly #freeLists: Int32Array = new Int32Array(classCount);

  /**
   * While set, `allocate` notes here what it gave out (reference and octets in turn), so that somebody
   * who gives up halfway can free it all.
   */
  journal: number[] | undefined = undefined;

  constructor(arena: Arena) {
    this.arena = arena;
    this.octets = arena.octets;
    this.words = arena.words;
  }

  /** Stores one word. `word` is an index of words. */
  put(word: number, value: number): void {
    this.words[word] = value;
  }

  /** Stores one word so that all stores before it are seen by whoever sees it. */
  publish(word: number, value: number): void {
    Atomics.store(this.words, word, value);
  }

  putOctet(octet: number, value: number): void {
    this.octets[octet] = value;
  }

  /** Copies `source[start..end)` to the place `octet`. */
  copyIn(octet: number, source: Uint8Array, start: number, end: number): void {
    const octets = this.octets;
    for (let i = start, to = octet; i < end; i++, to++) octets[to] = source[i]!;
  }

  /** Zeroes a block that no reader can see yet. */
  clear(reference: number, sizeOctets: number): void {
    this.words.fill(0, reference * 2, reference * 2 + ((sizeOctets + 3) >>> 2));
  }

  /**
   * A block of at least `sizeOctets` octets; its content is undefined.
   * Returns its reference. Throws ArenaFull and then has changed nothing.
   */
  allocate(sizeOctets: number): number {
    const reference = this.allocateKept(sizeOctets);
    this.journal?.push(reference, sizeOctets);
    return reference;
  }

  /** The same, for what stays even if the work it was made for is given up. */
  allocateKept(sizeOctets: number): number {
    const units = roundUnits((sizeOctets + 7) >>> 3);
    const index = classOf(units);
    const head = this.#freeLists[index]!;
    if (head !== 0) {
      this.#freeLists[index] = this.words[head * 2]!;
      this.put(arenaHeader.free, this.words[arenaHeader.free]! - units);
      return head;
    }
    const top = this.words[arenaHeader.top]!;
    const capacity = this.words[arenaHeader.capacity]!;
    if (units > capacity - top) throw new ArenaFull(units * 8, capacity * 8);
    this.put(arenaHeader.top, top + units);
    return top;
  }

  /** Gives a block back; `sizeOctets` as it was asked for. */
  free(reference: number, sizeOctets: number): void {
    const units = roundUnits((sizeOctets + 7) >>> 3);
    const index = classOf(units);
    this.poison(reference, units);
    this.put(reference * 2, this.#freeLists[index]!);
    this.#freeLists[index] = reference;
    this.put(arenaHeader.free, this.words[arenaHeader.free]! + units);
  }

  /** Called before a freed block is linked into its list; tests fill it with a pattern here. */
  poison(_reference: number, _units: number): void {}

  /** Octets in use, free blocks not counted. */
  get usedOctets(): number {
    return (this.words[arenaHeader.top]! - this.words[arenaHeader.free]!) * 8;
  }

  /** The free lists, to be kept in a snapshot of the region. */
  saveFreeLists(): Int32Array {
    return this.#freeLists.slice();
  }

  restoreFreeLists(lists: Int32Array): void {
    if (lists.length !== classCount) throw new RangeError(`free lists: ${lists.length} classes`);
    this.#freeLists.set(lists);
  }
}

/** The size a block really has, so that every block of a class has one size. */
function roundUnits(units: number): number {
  if (units <= exactClasses) return units === 0 ? 1 : units;
  const step = 1 << (29 - Math.clz32(units - 1)); // a quarter of the power of two at or below
  return Math.ceil(units / step) * step;
}

function classOf(units: number): number {
  if (units <= exactClasses) return units - 1;
  const log = 31 - Math.clz32(units - 1); // 9 and more
  const quarter = ((units - 1) >>> (log - 2)) & 3;
  return exactClasses + (log - 9) * 4 + quarter;
}
