/**
 * Tells secondaries that zones have changed, again and again until they answer (RFC 1996 §3.6). For each
 * target and zone there is one entry; news replaces what was not answered yet. Each copy is signed
 * anew, and many at once leave one after the other.
 *
 * Not here: sockets, who is told (notify-targets.ts), and TSIG, which is injected.
 */
import { decodeMessage, type Message } from '@riad/dns/message';
import { type Name, nameKey } from '@riad/dns/name';
import type { Endpoint, Instant } from '@riad/octets/engine';
import { DueQueue } from '../due-queue.ts';
import type { Verified } from '../transfer/transfer-message.ts';
import type { ZoneRecord } from '../zone-image/zone-commit.ts';
import { answersNotify, notifyMessage } from './notify-message.ts';

/** Seconds from each copy to the next, and from the last to giving up. */
export const gapsSeconds: readonly number[] = [1, 1, 1, 4, 13, 20, 20, 120, 420, 900, 2100, 82_800];
/** Copies over UDP before TCP is tried: where UDP is filtered, nothing else would get through. */
const udpCopies = 4;

/** A thousand zones with sixteen secondaries each, and room; an entry has about a kilobyte. */
export const maxPendingNotifies = 32_768;
/** So that a thousand zones announced at once are no flood for a small secondary. */
export const notifiesPerSecond = 200;
/** Answers to this many copies of an entry are known by their signature. */
const maxRememberedCopies = 4;

/** A key as the service knows it; whoever signs finds the secret by it. */
export type KeyName = string;

export type NotifyTarget =
  | { readonly via: 'address'; readonly endpoint: Endpoint; readonly key: KeyName | undefined }
  /** A connection that a secondary opened and registered (registrations.ts). */
  | { readonly via: 'connection'; readonly connection: number; readonly key: KeyName };

export type SignedRequest = {
  readonly octets: Uint8Array;
  /** Checks an answer to this copy. */
  verify(answer: Uint8Array): Verified;
};

/** Signs a request now; undefined when the key is gone, and with it the entry. */
export type RequestSigner = (key: KeyName, message: Uint8Array) => SignedRequest | undefined;

export type NotifyInput =
  | {
      readonly type: 'announce';
      readonly zone: Name;
      readonly soa: ZoneRecord;
      readonly targets: readonly NotifyTarget[];
    }
  /** A message that came from an address, or over a connection that was registered. */
  | { readonly type: 'answer'; readonly from: Endpoint | number; readonly octets: Uint8Array }
  /** Ends what waits for a connection that closed, for a key or a zone that went. */
  | { readonly type: 'closed'; readonly connection: number }
  | { readonly type: 'key-removed'; readonly key: KeyName }
  | { readonly type: 'zone-removed'; readonly zone: Name }
  | { readonly type: 'timer' };

export type NotifyOutput =
  | {
      readonly type: 'send';
      readonly target: NotifyTarget;
      readonly transport: 'udp' | 'tcp' | 'connection';
      readonly octets: Uint8Array;
    }
  | { readonly type: 'wake'; readonly at: Instant }
  | {
      readonly type: 'settled';
      readonly zone: Name;
      readonly target: NotifyTarget;
      /** `full`: the table has no room; the secondary will find out by its own refresh. */
      readonly outcome: 'acknowledged' | 'refused' | 'unanswered' | 'key-gone' | 'full';
      readonly rcode: number;
    };

type Entry = {
  readonly key: string;
  readonly zone: Name;
  readonly target: NotifyTarget;
  readonly id: number;
  readonly message: Uint8Array;
  /** Copies so far. */
  sent: number;
  /** The last copies that were signed, newest last. */
  readonly copies: SignedRequest[];
};

export class NotifySender {
  readonly #sign: RequestSigner;
  readonly #random: (length: number) => Uint8Array;
  readonly #entries = new Map<string, Entry>();
  readonly #queue = new DueQueue<Entry>();
  /** When the next copy may leave, so that they keep their distance. */
  #free: Instant = Number.NEGATIVE_INFINITY;

  constructor(sign: RequestSigner, random: (length: number) => Uint8Array) {
    this.#sign = sign;
    this.#random = random;
  }

  /** Entries that wait for an answer. */
  get pending(): number {
    return this.#entries.size;
  }

  /** What waits for an answer, for people. */
  list(): { readonly zone: Name; readonly target: NotifyTarget }[] {
    return [...this.#entries.values()].map(({ zone, target }) => ({ zone, target }));
  }

  step(now: Instant, input: NotifyInput): NotifyOutput[] {
    const outputs: NotifyOutput[] = [];
    switch (input.type) {
      case 'announce':
        for (const target of input.targets) {
          this.#announce(now, input.zone, input.soa, target, outputs);
        }
        break;
      case 'answer':
        this.#answer(input.from, input.octets, outputs);
        break;
      case 'closed':
        this.#drop(
          ({ target }) => target.via === 'connection' && target.connection === input.connection,
        );
        break;
      case 'key-removed':
        this.#drop(({ target }) => target.key === input.key);
        break;
      case 'zone-removed': {
        const zone = nameKey(input.zone);
        this.#drop((entry) => nameKey(entry.zone) === zone);
        break;
      }
      case 'timer':
    }
    this.#send(now, outputs);
    const due = this.#queue.next;
    if (due !== undefined) outputs.push({ type: 'wake', at: Math.max(due, this.#free) });
    return outputs;
  }

  #announce(
    now: Instant,
    zone: Name,
    soa: ZoneRecord,
    target: NotifyTarget,
    outputs: NotifyOutput[],
  ): void {
    const key = `${targetKey(target)} ${nameKey(zone)}`;
    const before = this.#entries.get(key);
    if (before !== undefined) this.#end(before);
    if (this.#entries.size >= maxPendingNotifies) {
      outputs.push({ type: 'settled', zone, target, outcome: 'full', rcode: 0 });
      return;
    }
    const [high, low] = this.#random(2);
    const id = (high! << 8) | low!;
    const message = notifyMessage(zone, soa, id);
    const entry: Entry = { key, zone, target, id, message, sent: 0, copies: [] };
    this.#entries.set(key, entry);
    this.#queue.set(entry, now);
  }

  /** Sends what is due, as far as the pace allows. */
  #send(now: Instant, outputs: NotifyOutput[]): void {
    // A pause saves up the copies of a tenth of a second, no more.
    this.#free = Math.max(this.#free, now - 100);
    while (this.#free <= now) {
      const entry = this.#queue.take(now);
      if (entry === undefined) return;
      const gap = gapsSeconds[entry.sent];
      if (gap === undefined) {
        this.#settle(entry, 'unanswered', 0, outputs);
        continue;
      }
      const octets = this.#copy(entry);
      if (octets === undefined) {
        this.#settle(entry, 'key-gone', 0, outputs);
        continue;
      }
      const { target } = entry;
      const transport =
        target.via === 'connection' ? 'connection' : entry.sent < udpCopies ? 'udp' : 'tcp';
      outputs.push({ type: 'send', target, transport, octets });
      entry.sent++;
      this.#free += 1000 / notifiesPerSecond;
      this.#queue.set(entry, now + gap * 1000);
    }
  }

  /** The next copy, signed at this moment if the target has a key; undefined without that key. */
  #copy({ target, message, copies }: Entry): Uint8Array | undefined {
    if (target.key === undefined) return message;
    const signed = this.#sign(target.key, message);
    if (signed === undefined) return undefined;
    copies.push(signed);
    if (copies.length > maxRememberedCopies) copies.shift();
    return signed.octets;
  }

  #answer(from: Endpoint | number, octets: Uint8Array, outputs: NotifyOutput[]): void {
    const decoded = decodeMessage(octets);
    const zone = decoded.ok ? decoded.value.questions[0]?.name : undefined;
    if (!decoded.ok) return;
    const message = decoded.value;
    const source = typeof from === 'number' ? `#${from}` : addressKey(from);
    if (zone !== undefined) {
      const entry = this.#entries.get(`${source} ${nameKey(zone)}`);
      if (entry !== undefined) this.#match(entry, message, octets, outputs);
      return;
    }
    for (const entry of this.#entries.values()) {
      if (entry.id === message.id && targetKey(entry.target) === source) {
        this.#match(entry, message, octets, outputs);
        return;
      }
    }
  }

  /** RFC 1996 §3.6: any answer to it ends it. Where it was signed, the answer has to be, too. */
  #match(entry: Entry, answer: Message, octets: Uint8Array, outputs: NotifyOutput[]): void {
    if (entry.sent === 0 || !answersNotify(answer, entry.id, entry.zone)) return;
    if (entry.target.key !== undefined && !entry.copies.some((copy) => copy.verify(octets).ok)) {
      return;
    }
    const { rcode } = answer;
    this.#settle(entry, rcode === 0 ? 'acknowledged' : 'refused', rcode, outputs);
  }

  #settle(
    entry: Entry,
    outcome: 'acknowledged' | 'refused' | 'unanswered' | 'key-gone',
    rcode: number,
    outputs: NotifyOutput[],
  ): void {
    this.#end(entry);
    outputs.push({ type: 'settled', zone: entry.zone, target: entry.target, outcome, rcode });
  }

  #drop(which: (entry: Entry) => boolean): void {
    for (const entry of [...this.#entries.values()]) if (which(entry)) this.#end(entry);
  }

  #end(entry: Entry): void {
    this.#entries.delete(entry.key);
    this.#queue.delete(entry);
  }
}

/** The port may be another than the one that was sent to: answers over TCP come from where they went. */
function addressKey({ address, port }: Endpoint): string {
  return `${address} ${port}`;
}

function targetKey(target: NotifyTarget): string {
  return target.via === 'connection' ? `#${target.connection}` : addressKey(target.endpoint);
}
