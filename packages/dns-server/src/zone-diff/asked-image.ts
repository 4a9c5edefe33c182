/** Zones that are asked by the one answering function, as a client over TCP would ask. */
import { headerOctets } from '@riad/dns/message';
import type { Name } from '@riad/dns/name';
import { arenaHeader } from '@riad/octets/arena';
import { sipKey } from '@riad/octets/siphash';
import { Answerer } from '../answer/answer.ts';
import type { AnswerOptions } from '../answer/answer-options.ts';
import { counterWords } from '../answer/counters.ts';
import { QueryState, transport } from '../answer/query-state.ts';
import type { Sha1 } from '../zone-image/denial-index.ts';
import { claimReaderSlot, releaseReaderSlot } from '../zone-image/reader-slots.ts';
import type { ZoneImage } from '../zone-image/zone-image.ts';

const queryOctets = 512;
const answerOctets = 65_536;
const countersOctets = counterWords * 4;

/** What an image needs at its end to be asked. */
export const askedTailOctets: number =
  QueryState.scratchOctets + countersOctets + queryOctets + answerOctets + 64;

const options: AnswerOptions = {
  maxUdpOctets: 1232,
  nsid: new Uint8Array(0),
  versionText: new Uint8Array(0),
  keepaliveUnits: 0,
  rateLimit: { responsesPerSecond: 0, slip: 0, ipv4PrefixBits: 24, ipv6PrefixBits: 56 },
  askers: undefined,
};

/** OPT of 1232 octets, version 0, with DO (RFC 6891 §6.1.3). */
const optWithDo = Uint8Array.of(0, 0, 41, 0x04, 0xd0, 0, 0, 0x80, 0, 0, 0);

export class AskedImage implements Disposable {
  readonly #octets: Uint8Array;
  readonly #words: Int32Array;
  readonly #answerer: Answerer;
  readonly #slot: number;
  readonly #query: number;
  readonly #out: number;

  /** `image`: reserved with `askedTailOctets` or more. */
  constructor(image: ZoneImage, sha1: Sha1) {
    const { arena } = image;
    this.#octets = arena.octets;
    this.#words = arena.words;
    const tail = arena.words[arenaHeader.capacity]! * 8;
    if (arena.octets.length - tail < askedTailOctets) {
      throw new RangeError('the image was reserved without room for answers');
    }
    const counters = tail + QueryState.scratchOctets;
    this.#query = counters + countersOctets;
    this.#out = this.#query + queryOctets;
    this.#slot = claimReaderSlot(arena.words);
    const places = { scratch: tail, counters: counters / 4, clock: counters / 4, rates: 0 };
    const cookies = { current: sipKey(new Uint8Array(16)), previous: undefined };
    this.#answerer = new Answerer(arena, places, this.#slot, options, cookies, sha1);
    this.#answerer.enter();
  }

  [Symbol.dispose](): void {
    this.#answerer.leave();
    releaseReaderSlot(this.#words, this.#slot);
  }

  /** The answer as octets, valid until the next question. `dnssec`: as a validating resolver asks (RFC 3225). */
  ask(name: Name, type: number, dnssec: boolean = false): Uint8Array {
    const octets = this.#octets;
    const query = this.#query;
    octets.fill(0, query, query + headerOctets);
    octets[query + 5] = 1; // QDCOUNT
    octets.set(name, query + headerOctets);
    let at = query + headerOctets + name.length;
    octets[at++] = type >>> 8;
    octets[at++] = type & 0xff;
    octets[at++] = 0;
    octets[at++] = 1; // class IN
    if (dnssec) {
      octets[query + 11] = 1; // ARCOUNT
      octets.set(optWithDo, at);
      at += optWithDo.length;
    }
    const out = this.#out;
    const via = transport.tcp;
    const length = this.#answerer.answer(query, at - query, out, answerOctets - 1, via, query, 4);
    if (length <= 0) throw new RangeError(`type ${type} is no question for zones`);
    return octets.subarray(out, out + length);
  }

  /** Whether the last answer was made from a wildcard. */
  get fromWildcard(): boolean {
    return this.#answerer.state.fromWildcard;
  }
}
