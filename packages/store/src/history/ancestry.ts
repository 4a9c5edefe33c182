/** How two commits hang together. */
import type { Revision } from '../store.ts';
import type { History } from './history.ts';

/** Clocks of those who commit may differ by so much. */
const clockSlackSeconds = 86_400;

/** Whether `ancestor` is `of` itself or came before it. */
export function isAncestor(history: History, ancestor: Revision, of: Revision): boolean {
  if (history.objects.get(ancestor)?.type !== 'commit') return false;
  const oldest = history.commit(ancestor).timeSeconds - clockSlackSeconds;
  const seen = new Set([of]);
  const left = [of];
  for (let revision = left.pop(); revision !== undefined; revision = left.pop()) {
    if (revision === ancestor) return true;
    const { parents, timeSeconds } = history.commit(revision);
    if (timeSeconds < oldest) continue;
    for (const parent of parents) {
      if (seen.has(parent)) continue;
      seen.add(parent);
      left.push(parent);
    }
  }
  return false;
}

/** Whether the line that `of` goes on, along first parents, is that of `ancestor`. */
export function isOnLine(history: History, ancestor: Revision, of: Revision): boolean {
  const oldest = history.commit(ancestor).timeSeconds - clockSlackSeconds;
  for (let revision: Revision | undefined = of; revision !== undefined; ) {
    if (revision === ancestor) return true;
    const { parents, timeSeconds } = history.commit(revision);
    if (timeSeconds < oldest) return false;
    revision = parents[0];
  }
  return false;
}

const fromLeft = 1;
const fromRight = 2;
const both = fromLeft | fromRight;

/**
 * The newest commit that came before both; undefined if their histories never met. Where there are
 * several, any of them serves: what both sides did since is then the same on both.
 */
export function mergeBase(history: History, left: Revision, right: Revision): Revision | undefined {
  const reached = new Map<Revision, number>();
  const queue: { readonly revision: Revision; readonly timeSeconds: number }[] = [];
  const reach = (revision: Revision, flags: number): void => {
    const before = reached.get(revision) ?? 0;
    if ((before | flags) === before) return;
    reached.set(revision, before | flags);
    insert(queue, { revision, timeSeconds: history.commit(revision).timeSeconds });
  };
  reach(left, fromLeft);
  reach(right, fromRight);
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    const flags = reached.get(next.revision)!;
    if (flags === both) return next.revision;
    for (const parent of history.commit(next.revision).parents) reach(parent, flags);
  }
  return undefined;
}

/** Newest last. */
function insert<Item extends { readonly timeSeconds: number }>(queue: Item[], item: Item): void {
  let at = queue.length;
  while (at > 0 && queue[at - 1]!.timeSeconds > item.timeSeconds) at--;
  queue.splice(at, 0, item);
}
