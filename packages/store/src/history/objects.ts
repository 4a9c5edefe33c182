/** Git's objects: what they are called, and where they are looked for. */
import { createHash, hash } from 'node:crypto';
import { StoreError } from '../store-error.ts';

export type ObjectType = 'commit' | 'tree' | 'blob' | 'tag';

/** 40 hexadecimal digits in lower case. */
export type ObjectId = string;

export type GitObject = { readonly type: ObjectType; readonly content: Uint8Array };

/** In place of `removed` octets of the old content, from `at` on, the new one has these. */
export type Splice = {
  readonly at: number;
  readonly removed: number;
  readonly inserted: Uint8Array;
};

/** How an object came out of another one; splices are in the order of their places. */
export type Derivation = {
  readonly base: ObjectId;
  readonly baseOctets: number;
  readonly splices: readonly Splice[];
};

export type StagedObject = GitObject & { readonly from?: Derivation };

export interface Objects {
  /**
   * Lent, never written to; undefined if there is none. With `loadedOnly`, what others may have added
   * in the meantime need not be looked for; with `once`, it need not be kept at hand.
   */
  get(id: ObjectId, loadedOnly?: boolean, once?: boolean): GitObject | undefined;
}

/** Header and content side by side, for one call of the hash; larger ones are hashed in pieces. */
const scratch: Buffer = Buffer.alloc(1 << 16);
const maxHeaderOctets = 32;

/** The SHA-1 of `TYPE SIZE\0` and the content. */
export function objectId(type: ObjectType, content: Uint8Array): ObjectId {
  const header = `${type} ${content.length}\0`;
  if (content.length > scratch.length - maxHeaderOctets) {
    return createHash('sha1').update(header).update(content).digest('hex');
  }
  const at = scratch.write(header, 0, 'latin1');
  scratch.set(content, at);
  return hash('sha1', scratch.subarray(0, at + content.length), 'hex');
}

export function mustGet(objects: Objects, id: ObjectId, type: ObjectType): Uint8Array {
  const object = objects.get(id);
  if (object?.type !== type) throw new StoreError('store.object', `${type} ${id}`);
  return object.content;
}

/** Objects that are being made, before those that are there. */
export class Staging implements Objects {
  readonly added: Map<ObjectId, StagedObject> = new Map();
  readonly #base: Objects;

  constructor(base: Objects) {
    this.#base = base;
  }

  get(id: ObjectId, loadedOnly?: boolean): GitObject | undefined {
    return this.added.get(id) ?? this.#base.get(id, loadedOnly);
  }

  /** `from`: what it came out of, which is kept somewhere. */
  put(type: ObjectType, content: Uint8Array, from?: Derivation): ObjectId {
    const id = objectId(type, content);
    const there = this.get(id, true);
    if (there === undefined) {
      this.added.set(id, from === undefined ? { type, content } : { type, content, from });
    }
    // SHA-1 can be made to collide; the first one stays, and whoever comes second is told.
    else if (there.type !== type || Buffer.compare(there.content, content) !== 0) {
      throw new StoreError('store.collision', id);
    }
    return id;
  }
}
