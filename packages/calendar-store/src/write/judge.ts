/** Whether what a request requires holds in a state. */
import { atOnce, type Pieces } from '@riad/octets/pieces';
import type { Path, Requirement } from '@riad/webdav/storage/storage';
import { type CollectionState, type MemberState, type State, syncStateOf } from '../index/state.ts';
import { keyOf } from '../layout/paths.ts';

export interface JudgedState extends State {
  namesWithUid(collection: CollectionState, uid: string): readonly string[];
}

/** The first one that does not hold. */
export function failing(
  requirements: readonly Requirement[],
  state: JudgedState,
): Requirement | undefined {
  return atOnce(judging(requirements, state));
}

/** Requirements that are looked at between two pauses: each asks the index. */
const requirementsOfPiece = 16;

/** The same in pieces. */
export function* judging(
  requirements: readonly Requirement[],
  state: JudgedState,
): Pieces<Requirement | undefined> {
  for (const [index, requirement] of requirements.entries()) {
    if (index % requirementsOfPiece === requirementsOfPiece - 1) yield;
    if (!holds(requirement, state)) return requirement;
  }
  return undefined;
}

function holds(requirement: Requirement, state: JudgedState): boolean {
  switch (requirement.type) {
    case 'absent': {
      const { path } = requirement;
      return state.collection(keyOf(path)) === undefined && memberAt(state, path) === undefined;
    }
    case 'etag':
      return memberAt(state, requirement.path)?.etag === requirement.etag;
    case 'collection':
      return state.collection(keyOf(requirement.path)) !== undefined;
    case 'metadata': {
      const { path, version } = requirement;
      const found = state.collection(keyOf(path)) ?? memberAt(state, path);
      return found?.metadataVersion === version;
    }
    case 'sync-state': {
      const collection = state.collection(keyOf(requirement.path));
      return collection !== undefined && syncStateOf(collection) === requirement.syncState;
    }
    case 'uid-free': {
      const collection = state.collection(keyOf(requirement.collection));
      if (collection === undefined) return true;
      const names = state.namesWithUid(collection, requirement.uid);
      return names.every((name) => name === requirement.except);
    }
  }
}

function memberAt(state: State, path: Path): MemberState | undefined {
  const collection = state.collection(keyOf(path.slice(0, -1)));
  const found = collection && state.name(collection, path.at(-1)!);
  return found?.type === 'member' ? found.member : undefined;
}
