/**
 * A client that has lost its mind, or its database, deletes everything. Who deletes most of a collection within
 * a minute is held back, until somebody says that it is meant.
 */
import type { Actor, Operation, Path } from '@riad/webdav/storage/storage';
import type { State } from '../index/state.ts';
import { keyOf } from '../layout/paths.ts';

export const holdBackWindowMs = 60_000;
/** Fewer are no harm: each can be brought back. */
export const holdBackLeast = 20;
/** Of what a collection had when the minute began. */
export const holdBackShare = 0.5;
export const releaseMs = 600_000;
/** Collections of which deletions are counted; the oldest are forgotten. */
export const maxHeldBackCounts = 10_000;

export type HeldBack = {
  readonly user: string;
  readonly device: string | undefined;
  readonly collection: Path;
  /** Within the minute, those that were refused included. */
  readonly deletions: number;
  readonly members: number;
};

export class HoldBack {
  /** When each member was deleted, by who has, and of what. */
  readonly #deletions = new Map<string, number[]>();
  readonly #released = new Map<string, number>();

  /** What would be too much of these operations. */
  judge(
    operations: readonly Operation[],
    actor: Actor,
    state: State,
    nowMs: number,
  ): HeldBack | undefined {
    for (const [path, count] of deletedFrom(operations, state)) {
      const collection = state.collection(keyOf(path));
      if (collection === undefined) continue;
      const recent = this.#recent(keyFor(actor, path), nowMs);
      const deletions = recent.length + count;
      const members = collection.count + recent.length;
      if (deletions < holdBackLeast || deletions <= members * holdBackShare) continue;
      if (this.#isReleased(actor, nowMs)) continue;
      const { user, device } = actor;
      return { user, device, collection: path, deletions, members };
    }
    return undefined;
  }

  /** They have been done. */
  note(operations: readonly Operation[], actor: Actor, state: State, nowMs: number): void {
    for (const [path, count] of deletedFrom(operations, state)) {
      const key = keyFor(actor, path);
      const recent = this.#recent(key, nowMs);
      for (let i = 0; i < count; i++) recent.push(nowMs);
      this.#deletions.delete(key);
      this.#deletions.set(key, recent);
    }
    for (const oldest of this.#deletions.keys()) {
      if (this.#deletions.size <= maxHeldBackCounts) break;
      this.#deletions.delete(oldest);
    }
  }

  release(user: string, device: string | undefined, nowMs: number): void {
    for (const [key, until] of this.#released) if (until < nowMs) this.#released.delete(key);
    this.#released.set(whoKey(user, device), nowMs + releaseMs);
  }

  #isReleased({ user, device }: Actor, nowMs: number): boolean {
    return [whoKey(user, device), whoKey(user, undefined)].some(
      (key) => (this.#released.get(key) ?? 0) > nowMs,
    );
  }

  #recent(key: string, nowMs: number): number[] {
    return (this.#deletions.get(key) ?? []).filter((at) => at > nowMs - holdBackWindowMs);
  }
}

/** Members that go one by one; what is put elsewhere in the same request has only moved. */
function deletedFrom(operations: readonly Operation[], state: State): Map<Path, number> {
  const counts = new Map<string, { readonly path: Path; count: number }>();
  const puts = operations.filter(({ type }) => type === 'put').length;
  for (const operation of operations) {
    if (operation.type !== 'delete' || state.collection(keyOf(operation.path)) !== undefined)
      continue;
    const path = operation.path.slice(0, -1);
    const there = counts.get(keyOf(path)) ?? { path, count: 0 };
    there.count++;
    counts.set(keyOf(path), there);
  }
  const found = new Map<Path, number>();
  for (const { path, count } of counts.values()) if (count > puts) found.set(path, count - puts);
  return found;
}

function keyFor({ user, device }: Actor, path: Path): string {
  return `${whoKey(user, device)}\0${keyOf(path)}`;
}

function whoKey(user: string, device: string | undefined): string {
  return `${user}\0${device ?? ''}`;
}
