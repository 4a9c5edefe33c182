/**
 * A whole zone as messages (RFC 5936 §2.2): SOA, everything else, SOA. Everything is everything: glue,
 * names below zone cuts (§3.5) and signatures go along with the rest. All messages show one version.
 */
import type { Arena } from '@riad/octets/arena';
import type { HeldVersion } from '../zone-image/held-versions.ts';
import { nodeVersion, rrset, zoneVersion } from '../zone-image/layout.ts';
import { firstRrsetWord } from '../zone-image/node-version.ts';
import { nodesOf, nodeVersionAt } from '../zone-image/zone-at.ts';
import { type AnsweredQuery, MessageFill, maxMessageOctets } from './message-fill.ts';
import { type MessageSigner, TransferAborted } from './transfer-message.ts';

/**
 * The messages of a zone that `held` shows; `zone` is the element of its chain (`zoneAt`). Each is a
 * view that is valid until the next is asked for. Throws TransferAborted when a record does not fit
 * into a message beside its signature, or when the hold ends first. The hold stays the caller's.
 */
export function* axfrOut(
  arena: Arena,
  held: HeldVersion,
  zone: number,
  query: AnsweredQuery,
  signer?: MessageSigner,
): Generator<Uint8Array, void, void> {
  const walk = new ZoneWalk(arena, held.version, zone, query, signer?.maxOctets ?? 0);
  for (;;) {
    if (!held.held) throw new TransferAborted('transfer.too-slow');
    const message = walk.next();
    if (message === undefined) return;
    yield signer === undefined ? message : signer.sign(message);
  }
}

const stage = { soaFirst: 0, nodes: 1, soaLast: 2, done: 3 } as const;

class ZoneWalk {
  readonly #words: Int32Array;
  readonly #version: number;
  readonly #fill: MessageFill;
  readonly #nodes: Int32Array;
  readonly #apex: number;
  readonly #soa: number;
  readonly #soaOctets: number;
  #stage: number = stage.soaFirst;
  #node = 0;
  /** RRsets of the present node that are written. */
  #rrset = 0;

  constructor(
    arena: Arena,
    version: number,
    zone: number,
    query: AnsweredQuery,
    signatureOctets: number,
  ) {
    this.#words = arena.words;
    this.#version = version;
    this.#nodes = nodesOf(arena, zone);
    this.#apex = arena.words[zone * 2 + zoneVersion.apex]!;
    this.#soa = arena.words[zone * 2 + zoneVersion.soa]!;
    this.#soaOctets = arena.words[this.#soa * 2 + rrset.sizes]! & 0xffff;
    this.#fill = new MessageFill(arena, this.#apex, query, maxMessageOctets - signatureOctets);
  }

  next(): Uint8Array | undefined {
    if (this.#stage === stage.done) return undefined;
    this.#fill.begin();
    if (this.#run()) this.#stage = stage.done;
    else if (this.#fill.records === 0) throw new TransferAborted('transfer.record-too-large');
    return this.#fill.take();
  }

  /** True when the zone is written to its end, false when the message is full. */
  #run(): boolean {
    const fill = this.#fill;
    if (this.#stage === stage.soaFirst) {
      if (!fill.rrset(this.#apex, this.#soa, 0, this.#soaOctets)) return false;
      this.#stage = stage.nodes;
    }
    if (this.#stage === stage.nodes) {
      if (!this.#walk()) return false;
      this.#stage = stage.soaLast;
    }
    return fill.rrset(this.#apex, this.#soa, 0, this.#soaOctets);
  }

  #walk(): boolean {
    const words = this.#words;
    const nodes = this.#nodes;
    const fill = this.#fill;
    for (; this.#node < nodes.length; this.#node++, this.#rrset = 0) {
      const reference = nodes[this.#node]!;
      const version = nodeVersionAt(words, reference, this.#version);
      if (version === 0) continue;
      const count = words[version * 2 + nodeVersionInfo]! & 0xffff;
      const first = firstRrsetWord(words, version);
      for (; this.#rrset < count; this.#rrset++) {
        const found = words[first + this.#rrset]!;
        const sizes = words[found * 2 + rrsetSizes]!;
        // The SOA stands at both ends only; its signatures here.
        const from = found === this.#soa ? this.#soaOctets : 0;
        if (!fill.rrset(reference, found, from, (sizes & 0xffff) + (sizes >>> 16))) return false;
      }
    }
    return true;
  }
}

// Constants of this module, which the compiler knows; those of another it would load at each use.
const nodeVersionInfo = nodeVersion.info;
const rrsetSizes = rrset.sizes;
