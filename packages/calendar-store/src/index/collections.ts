/** All collections there are, in memory: every request asks for some of them. */
import type { Key } from '../layout/paths.ts';
import { keyOf } from '../layout/paths.ts';
import type { CollectionState } from './state.ts';

/** With metadata some kilooctets each. */
export const maxCollections = 100_000;

export class Collections {
  readonly #byKey = new Map<Key, CollectionState>();
  readonly #inside = new Map<Key, Set<Key>>();
  readonly #octets = new Map<string, number>();
  readonly #withAcl = new Set<Key>();

  get(key: Key): CollectionState | undefined {
    return this.#byKey.get(key);
  }

  set(key: Key, state: CollectionState | undefined): void {
    const before = this.#byKey.get(key);
    if (state === undefined) {
      if (before === undefined) return;
      this.#byKey.delete(key);
      const above = parentOf(before);
      this.#inside.get(above)?.delete(key);
      if (this.#inside.get(above)?.size === 0) this.#inside.delete(above);
    } else {
      this.#byKey.set(key, state);
      if (before === undefined) {
        const above = parentOf(state);
        const inside = this.#inside.get(above);
        if (inside === undefined) this.#inside.set(above, new Set([key]));
        else inside.add(key);
      }
    }
    if (state !== undefined && state.metadata.acl.length > 0) this.#withAcl.add(key);
    else this.#withAcl.delete(key);
    const owner = (state ?? before)!.path[1]!;
    const more = (state?.octets ?? 0) - (before?.octets ?? 0);
    if (more !== 0) this.#octets.set(owner, (this.#octets.get(owner) ?? 0) + more);
  }

  clear(): void {
    this.#byKey.clear();
    this.#inside.clear();
    this.#octets.clear();
    this.#withAcl.clear();
  }

  inside(key: Key): CollectionState[] {
    return [...(this.#inside.get(key) ?? [])].map((inner) => this.#byKey.get(inner)!);
  }

  get size(): number {
    return this.#byKey.size;
  }

  /** Those with an access control list of their own. */
  *withAcl(): Generator<CollectionState> {
    for (const key of this.#withAcl) yield this.#byKey.get(key)!;
  }

  all(): IterableIterator<CollectionState> {
    return this.#byKey.values();
  }

  /** Of the members of all collections of an owner. */
  usedOctets(owner: string): number {
    return this.#octets.get(owner) ?? 0;
  }
}

function parentOf({ path }: CollectionState): Key {
  return keyOf(path.slice(0, -1));
}
