/**
 * Finds the node of a name: open addressing with write-once slots, so that readers need no lock.
 * A slot that a reader sees empty ends its search; the writer fills a slot after the node is whole.
 * Growth fills a larger table beside the present one and then swaps the holder's reference with one store.
 */
import type { ArenaWriter } from '@riad/octets/arena';
import { maxProbe, node, tableHolder, tableSlots } from './layout.ts';

// Constants of this module, which the compiler knows; those of another it would load at each use.
const mostProbes = maxProbe;
const tableHolderSlots = tableHolder.slots;
const tableHolderNodes = tableHolder.nodes;
const tableHolderSizeOctets = tableHolder.sizeOctets;
const tableSlotsMask = tableSlots.mask;
const tableSlotsFirst = tableSlots.first;
const nodeNameOctet = node.nameOctet;
const nodeInfo = node.info;
const nodeHash = node.hash;

/**
 * The node with this hash and this name (wire form, lower case, at `nameAt` of `nameOctets`), or 0.
 * `holder` is the table's. A node that is found may still be invisible: see `visible`.
 */
export function findNode(
  words: Int32Array,
  octets: Uint8Array,
  holder: number,
  hash: number,
  nameOctets: Uint8Array,
  nameAt: number,
  nameLength: number,
): number {
  // A plain load: what it leads to was written before, and the address depends on it.
  const slots = words[holder * 2 + tableHolderSlots]! * 2;
  const mask = words[slots + tableSlotsMask]!;
  let slot = hash & mask;
  for (let probe = 0; probe <= mostProbes; probe++) {
    const place = slots + tableSlotsFirst + slot * 2;
    const found = words[place + 1]!;
    if (found === 0) return 0;
    if (words[place] === hash) {
      const at = found * 8 + nodeNameOctet;
      if ((words[found * 2 + nodeInfo]! & 0xff) === nameLength) {
        let i = 0;
        while (i < nameLength && octets[at + i] === nameOctets[nameAt + i]) i++;
        if (i === nameLength) return found;
      }
    }
    slot = (slot + 1) & mask;
  }
  return 0;
}

function slotsSizeOctets(slotCount: number): number {
  return (tableSlotsFirst + slotCount * 2) * 4;
}

/** The writer's side of one table. */
export class NameTable {
  readonly holder: number;
  readonly #writer: ArenaWriter;
  #used: number;
  /** Slots that are being filled to replace the present ones, or 0. */
  #larger = 0;
  #migrated = 0;

  constructor(writer: ArenaWriter, holder: number) {
    this.#writer = writer;
    this.holder = holder;
    this.#used = writer.words[holder * 2 + tableHolderNodes]!;
  }

  static make(writer: ArenaWriter, expectedNodes: number): NameTable {
    const holder = writer.allocateKept(tableHolderSizeOctets);
    let slotCount = 8;
    while (slotCount * 0.6 < expectedNodes) slotCount *= 2;
    writer.put(holder * 2 + tableHolderSlots, makeSlots(writer, slotCount));
    writer.put(holder * 2 + tableHolderNodes, 0);
    return new NameTable(writer, holder);
  }

  get nodes(): number {
    return this.#used;
  }

  find(hash: number, name: Uint8Array, at: number, length: number): number {
    const { words, octets } = this.#writer;
    return findNode(words, octets, this.holder, hash, name, at, length);
  }

  /**
   * Links a node that is not in the table yet. The table grows a little with each call, so that no
   * call takes long. `retire` gets the old slots when it has grown; they may be freed once no reader
   * can be in them.
   */
  insert(reference: number, retire: (reference: number, sizeOctets: number) => void): void {
    const writer = this.#writer;
    const words = writer.words;
    const hash = words[reference * 2 + nodeHash]!;
    for (;;) {
      const slots = words[this.holder * 2 + tableHolderSlots]!;
      const count = words[slots * 2 + tableSlotsMask]! + 1;
      if (this.#larger === 0 && this.#used >= count * 0.6) this.#startGrowing(count * 2);
      if (this.#larger !== 0) {
        if (!link(writer, this.#larger, hash, reference)) {
          this.#restartGrowing(); // a probe was too long: once more, with more room
          continue;
        }
        this.#migrate(slots, count, 64);
      }
      if (this.#larger === 0 || this.#migrated < count) {
        if (!link(writer, slots, hash, reference)) {
          if (this.#larger === 0) this.#startGrowing(count * 2);
          this.#migrate(slots, count, count);
          if (this.#larger !== 0) this.#swap(slots, count, retire);
          continue;
        }
      }
      if (this.#larger !== 0 && this.#migrated >= count) this.#swap(slots, count, retire);
      this.#used++;
      writer.put(this.holder * 2 + tableHolderNodes, this.#used);
      return;
    }
  }

  #startGrowing(slotCount: number): void {
    this.#larger = makeSlots(this.#writer, slotCount);
    this.#migrated = 0;
  }

  #restartGrowing(): void {
    const count = this.#writer.words[this.#larger * 2 + tableSlotsMask]! + 1;
    this.#writer.free(this.#larger, slotsSizeOctets(count));
    this.#startGrowing(count * 2);
  }

  /** Takes the next `most` of the `count` old slots over into the larger table. */
  #migrate(old: number, count: number, most: number): void {
    const words = this.#writer.words;
    const end = Math.min(count, this.#migrated + most);
    while (this.#migrated < end) {
      const place = old * 2 + tableSlotsFirst + this.#migrated * 2;
      const found = words[place + 1]!;
      // The hash is taken from the slot: the node would be one more wait for memory.
      if (found !== 0 && !link(this.#writer, this.#larger, words[place]!, found)) {
        this.#restartGrowing();
      } else this.#migrated++;
    }
  }

  #swap(old: number, count: number, retire: (reference: number, size: number) => void): void {
    this.#writer.publish(this.holder * 2 + tableHolderSlots, this.#larger);
    this.#larger = 0;
    retire(old, slotsSizeOctets(count));
  }

  /** Calls `each` for every node linked, in the order of the slots. */
  forEach(each: (reference: number) => void): void {
    const words = this.#writer.words;
    const slots = words[this.holder * 2 + tableHolderSlots]!;
    const count = words[slots * 2 + tableSlotsMask]! + 1;
    for (let slot = 0; slot < count; slot++) {
      const found = words[slots * 2 + tableSlotsFirst + slot * 2 + 1]!;
      if (found !== 0) each(found);
    }
  }

  /** Gives up a growth that was under way; the present slots are whole. */
  stopGrowing(): void {
    if (this.#larger === 0) return;
    const count = this.#writer.words[this.#larger * 2 + tableSlotsMask]! + 1;
    this.#writer.free(this.#larger, slotsSizeOctets(count));
    this.#larger = 0;
  }

  /** Gives the table's own memory back; the nodes are their owner's. */
  free(retire: (reference: number, sizeOctets: number) => void): void {
    this.stopGrowing();
    const words = this.#writer.words;
    const slots = words[this.holder * 2 + tableHolderSlots]!;
    retire(slots, slotsSizeOctets(words[slots * 2 + tableSlotsMask]! + 1));
    retire(this.holder, tableHolderSizeOctets);
  }
}

function makeSlots(writer: ArenaWriter, slotCount: number): number {
  const slots = writer.allocateKept(slotsSizeOctets(slotCount));
  writer.clear(slots, slotsSizeOctets(slotCount));
  writer.put(slots * 2 + tableSlotsMask, slotCount - 1);
  return slots;
}

/** Puts a node, once, into the first empty slot of its probe; false if the probe would be too long. */
function link(writer: ArenaWriter, slots: number, hash: number, reference: number): boolean {
  const words = writer.words;
  const mask = words[slots * 2 + tableSlotsMask]!;
  let slot = hash & mask;
  for (let probe = 0; probe < mostProbes; probe++) {
    const place = slots * 2 + tableSlotsFirst + slot * 2;
    const found = words[place + 1]!;
    if (found === reference) return true;
    if (found === 0) {
      writer.put(place, hash);
      writer.publish(place + 1, reference);
      return true;
    }
    slot = (slot + 1) & mask;
  }
  return false;
}
