/**
 * Who a request comes from. Devices send their password with every request, so what was right is remembered
 * for a while, as a hash under a key of this process; what was wrong is counted for each address.
 */
import { hash, randomBytes } from 'node:crypto';
import { AccountError } from './account-error.ts';
import type { Accounts } from './accounts.ts';
import { FailedLogins } from './failed-logins.ts';
import { ForeignChanges } from './foreign-changes.ts';
import { isAccountName } from './names.ts';
import { HashingBusyError, maxPasswordOctets, passwordRefusal } from './password-hash.ts';

/** Logins that are remembered: a few devices for each user of a small organisation. */
export const maxRemembered = 10_000;
/** Then a password is checked anew. */
export const rememberedMs = 600_000;

export type Identity = {
  readonly user: string;
  /** The name of the app password; undefined for the user's own. */
  readonly device: string | undefined;
};

export type Login =
  | ({ readonly kind: 'in' } & Identity)
  /** 401. */
  | { readonly kind: 'wrong' }
  /** 429: this address has guessed too often. */
  | { readonly kind: 'too-often'; readonly retryAfterSeconds: number }
  /** 503: too many passwords are being checked. */
  | { readonly kind: 'busy' };

export type LoginParts = {
  readonly accounts: Accounts;
  /** Names may come with this domain: `ann@example.org` is `ann` (RFC 6764 §6). */
  readonly domain?: string | undefined;
  /** A name that nobody has is taken with whatever password it comes with. */
  readonly trustOnFirstUse?: boolean;
  /** Hears of a user who was made by that. */
  readonly made?: (user: string) => Promise<void>;
  /** Monotonic, in milliseconds. */
  readonly now: () => number;
};

type Remembered = Identity & { readonly until: number };

export class LoginCheck {
  readonly #parts: LoginParts;
  readonly #failed: FailedLogins;
  /** Before what is hashed: of no use to whoever finds the hash in an image of the memory, but not the key. */
  readonly #key = randomBytes(32).toString('hex');
  /** The least recently made first. */
  readonly #remembered = new Map<string, Remembered>();
  readonly #foreign: ForeignChanges;

  constructor(parts: LoginParts) {
    this.#parts = parts;
    this.#failed = new FailedLogins(parts.now);
    this.#foreign = new ForeignChanges(() => parts.accounts.foreignVersion, parts.now);
  }

  /** Forgets what is remembered: an account was changed through the same object. */
  changed(): void {
    this.#remembered.clear();
  }

  /** `address`: of the client, in presentation form. */
  async check(name: string, password: string, address: string, agent: string = ''): Promise<Login> {
    const { accounts, now } = this.#parts;
    if (this.#foreign.look()) this.#remembered.clear();
    const memory = hash('sha256', `${this.#key}${name.length}:${name}${password}`, 'base64');
    const known = this.#remembered.get(memory);
    if (known !== undefined && known.until > now())
      return { kind: 'in', user: known.user, device: known.device };
    const retryAfterSeconds = this.#failed.retryAfterSeconds(address);
    if (retryAfterSeconds > 0) return { kind: 'too-often', retryAfterSeconds };
    const user = this.#userOf(name);
    const device = user === undefined ? undefined : accounts.deviceOf(user, password);
    let identity: Identity | undefined;
    if (user !== undefined && device !== undefined) {
      identity = { user, device };
      accounts.used(user, device, address, agent);
    } else {
      // Counted before it is known to be wrong: who sends a hundred at once has not a hundred computed.
      this.#failed.count(address);
      try {
        identity = await this.#identify(user, name, password);
      } catch (error) {
        if (error instanceof HashingBusyError) return { kind: 'busy' };
        throw error;
      }
      if (identity === undefined) return { kind: 'wrong' };
      this.#failed.discount(address);
    }
    this.#remember(memory, identity);
    return { kind: 'in', ...identity };
  }

  /** By the user's own password. */
  async #identify(
    user: string | undefined,
    name: string,
    password: string,
  ): Promise<Identity | undefined> {
    const { accounts } = this.#parts;
    if (Buffer.byteLength(password, 'utf8') > maxPasswordOctets) return undefined;
    if (user === undefined && this.#parts.trustOnFirstUse === true) {
      const made = await this.#makeUser(name, password);
      if (made !== undefined) return { user: made, device: undefined };
    }
    // Also for a name that nobody has: it takes as long.
    const right = await accounts.verify(user ?? '', password);
    return right && user !== undefined ? { user, device: undefined } : undefined;
  }

  /** As it stands, as an e-mail address, or with our domain. */
  #userOf(name: string): string | undefined {
    const { accounts, domain } = this.#parts;
    const found = accounts.find(name);
    if (found !== undefined) return found.name;
    const suffix = `@${domain ?? ''}`;
    if (domain === undefined || !name.toLowerCase().endsWith(suffix)) return undefined;
    return accounts.user(name.toLowerCase().slice(0, -suffix.length))?.name;
  }

  /** Undefined if the name or the password cannot be one. */
  async #makeUser(name: string, password: string): Promise<string | undefined> {
    const { accounts, made } = this.#parts;
    const lower = name.toLowerCase();
    if (!isAccountName(lower) || passwordRefusal(password) !== undefined) return undefined;
    try {
      await accounts.addUser({ name: lower, password });
    } catch (error) {
      // Taken meanwhile, or by a group; or there are enough.
      if (error instanceof AccountError) return undefined;
      throw error;
    }
    await made?.(lower);
    return lower;
  }

  #remember(memory: string, identity: Identity): void {
    this.#remembered.delete(memory);
    this.#remembered.set(memory, { ...identity, until: this.#parts.now() + rememberedMs });
    if (this.#remembered.size <= maxRemembered) return;
    this.#remembered.delete(this.#remembered.keys().next().value!);
  }
}
