/** Collections and members as the index has them, and the steps from one state to the next. */
import type { CollectionKind, Metadata, Path } from '@riad/webdav/storage/storage';
import type { Key } from '../layout/paths.ts';

export type CollectionState = {
  /** In the index; a collection that is made again has another one. */
  readonly id: number;
  readonly key: Key;
  readonly path: Path;
  readonly kind: CollectionKind;
  readonly components: readonly string[] | undefined;
  readonly metadata: Metadata;
  /** The blob of its description; `none` if it has none. */
  readonly metadataVersion: string;
  readonly incarnation: string;
  /** Of the last change of its members. */
  readonly sequence: number;
  /** First eight digits of the commit that brought it to that sequence. */
  readonly first8: string;
  /** And of the one that made it. */
  readonly made8: string;
  readonly createdSeconds: number;
  readonly modifiedSeconds: number;
  readonly count: number;
  readonly octets: number;
};

export type MemberState = {
  readonly name: string;
  readonly sequence: number;
  readonly etag: string;
  /** −1: not looked into yet. */
  readonly sizeOctets: number;
  readonly contentType: string;
  readonly uid: string | undefined;
  readonly component: string | undefined;
  readonly earliestSeconds: number | undefined;
  readonly latestSeconds: number | undefined;
  readonly metadata: Metadata;
  /** The blob of its sidecar; `none` without one. */
  readonly metadataVersion: string;
  readonly createdSeconds: number;
  readonly modifiedSeconds: number;
};

/** What a name of a collection stands for after a step. */
export type NameState =
  | { readonly type: 'member'; readonly member: MemberState }
  | { readonly type: 'collection'; readonly sequence: number }
  | { readonly type: 'gone'; readonly was: 'member' | 'collection'; readonly sequence: number };

/** A line of the timeline. */
export type HistoryLine = {
  readonly collection: number;
  readonly sequence: number;
  readonly type: 'put' | 'delete' | 'make' | 'remove';
  readonly name: string;
  readonly uid: string | undefined;
  readonly blob: string | undefined;
};

/** What one commit does to the index. */
export type Step = {
  readonly revision: string;
  /** What the commit was called when tokens were given out for it. */
  readonly first8: string;
  readonly timeSeconds: number;
  readonly user: string | undefined;
  readonly device: string | undefined;
  /** Undefined: it has gone. */
  readonly collections: ReadonlyMap<Key, CollectionState | undefined>;
  /** Collections that have gone, some of them to be made again in the same commit. */
  readonly removed: readonly CollectionState[];
  /** By collection, then by name. */
  readonly names: ReadonlyMap<number, ReadonlyMap<string, NameState>>;
  readonly lines: readonly HistoryLine[];
};

/** A state that steps are worked out upon. */
export interface State {
  collection(key: Key): CollectionState | undefined;
  name(collection: CollectionState, name: string): NameState | undefined;
  /** Collections that lie directly in one. */
  inside(collection: CollectionState): readonly CollectionState[];
}

export function syncStateOf({ incarnation, sequence, first8 }: CollectionState): string {
  return `${incarnation}-${sequence}-${first8}`;
}
