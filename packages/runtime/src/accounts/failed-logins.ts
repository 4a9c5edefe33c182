/**
 * How often an address has guessed wrong lately. Who guesses too often is not listened to for a while; a right
 * guess in between forgives nothing, since everybody knows one password.
 */

/** Mistyped passwords of a household behind one address, and devices that still have an old one. */
export const maxFailures = 20;
/** One is forgiven each. */
export const forgivenEveryMs = 6000;
/** Addresses that are watched; the one that failed the longest ago goes first. */
export const maxWatchedAddresses = 10_000;

type Failures = { count: number; at: number };

export class FailedLogins {
  readonly #now: () => number;
  readonly #byAddress = new Map<string, Failures>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** 0: it may try. */
  retryAfterSeconds(address: string): number {
    const count = this.#count(networkOf(address));
    return count < maxFailures
      ? 0
      : Math.ceil(((count - maxFailures + 1) * forgivenEveryMs) / 1000);
  }

  /** One more that is wrong, or not known yet to be right. */
  count(address: string): void {
    const network = networkOf(address);
    const count = this.#count(network) + 1;
    this.#byAddress.delete(network);
    this.#byAddress.set(network, { count, at: this.#now() });
    if (this.#byAddress.size > maxWatchedAddresses)
      this.#byAddress.delete(this.#byAddress.keys().next().value!);
  }

  /** One of those was right. */
  discount(address: string): void {
    const failures = this.#byAddress.get(networkOf(address));
    if (failures !== undefined) failures.count = Math.max(0, failures.count - 1);
  }

  #count(network: string): number {
    const failures = this.#byAddress.get(network);
    if (failures === undefined) return 0;
    return Math.max(0, failures.count - (this.#now() - failures.at) / forgivenEveryMs);
  }
}

/** Of IPv6 the first 64 bits: who has one address there has them all. */
function networkOf(address: string): string {
  if (!address.includes(':') || address.startsWith('::ffff:')) return address;
  const [head = '', tail] = address.split('::');
  const groups = head === '' ? [] : head.split(':');
  if (tail !== undefined) {
    const behind = tail === '' ? [] : tail.split(':');
    while (groups.length + behind.length < 8) groups.push('0');
    groups.push(...behind);
  }
  return groups.slice(0, 4).join(':');
}
