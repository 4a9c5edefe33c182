/** Turns the operations of a request into files to change, trailers, and a step of the index. */
import { atOnce, type Pieces } from '@riad/octets/pieces';
import { blobId } from '@riad/store/blob';
import type { Change } from '@riad/store/store';
import type { Metadata, Operation, Path } from '@riad/webdav/storage/storage';
import type { RecordedChange } from '../commits/recorded-change.ts';
import { Draft, noDescription } from '../index/draft.ts';
import type { CollectionState, State } from '../index/state.ts';
import { usualType } from '../layout/content-type.ts';
import { encodeCollection, encodeMember, noMetadata } from '../layout/descriptions.ts';
import { collectionFileOf, keyOf, sidecarOf, storedPath } from '../layout/paths.ts';

export type Plan = {
  readonly changes: readonly Change[];
  readonly recorded: readonly RecordedChange[];
  readonly draft: Draft;
};

export type PlanContext = {
  readonly state: State;
  readonly timeSeconds: number;
  readonly nextId: () => number;
  readonly newIncarnation: () => string;
};

/** RangeError for what the engine should have looked for first. */
export function planOf(operations: readonly Operation[], context: PlanContext): Plan {
  return atOnce(planning(operations, context));
}

/** Operations that are worked out between two pauses. */
const operationsOfPiece = 16;

/** The same in pieces. */
export function* planning(operations: readonly Operation[], context: PlanContext): Pieces<Plan> {
  const planner = new Planner(context);
  for (const [index, operation] of operations.entries()) {
    if (index % operationsOfPiece === operationsOfPiece - 1) yield;
    planner.add(operation);
  }
  return planner;
}

class Planner implements Plan {
  readonly draft: Draft;
  readonly recorded: RecordedChange[] = [];
  readonly #context: PlanContext;
  readonly #files = new Map<string, Change>();

  constructor(context: PlanContext) {
    this.#context = context;
    this.draft = new Draft(context.state, context.timeSeconds, context.nextId);
  }

  get changes(): readonly Change[] {
    return [...this.#files.values()];
  }

  add(operation: Operation): void {
    const { path } = operation;
    if (path.length < 2) throw new RangeError(`path: ${path.join('/')}`);
    switch (operation.type) {
      case 'put':
        return this.#put(operation);
      case 'delete':
        return this.#delete(path);
      case 'make-collection':
        return this.#make(operation);
      case 'set-metadata':
        return this.#describe(path, operation.metadata);
    }
  }

  #put(operation: Operation & { type: 'put' }): void {
    const { path, octets, contentType, facts } = operation;
    const { collection, name } = this.#memberPlace(path);
    const etag = blobId(octets);
    const uid = facts?.uid;
    const sequence = collection.sequence + 1;
    const before = this.draft.member(collection, name);
    const said = contentType === usualType(collection.kind, name) ? undefined : contentType;
    const value = operation.metadata ?? before?.metadata ?? noMetadata;
    const otherType =
      before === undefined ? said !== undefined : contentType !== before.contentType;
    const version =
      operation.metadata !== undefined || otherType
        ? this.#sidecar(path, { contentType: said, metadata: value }, before?.metadataVersion)
        : undefined;
    this.#file(storedPath(path), octets);
    this.recorded.push({
      type: 'put',
      sequence,
      collection: collection.path,
      name,
      blob: etag,
      uid,
    });
    this.draft.put(collection.key, name, {
      etag,
      sizeOctets: octets.length,
      contentType,
      facts,
      uid,
      metadata: version === undefined ? undefined : { value, version },
    });
    if (version !== undefined && version !== (before?.metadataVersion ?? noDescription)) {
      this.#record(collection.path, name, version);
    }
  }

  #delete(path: Path): void {
    const parent = path.slice(0, -1);
    if (this.draft.collection(keyOf(path)) !== undefined) {
      const folder = storedPath(path);
      for (const file of this.#files.keys()) {
        if (file.startsWith(`${folder}/`)) this.#files.delete(file);
      }
      this.#files.set(folder, { path: folder, deleteFolder: true });
      this.recorded.push({ type: 'remove', sequence: this.draft.nextSequence(parent), path });
      return this.draft.remove(path);
    }
    const { collection, name } = this.#memberPlace(path);
    const member = this.draft.member(collection, name);
    if (member === undefined) throw new RangeError(`nothing at ${path.join('/')}`);
    this.#file(storedPath(path), undefined);
    if (member.metadataVersion !== noDescription) this.#file(sidecarOf(path), undefined);
    const { uid } = member;
    const sequence = collection.sequence + 1;
    this.recorded.push({ type: 'delete', sequence, collection: collection.path, name, uid });
    this.draft.delete(collection.key, name);
  }

  #make(operation: Operation & { type: 'make-collection' }): void {
    const { path, kind, components, metadata } = operation;
    const parent = path.slice(0, -1);
    const above = this.draft.collection(keyOf(parent));
    if (above === undefined && path.length > 2)
      throw new RangeError(`no collection ${parent.join('/')}`);
    const taken =
      this.draft.collection(keyOf(path)) ?? (above && this.draft.member(above, path.at(-1)!));
    if (taken !== undefined) throw new RangeError(`${path.join('/')} is there already`);
    const description = {
      kind,
      components,
      metadata,
      incarnation: this.#context.newIncarnation(),
      createdSeconds: this.#context.timeSeconds,
    };
    const octets = encodeCollection(description, path[1]!);
    const blob = blobId(octets);
    this.#file(collectionFileOf(path), octets);
    this.recorded.push({ type: 'make', sequence: this.draft.nextSequence(parent), path, blob });
    this.draft.make(path, description, blob);
  }

  #describe(path: Path, metadata: Metadata): void {
    const state = this.draft.collection(keyOf(path));
    if (state !== undefined) {
      const octets = encodeCollection({ ...state, metadata }, path[1]!);
      const blob = blobId(octets);
      this.#file(collectionFileOf(path), octets);
      this.#record(path, undefined, blob);
      return this.draft.describeCollection(path, { ...state, metadata }, blob);
    }
    const { collection, name } = this.#memberPlace(path);
    const member = this.draft.member(collection, name);
    if (member === undefined) throw new RangeError(`nothing at ${path.join('/')}`);
    const { contentType } = member;
    const said = contentType === usualType(collection.kind, name) ? undefined : contentType;
    const version = this.#sidecar(path, { contentType: said, metadata }, member.metadataVersion);
    this.#record(collection.path, name, version);
    this.draft.describeMember(collection.key, name, { contentType, metadata, version });
  }

  /** What it is called, or `none`. */
  #sidecar(
    path: Path,
    description: Parameters<typeof encodeMember>[0],
    before: string | undefined,
  ): string {
    const octets = encodeMember(description);
    if (octets !== undefined) {
      this.#file(sidecarOf(path), octets);
      return blobId(octets);
    }
    if (before !== undefined && before !== noDescription) this.#file(sidecarOf(path), undefined);
    return noDescription;
  }

  #record(collection: Path, name: string | undefined, version: string): void {
    const blob = version === noDescription ? undefined : version;
    this.recorded.push({ type: 'describe', collection, name, blob });
  }

  #memberPlace(path: Path): { collection: CollectionState; name: string } {
    const parent = path.slice(0, -1);
    const collection = this.draft.collection(keyOf(parent));
    if (collection === undefined) throw new RangeError(`no collection ${parent.join('/')}`);
    if (this.draft.collection(keyOf(path)) !== undefined) {
      throw new RangeError(`${path.join('/')} is a collection`);
    }
    return { collection, name: path.at(-1)! };
  }

  /** The last word on a file is the one. */
  #file(path: string, octets: Uint8Array | undefined): void {
    const before = this.#files.get(path);
    const overFolder =
      before !== undefined &&
      ('deleteFolder' in before || ('octets' in before && before.overFolder));
    this.#files.delete(path);
    if (octets !== undefined) {
      this.#files.set(path, overFolder ? { path, octets, overFolder } : { path, octets });
    } else {
      this.#files.set(path, overFolder ? { path, deleteFolder: true } : { path, delete: true });
    }
  }
}
