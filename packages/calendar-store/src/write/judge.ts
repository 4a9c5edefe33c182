/** Whether what a request requires holds in a state. */
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
  return requirements.find((requirement) => !holds(requirement, state));
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
