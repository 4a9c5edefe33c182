/** A store that is gone with its process: git's objects in a map. For tests, and all that needs no disk. */
import { History } from '../history/history.ts';
import type { Layout } from '../history/layout.ts';
import type { GitObject, ObjectId } from '../history/objects.ts';
import { resolveName } from '../history/resolve.ts';
import type { HeadChange, Revision, Store } from '../store.ts';
import { StoreError } from '../store-error.ts';

export type MemoryStoreOptions = {
  /** Milliseconds since 1970, for the time of commits. */
  readonly now?: () => number;
  readonly layout?: Layout;
};

export function memoryStore({ now = Date.now, layout = 'flat' }: MemoryStoreOptions = {}): Store {
  const objects = new Map<ObjectId, GitObject>();
  const history = new History(objects, layout);
  const listeners = new Set<(change: HeadChange) => void>();
  let head: Revision | undefined;
  let closed = false;
  const open = (): void => {
    if (closed) throw new StoreError('store.closed', 'store');
  };
  const close = async (): Promise<void> => {
    closed = true;
  };
  return {
    get head() {
      return head;
    },
    read: async (path, at = head) => {
      open();
      return history.read(path, at);
    },
    list: async (folder, at = head) => {
      open();
      return history.list(folder, at);
    },
    commit: async (request) => {
      open();
      history.check(request.preconditions ?? [], head);
      const parents = head === undefined ? [] : [head];
      const { revision, staging } = history.prepare(
        { ...request, edits: history.editsOf(request.changes) },
        parents,
        request.timeSeconds ?? Math.floor(now() / 1000),
      );
      for (const [id, object] of staging.added) objects.set(id, object);
      const change = { previous: head, revision, origin: 'commit' } as const;
      head = revision;
      for (const listener of [...listeners]) listener(change);
      return revision;
    },
    content: async (blob) => {
      open();
      return history.content(blob);
    },
    differences: async (before, after) => {
      open();
      return history.differences(before, after);
    },
    describe: async (revision) => {
      open();
      return history.describe(revision);
    },
    async *log({ path = '', from = head } = {}) {
      open();
      yield* history.log(path, from);
    },
    resolve: async (name) => {
      open();
      return resolveName(history, head, name);
    },
    watch: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
