/**
 * Remembers which signed requests were acted upon, so that a copy of one changes nothing a second time
 * (RFC 8945 §5.2.3, RFC 2136 §5). For each key it keeps the MACs whose time is still within the fudge,
 * and the newest time among those it has forgotten: what was signed then or before cannot be told from
 * a copy any more and is refused. The requests have been verified before.
 */

import type { UnixSeconds } from '@riad/octets/engine';
import { formatHex } from '@riad/octets/hex';
import { nameKey } from '../name.ts';
import { leastMacOctets } from './hmac.ts';
import type { SignedRequest } from './verify-request.ts';

/** Requests of one key within two fudges: ten a second over ten minutes. */
export const maxRequestsPerKey = 6000;
/** Keys remembered; more than a key ring holds are never in use. */
export const maxReplayKeys = 10_000;
/** All together: about 200 octets each. */
export const maxRequests = 100_000;

/** They come about in the order of their times, so the earliest is among the first. */
const lookedAt = 32;

export type Admission =
  | { readonly kind: 'fresh' }
  /** Seen before: not to be acted upon again. `rcode`: how it was answered, if that is over. */
  | { readonly kind: 'copy'; readonly rcode: number | undefined }
  /** Signed no later than something that is forgotten: BADTIME. */
  | { readonly kind: 'too-old' };

type Remembered = { readonly until: number; readonly timeSigned: number; rcode?: number };
type KeyMemory = {
  /** The newest time among the forgotten. */
  forgottenTime: number;
  /** When what is out of its fudge was last looked for. */
  expiredAt: number;
  readonly requests: Map<string, Remembered>;
};

export class ReplayMemory {
  /** The least recently used key first. */
  readonly #keys = new Map<string, KeyMemory>();
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
    const mac = identityOf(request);
    const before = memory.requests.get(mac);
    if (before !== undefined) return { kind: 'copy', rcode: before.rcode };
    const { timeSigned, fudgeSeconds } = request;
    if (timeSigned <= memory.forgottenTime) return { kind: 'too-old' };
    memory.requests.set(mac, { until: timeSigned + fudgeSeconds, timeSigned });
    this.#count++;
    if (memory.requests.size > this.#perKey) this.#forgetOldest(memory, mac);
    this.#bound();
    return { kind: 'fresh' };
  }

  /** How an admitted request was answered, so that a copy can be answered alike. */
  settle(request: SignedRequest, rcode: number): void {
    const memory = this.#keys.get(nameKey(request.key.name));
    const remembered = memory?.requests.get(identityOf(request));
    if (remembered !== undefined) remembered.rcode = rcode;
  }

  #memoryOf({ key }: SignedRequest): KeyMemory {
    const name = nameKey(key.name);
    const memory = this.#keys.get(name) ?? {
      forgottenTime: this.#forgottenTime,
      expiredAt: 0,
      requests: new Map(),
    };
    this.#keys.delete(name);
    this.#keys.set(name, memory);
    return memory;
  }

  /** What is out of its fudge is BADTIME anyway, unless the clock goes back; hence the time is kept. */
  #expire(memory: KeyMemory, now: UnixSeconds): void {
    if (memory.expiredAt === now) return; // all are looked at, so once a second is enough
    memory.expiredAt = now;
    for (const [mac, { until, timeSigned }] of memory.requests) {
      if (until < now) this.#forget(memory, mac, timeSigned);
    }
  }

  /** Makes room by forgetting the earliest signed of those taken first; never the one just taken, if others remain. */
  #forgetOldest(memory: KeyMemory, justTaken: string): void {
    let oldest: string | undefined;
    let time = Number.POSITIVE_INFINITY;
    let looked = 0;
    for (const [mac, { timeSigned }] of memory.requests) {
      if (looked++ === lookedAt) break;
      if (timeSigned >= time || mac === justTaken) continue;
      oldest = mac;
      time = timeSigned;
    }
    if (oldest !== undefined) this.#forget(memory, oldest, time);
  }

  #forget(memory: KeyMemory, mac: string, timeSigned: number): void {
    memory.requests.delete(mac);
    memory.forgottenTime = Math.max(memory.forgottenTime, timeSigned);
    this.#count--;
  }

  /** The key that was quiet the longest goes whole; its times then hold for every unknown key. */
  #bound(): void {
    for (const [name, memory] of this.#keys) {
      if (this.#keys.size <= this.#mostKeys && this.#count <= this.#most) return;
      if (this.#keys.size === 1) return;
      this.#keys.delete(name);
      this.#count -= memory.requests.size;
      let newest = memory.forgottenTime;
      for (const { timeSigned } of memory.requests.values()) newest = Math.max(newest, timeSigned);
      this.#forgottenTime = Math.max(this.#forgottenTime, newest);
    }
  }
}

/**
 * A MAC as far as every policy wants it: where short ones are taken, a copy may come with the same MAC
 * cut to another length.
 */
function identityOf({ key, mac }: SignedRequest): string {
  return formatHex(mac.subarray(0, leastMacOctets(key.algorithm)));
}
