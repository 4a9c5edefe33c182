/** Git's objects: what they are called, and where they are looked for. */
import { createHash } from 'node:crypto';
import { StoreError } from '../store-error.ts';

export type ObjectType = 'commit' | 'tree' | 'blob' | 'tag';

/** 40 hexadecimal digits in lower case. */
export type ObjectId = string;

export type GitObject = { readonly type: ObjectType; readonly content: Uint8Array };

export interface Objects {
  /**
   * Lent, never written to; undefined if there is none. With `loadedOnly`, what others may have added
   * in the meantime need not be looked for.
   */
  get(id: ObjectId, loadedOnly?: boolean): GitObject | undefined;
}

/** The SHA-1 of `TYPE SIZE\0` and the content. */
export function objectId(type: ObjectType, content: Uint8Array): ObjectId {
  return createHash('sha1').update(`${type} ${content.length}\0`).update(content).digest('hex');
}

export function mustGet(objects: Objects, id: ObjectId, type: ObjectType): Uint8Array {
  const object = objects.get(id);
  if (object?.type !== type) throw new StoreError('store.object', `${type} ${id}`);
  return object.content;
}

/** Objects that are being made, before those that are there. */
export class Staging implements Objects {
  readonly added: Map<ObjectId, GitObject> = new Map();
  readonly #base: Objects;

  constructor(base: Objects) {
    this.#base = base;
  }

  get(id: ObjectId, loadedOnly?: boolean): GitObject | undefined {
    return this.added.get(id) ?? this.#base.get(id, loadedOnly);
  }

  put(type: ObjectType, content: Uint8Array): ObjectId {
    const id = objectId(type, content);
    const there = this.get(id, true);
    if (there === undefined) this.added.set(id, { type, content });
    // SHA-1 can be made to collide; the first one stays, and whoever comes second is told.
    else if (there.type !== type || Buffer.compare(there.content, content) !== 0) {
      throw new StoreError('store.collision', id);
    }
    return id;
  }
}
