/**
 * The locks there are (RFC 4918 §6, §7). They live here, in memory; `keep` is told of every change,
 * so that they outlive a restart. Locks protect paths of the storage: a shared collection has the
 * same ones under both its names.
 */
import { isWithin, samePath } from '../path/url-path.ts';
import type { Path } from '../storage/storage.ts';

export type Lock = {
  /** `urn:uuid:…` */
  readonly token: string;
  readonly path: Path;
  readonly scope: 'exclusive' | 'shared';
  readonly depth: 0 | 'infinity';
  /** The element `D:owner` as it was sent, complete in itself; undefined without. */
  readonly ownerXml: string | undefined;
  /** Who made it: nobody else’s request may use the token (§6.4). */
  readonly user: string;
  readonly timeoutSeconds: number;
  readonly expiresSeconds: number;
};

export type LockChange =
  | { readonly type: 'set'; readonly lock: Lock }
  | { readonly type: 'removed'; readonly token: string };

/** All are looked through for a write while there is one; editors hold a handful. */
export const maxLocks = 2000;
/** No editor is open longer without a refresh; a forgotten lock goes by itself. */
export const maxLockSeconds = 86_400;
export const defaultLockSeconds = 3600;

export class LockTable {
  readonly #locks = new Map<string, Lock>();
  readonly #keep: (change: LockChange) => void;

  constructor(initial: Iterable<Lock> = [], keep: (change: LockChange) => void = () => {}) {
    for (const lock of initial) this.#locks.set(lock.token, lock);
    this.#keep = keep;
  }

  /** False if there are too many. */
  set(lock: Lock, nowSeconds: number): boolean {
    this.#expire(nowSeconds);
    if (this.#locks.size >= maxLocks && !this.#locks.has(lock.token)) return false;
    // Where it cannot be kept, there is none.
    this.#keep({ type: 'set', lock });
    this.#locks.set(lock.token, lock);
    return true;
  }

  remove(token: string): void {
    if (this.#locks.delete(token)) this.#keep({ type: 'removed', token });
  }

  /** Those that cover a path: on itself, or with depth infinity above it. */
  covering(path: Path, nowSeconds: number): readonly Lock[] {
    if (this.#locks.size === 0) return [];
    this.#expire(nowSeconds);
    const found: Lock[] = [];
    for (const lock of this.#locks.values()) {
      if (samePath(lock.path, path) || (lock.depth === 'infinity' && isWithin(path, lock.path))) {
        found.push(lock);
      }
    }
    return found;
  }

  /** Those on a path itself or on anything below it. */
  below(path: Path, nowSeconds: number): readonly Lock[] {
    if (this.#locks.size === 0) return [];
    this.#expire(nowSeconds);
    return [...this.#locks.values()].filter((lock) => isWithin(lock.path, path));
  }

  /** What lay at a path is gone: so are its locks (§6.6, §7.5). */
  removeBelow(path: Path, nowSeconds: number): void {
    for (const lock of this.below(path, nowSeconds)) this.remove(lock.token);
  }

  #expire(nowSeconds: number): void {
    for (const { token, expiresSeconds } of this.#locks.values()) {
      if (expiresSeconds <= nowSeconds) this.remove(token);
    }
  }
}
