/**
 * What a sync token says: a collection’s incarnation, the number of its last change, and what the commit of that
 * change is called. It is good as long as that number still is that commit; after a restore or a fork it may not
 * be, and then clients begin anew. `INCARNATION-17-0123abcd`, and on the way through a first list with one number
 * more: that of the last change when it began.
 */
import { type CollectionState, syncStateOf } from './index/state.ts';

export type ParsedSyncState = {
  readonly incarnation: string;
  readonly sequence: number;
  readonly first8: string;
  readonly listedFrom: number | undefined;
};

export function partialSyncState(
  state: CollectionState,
  sequence: number,
  first8: string,
  listedFrom: number | undefined,
): string {
  const whole = syncStateOf({ ...state, sequence, first8 });
  return listedFrom === undefined ? whole : `${whole}-${listedFrom}`;
}

export function parseSyncState(text: string): ParsedSyncState | undefined {
  const match = /^([A-Za-z0-9]{8,40})-(\d{1,15})-([0-9a-f]{8})(?:-(\d{1,15}))?$/.exec(text);
  if (match === null) return undefined;
  const [, incarnation = '', sequence = '', first8 = '', listedFrom] = match;
  return {
    incarnation,
    sequence: Number(sequence),
    first8,
    listedFrom: listedFrom === undefined ? undefined : Number(listedFrom),
  };
}
