/**
 * The newest state: what the index has, and above it what commits do that wait for the disk. Requirements
 * are judged against it.
 */
import type { Key } from '../layout/paths.ts';
import type { Collections } from './collections.ts';
import type { IndexDatabase } from './index-database.ts';
import type { CollectionState, NameState, State, Step } from './state.ts';

/** What is durable. */
export class Durable implements State {
  readonly #collections: Collections;
  readonly #index: () => IndexDatabase;

  constructor(collections: Collections, index: () => IndexDatabase) {
    this.#collections = collections;
    this.#index = index;
  }

  collection(key: Key): CollectionState | undefined {
    return this.#collections.get(key);
  }

  name(collection: CollectionState, name: string): NameState | undefined {
    return this.#index().name(collection.id, name);
  }

  inside({ key }: CollectionState): readonly CollectionState[] {
    return this.#collections.inside(key);
  }

  namesWithUid({ id }: CollectionState, uid: string): readonly string[] {
    return this.#index().namesWithUid(id, uid);
  }
}

/** Each with the step that has set it, which takes it away again once the index has it. */
type Waiting<Value> = { readonly value: Value; readonly step: Step };

export class Head implements State {
  readonly durable: Durable;
  readonly #collections = new Map<Key, Waiting<CollectionState | undefined>>();
  readonly #names = new Map<number, Map<string, Waiting<NameState>>>();
  #steps = 0;

  constructor(durable: Durable) {
    this.durable = durable;
  }

  /** Whether nothing waits for the disk. */
  get settled(): boolean {
    return this.#steps === 0;
  }

  collection(key: Key): CollectionState | undefined {
    const waiting = this.#collections.get(key);
    return waiting === undefined ? this.durable.collection(key) : waiting.value;
  }

  name(collection: CollectionState, name: string): NameState | undefined {
    const waiting = this.#names.get(collection.id)?.get(name);
    return waiting === undefined ? this.durable.name(collection, name) : waiting.value;
  }

  inside(collection: CollectionState): readonly CollectionState[] {
    const found = new Map<Key, CollectionState>();
    for (const inner of this.durable.inside(collection)) found.set(inner.key, inner);
    for (const [key, { value }] of this.#collections) {
      if (value === undefined) found.delete(key);
      else if (isInside(value, collection)) found.set(key, value);
    }
    return [...found.values()];
  }

  namesWithUid(collection: CollectionState, uid: string): string[] {
    const waiting = this.#names.get(collection.id);
    const names = this.durable
      .namesWithUid(collection, uid)
      .filter((name) => waiting?.has(name) !== true);
    for (const [name, { value }] of waiting ?? []) {
      if (value.type === 'member' && value.member.uid === uid) names.push(name);
    }
    return names;
  }

  add(step: Step): void {
    this.#steps++;
    for (const [key, value] of step.collections) this.#collections.set(key, { value, step });
    for (const [id, inside] of step.names) {
      let names = this.#names.get(id);
      if (names === undefined) {
        names = new Map();
        this.#names.set(id, names);
      }
      for (const [name, value] of inside) names.set(name, { value, step });
    }
  }

  /** The index has it, or it has been refused. */
  settle(step: Step): void {
    this.#steps--;
    for (const key of step.collections.keys()) {
      if (this.#collections.get(key)?.step === step) this.#collections.delete(key);
    }
    for (const [id, inside] of step.names) {
      const names = this.#names.get(id);
      for (const name of inside.keys()) if (names?.get(name)?.step === step) names.delete(name);
      if (names?.size === 0) this.#names.delete(id);
    }
  }
}

function isInside({ path }: CollectionState, above: CollectionState): boolean {
  return path.length === above.path.length + 1 && above.path.every((name, i) => name === path[i]);
}
