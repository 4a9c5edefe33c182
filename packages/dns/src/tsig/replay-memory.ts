/**
 * Remembers which signed requests were acted upon, so that a copy of one changes nothing a second time
 * (RFC 8945 §5.2.3, RFC 2136 §5). For each key it keeps the MACs whose time is still within the fudge,
 * and the newest time among those it has forgotten: what was signed then or before cannot be told from
 * a copy any more and is refused. The requests have been verified before.
 */

import { textFromOctets } from '@riad/octets/ascii';
import type { UnixSeconds } from '@riad/octets/engine';
import { nameKey } from '../name.ts';
import { leastMacOctets } from './hmac.ts';
import type { SignedRequest } from './verify-request.ts';

/** Requests of one key: 80 a second over two fudges, or thousands a second for a while. */
export const maxRequestsPerKey = 50_000;
/** Keys remembered; more than a key ring holds are never in use. */
export const maxReplayKeys = 10_000;
/** All together: about 100 octets each. */
export const maxRequests = 200_000;

export type Admission =
  | { readonly kind: 'fresh' }
  /** Seen before: not to be acted upon again. `rcode`: how it was answered, if that is over. */
  | { readonly kind: 'copy'; readonly rcode: number | undefined }
  /** Signed no later than something that is forgotten: BADTIME. */
  | { readonly kind: 'too-old' };

/** Requests that were signed in one second: they are forgotten together, as the time refuses them together. */
type SecondMemory = {
  /** When the last of them is out of its fudge. */
  until: number;
  /** The RCODE of the answer by MAC; `pending` until there is one. */
  readonly rcodes: Map<string, number>;
};
type KeyMemory = {
  /** The newest time among the forgotten. */
  forgottenTime: number;
  /** When what is out of its fudge was last looked for. */
  expiredAt: number;
  requests: number;
  readonly seconds: Map<number, SecondMemory>;
};

const pending = -1;

export class ReplayMemory {
  /** The least recently used key first. */
  readonly #keys = new Map<string, KeyMemory>();
  /** The key that was used last: it need not be moved to the end again. */
  #newest: string | undefined;
  readonly #perKey: number;
  readonly #mostKeys: number;
  readonly #most: number;
  #count = 0;
  /** Holds for keys of which nothing is remembered. */
  #forgottenTime: number;

  /**
   * `notBefore`: nothing signed earlier is taken, because an earlier run may have acted upon it and
   * has forgotten; 0 to take it.
   */
  constructor(
    notBefore: UnixSeconds,
    bounds: { perKey?: number; keys?: number; requests?: number } = {},
  ) {
    this.#forgottenTime = notBefore - 1;
    this.#perKey = bounds.perKey ?? maxRequestsPerKey;
    this.#mostKeys = bounds.keys ?? maxReplayKeys;
    this.#most = bounds.requests ?? maxRequests;
  }

  get requests(): number {
    return this.#count;
  }

  /** Takes a verified request, once. */
  admit(request: SignedRequest, now: UnixSeconds): Admission {
    const memory = this.#memoryOf(request);
    this.#expire(memory, now);
    const { timeSigned, fudgeSeconds } = request;
    const mac = identityOf(request);
    let second = memory.seconds.get(timeSigned);
    const before = second?.rcodes.get(mac);
    if (before !== undefined)
      return { kind: 'copy', rcode: before === pending ? undefined : before };
    if (timeSigned <= memory.forgottenTime) return { kind: 'too-old' };
    if (second === undefined) {
      second = { until: 0, rcodes: new Map() };
      memory.seconds.set(timeSigned, second);
    }
    second.until = Math.max(second.until, timeSigned + fudgeSeconds);
    second.rcodes.set(mac, pending);
    memory.requests++;
    this.#count++;
    if (memory.requests > this.#perKey) this.#forgetOldest(memory, timeSigned, mac);
    this.#bound();
    return { kind: 'fresh' };
  }

  /** How an admitted request was answered, so that a copy can be answered alike. */
  settle(request: SignedRequest, rcode: number): void {
    const memory = this.#keys.get(nameKey(request.key.name));
    const rcodes = memory?.seconds.get(request.timeSigned)?.rcodes;
    const mac = identityOf(request);
    if (rcodes?.has(mac) === true) rcodes.set(mac, rcode);
  }

  #memoryOf({ key }: SignedRequest): KeyMemory {
    const name = nameKey(key.name);
    const known = this.#keys.get(name);
    if (known !== undefined && name === this.#newest) return known;
    const memory = known ?? {
      forgottenTime: this.#forgottenTime,
      expiredAt: 0,
      requests: 0,
      seconds: new Map(),
    };
    this.#keys.delete(name);
    this.#keys.set(name, memory);
    this.#newest = name;
    return memory;
  }

  /** What is out of its fudge is BADTIME anyway, unless the clock goes back; hence the time is kept. */
  #expire(memory: KeyMemory, now: UnixSeconds): void {
    if (memory.expiredAt === now) return; // all are looked at, so once a second is enough
    memory.expiredAt = now;
    for (const [time, { until }] of memory.seconds) if (until < now) this.#forget(memory, time);
  }

  /** Makes room by forgetting the earliest second; never the request just taken. */
  #forgetOldest(memory: KeyMemory, timeTaken: number, macTaken: string): void {
    let oldest = Number.POSITIVE_INFINITY;
    for (const time of memory.seconds.keys())
      if (time < oldest && time !== timeTaken) oldest = time;
    if (oldest !== Number.POSITIVE_INFINITY) {
      this.#forget(memory, oldest);
      return;
    }
    // More in one second than there is room for: the rest of this second is refused.
    const { rcodes } = memory.seconds.get(timeTaken)!;
    this.#count -= rcodes.size - 1;
    memory.requests = 1;
    rcodes.clear();
    rcodes.set(macTaken, pending);
    memory.forgottenTime = Math.max(memory.forgottenTime, timeTaken);
  }

  #forget(memory: KeyMemory, time: number): void {
    const { size } = memory.seconds.get(time)!.rcodes;
    memory.seconds.delete(time);
    memory.requests -= size;
    this.#count -= size;
    memory.forgottenTime = Math.max(memory.forgottenTime, time);
  }

  /** The key that was quiet the longest goes whole; its times then hold for every unknown key. */
  #bound(): void {
    for (const [name, memory] of this.#keys) {
      if (this.#keys.size <= this.#mostKeys && this.#count <= this.#most) return;
      if (this.#keys.size === 1) return;
      this.#keys.delete(name);
      this.#count -= memory.requests;
      let newest = memory.forgottenTime;
      for (const time of memory.seconds.keys()) newest = Math.max(newest, time);
      this.#forgottenTime = Math.max(this.#forgottenTime, newest);
    }
  }
}

/**
 * A MAC as far as every policy wants it: where short ones are taken, a copy may come with the same MAC
 * cut to another length.
 */
function identityOf({ key, mac }: SignedRequest): string {
  return textFromOctets(mac.subarray(0, leastMacOctets(key.algorithm)));
}
