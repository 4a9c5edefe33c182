/**
 * The writer's way from a name to its node, and the making of nodes. A node is only a key: it may
 * stand in the table without existing in any version (as the target of an NS record does before, or
 * without, its addresses).
 */
import type { ArenaWriter } from '@riad/octets/arena';
import { node, nodeFlag } from './layout.ts';
import { hashLabel } from './name-hash.ts';
import type { NameTable } from './name-table.ts';

/** RFC 1035 §2.3.4: a name has at most 255 octets, so at most 127 labels besides the root. */
const maxLabels = 127;

export type Retire = (reference: number, sizeOctets: number) => void;

/** Octets of the block of a node whose name has `nameOctets` octets. */
export function nodeBlockOctets(info: number): number {
  const length = info & 0xff;
  return node.nameOctet + ((info & nodeFlag.originalCase) !== 0 ? length * 2 : length);
}

export class NameNodes {
  readonly #writer: ArenaWriter;
  readonly #table: NameTable;
  readonly #seed: number;
  readonly #retire: Retire;
  readonly #folded = new Uint8Array(256);
  readonly #starts = new Uint8Array(maxLabels + 1);
  readonly #hashes = new Int32Array(maxLabels + 1);
  /** Labels of the name that was last asked for. */
  labels = 0;
  /** While set, hears of each node that is made. */
  made: ((reference: number) => void) | undefined = undefined;

  constructor(writer: ArenaWriter, table: NameTable, seed: number, retire: Retire) {
    this.#writer = writer;
    this.#table = table;
    this.#seed = seed;
    this.#retire = retire;
  }

  get table(): NameTable {
    return this.#table;
  }

  /** The node of a name in wire form, or 0 if there is none. Sets `labels`. */
  find(data: Uint8Array, at: number): number {
    const length = this.#take(data, at);
    return this.#table.find(this.#hashes[this.labels]!, this.#folded, 0, length);
  }

  /**
   * The node of a name at or below the node `apex`; makes it and the nodes between where missing.
   * Returns 0 when the name lies outside. Sets `labels`.
   */
  reach(data: Uint8Array, at: number, apex: number): number {
    const length = this.#take(data, at);
    const found = this.#table.find(this.#hashes[this.labels]!, this.#folded, 0, length);
    if (found !== 0) return found;
    const { words, octets } = this.#writer;
    const apexInfo = words[apex * 2 + node.info]!;
    const apexLabels = (apexInfo >>> 8) & 0xff;
    const apexLength = apexInfo & 0xff;
    if (this.labels <= apexLabels) return 0;
    const apexName = apex * 8 + node.nameOctet;
    const start = length - apexLength;
    if (this.#starts[this.labels - apexLabels] !== start && apexLabels > 0) return 0;
    for (let i = 0; i < apexLength; i++) {
      if (octets[apexName + i] !== this.#folded[start + i]) return 0;
    }
    // From the deepest ancestor that has a node down to the name itself.
    let depth = this.labels - 1;
    let parent = apex;
    for (; depth > apexLabels; depth--) {
      const from = this.#starts[this.labels - depth]!;
      parent = this.#table.find(this.#hashes[depth]!, this.#folded, from, length - from);
      if (parent !== 0) break;
    }
    if (depth === apexLabels) parent = apex;
    for (depth++; depth <= this.labels; depth++) {
      parent = this.#make(depth, length, parent, data, at);
    }
    return parent;
  }

  /** Makes the node of an apex: it has no parent. */
  makeApex(data: Uint8Array, at: number): number {
    const length = this.#take(data, at);
    return this.#make(this.labels, length, 0, data, at);
  }

  /** Folds the name into the scratch space with the place and hash of each of its ends. */
  #take(data: Uint8Array, at: number): number {
    const folded = this.#folded;
    let labels = 0;
    let i = 0;
    for (;;) {
      const length = data[at + i]!;
      folded[i] = length;
      if (length === 0) break;
      this.#starts[labels++] = i++;
      for (const end = i + length; i < end; i++) {
        const octet = data[at + i]!;
        folded[i] = (octet - 65) >>> 0 < 26 ? octet | 32 : octet;
      }
    }
    this.#starts[labels] = i;
    this.labels = labels;
    let hash = this.#seed;
    this.#hashes[0] = hash;
    for (let depth = 1; depth <= labels; depth++) {
      const start = this.#starts[labels - depth]!;
      hash = hashLabel(hash, folded, start + 1, folded[start]!);
      this.#hashes[depth] = hash;
    }
    return i + 1;
  }

  #make(depth: number, length: number, parent: number, data: Uint8Array, at: number): number {
    const writer = this.#writer;
    const folded = this.#folded;
    const start = depth === 0 ? length - 1 : this.#starts[this.labels - depth]!;
    const nameLength = length - start;
    let flags = 0;
    for (let i = start; i < length; i++) {
      if (folded[i] !== data[at + i]) flags = nodeFlag.originalCase;
    }
    if (folded[start] === 1 && folded[start + 1] === 0x2a) flags |= nodeFlag.wildcard;
    const info = nameLength | (depth << 8) | flags;
    const reference = writer.allocateKept(nodeBlockOctets(info));
    const word = reference * 2;
    writer.put(word + node.hash, this.#hashes[depth]!);
    writer.put(word + node.head, 0);
    writer.put(word + node.parent, parent);
    writer.put(word + node.children, 0);
    writer.put(word + node.info, info);
    const name = reference * 8 + node.nameOctet;
    writer.copyIn(name, folded, start, length);
    if ((flags & nodeFlag.originalCase) !== 0) {
      writer.copyIn(name + nameLength, data, at + start, at + length);
    }
    this.#table.insert(reference, this.#retire);
    this.made?.(reference);
    return reference;
  }
}
