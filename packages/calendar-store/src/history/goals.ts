/**
 * What would have to be so for a change to be undone. It is a list of puts and deletes that the engine writes as
 * it writes any other, with its own checks: history goes on, and ETags and sync states go forward.
 */

import { eachOf } from '@riad/webdav/storage/pages';
import type { CollectionKind, Metadata, Path, View } from '@riad/webdav/storage/storage';
import { keyOf } from '../layout/paths.ts';
import type { CalendarHistory, HistoryEntry, Moment } from './calendar-history.ts';

/** One change of a member; undefined: nothing had been committed before. */
export type UndoneStep = { readonly before: string | undefined; readonly after: string };

export type Goal = {
  readonly path: Path;
  /** It has been changed between or since by something that is not undone with it: somebody has to look. */
  readonly changedSince: boolean;
} & (
  | {
      readonly type: 'put';
      /** What is undone, newest first: taken back one by one, it leaves what others have changed. */
      readonly undone: readonly UndoneStep[];
      readonly octets: Uint8Array;
      readonly contentType: string;
      readonly metadata: Metadata;
    }
  | { readonly type: 'delete' }
  | {
      readonly type: 'make-collection';
      readonly kind: CollectionKind;
      readonly components: readonly string[] | undefined;
      readonly metadata: Metadata;
    }
);

/** From so many on a search for each takes longer than reading all. */
const manyEntries = 100;

export class Goals {
  readonly #history: CalendarHistory;
  readonly #view: () => Promise<View>;
  readonly #parent: (revision: string) => Promise<string | undefined>;

  constructor(
    history: CalendarHistory,
    view: () => Promise<View>,
    parent: (revision: string) => Promise<string | undefined>,
  ) {
    this.#history = history;
    this.#view = view;
    this.#parent = parent;
  }

  /** What one commit did. */
  undoRevision(revision: string): Promise<Goal[]> {
    return this.#undo(this.#history.ofRevision(revision));
  }

  /** All that a user or a device has done since. */
  undoActor(user: string, device: string | undefined, sinceSeconds: number): Promise<Goal[]> {
    return this.#undo(this.#history.ofActor(user, device, sinceSeconds, { whole: true }));
  }

  /** A member as it was then. */
  async restoreMember(path: Path, moment: Moment): Promise<Goal[]> {
    const goal = await this.#memberGoal(path, moment, false);
    return goal === undefined ? [] : [goal];
  }

  /** A collection, and what lay directly in it, as they were then; whatever has happened since. */
  async restoreCollection(path: Path, moment: Moment): Promise<Goal[]> {
    const view = await this.#view();
    const goals: Goal[] = [];
    const there = await view.resource(path);
    const then = await this.#history.collectionAt(path, moment);
    if (there === undefined && then !== undefined) {
      const { kind, components, metadata } = then;
      goals.push({
        type: 'make-collection',
        path,
        changedSince: false,
        kind,
        components,
        metadata,
      });
    }
    const members = await this.#history.membersAt(path, moment);
    const wanted = new Map(members.map(({ name, etag }) => [name, etag]));
    const now = new Map<string, string>();
    for await (const member of eachOf(view.members(path, Infinity))) {
      if (member.type === 'member') now.set(member.path.at(-1)!, member.etag);
    }
    for (const name of new Set([...wanted.keys(), ...now.keys()])) {
      if (wanted.get(name) === now.get(name)) continue;
      const goal = await this.#memberGoal([...path, name], moment, false);
      if (goal !== undefined) goals.push(goal);
    }
    return inOrder(goals);
  }

  /** Entries newest first. Each path goes back to what it was before the oldest of its entries. */
  async #undo(entries: readonly HistoryEntry[]): Promise<Goal[]> {
    const undone = new Set(entries.map(entryKey));
    const byPath = Map.groupBy(entries, ({ collection, name }) => keyOf([...collection, name]));
    const goals: Goal[] = [];
    const entriesOf = this.#entriesOf([...byPath.values()].map(([entry]) => entry!));
    for (const own of byPath.values()) {
      const entry = own.at(-1)!;
      const path = [...entry.collection, entry.name];
      const changedSince = entriesOf(path).some(
        (other) => isLater(other, entry) && !undone.has(entryKey(other)),
      );
      const before = await this.#parent(entry.revision);
      if (entry.change === 'put' || entry.change === 'delete') {
        const steps = changedSince ? await this.#stepsOf(own) : [];
        const goal = await this.#memberGoal(path, before, changedSince, steps);
        if (goal !== undefined) goals.push(goal);
      } else if (entry.change === 'remove' && before !== undefined) {
        // What lay in collections that lay in it comes back with them.
        for (const goal of await this.#restoreBelow(path, before)) {
          goals.push({ ...goal, changedSince: goal.changedSince || changedSince });
        }
      } else if (
        entry.change === 'make' &&
        path.length > 2 && // homes go with the account
        (await (await this.#view()).resource(path)) !== undefined
      ) {
        const others = changedSince || (await this.#holdsOthers(path, undone));
        goals.push({ type: 'delete', path, changedSince: others });
      }
    }
    return inOrder(withoutInner(goals));
  }

  async #stepsOf(entries: readonly HistoryEntry[]): Promise<UndoneStep[]> {
    const steps: UndoneStep[] = [];
    for (const { revision: after } of entries) {
      steps.push({ before: await this.#parent(after), after });
    }
    return steps;
  }

  /** All entries of each path. Of one of many in a collection they are found by reading all of them once. */
  #entriesOf(entries: Iterable<HistoryEntry>): (path: Path) => readonly HistoryEntry[] {
    const counts = new Map<string, { readonly collection: Path; count: number }>();
    for (const { collection } of entries) {
      const key = keyOf(collection);
      const there = counts.get(key) ?? { collection, count: 0 };
      there.count++;
      counts.set(key, there);
    }
    const found = new Map<string, HistoryEntry[]>();
    for (const { collection, count } of counts.values()) {
      if (count < manyEntries) continue;
      for (const entry of this.#history.ofCollection(collection, { whole: true })) {
        const key = keyOf([...collection, entry.name]);
        const known = found.get(key);
        if (known === undefined) found.set(key, [entry]);
        else known.push(entry);
      }
    }
    return (path) => found.get(keyOf(path)) ?? this.#history.ofPath(path, { whole: true });
  }

  /** Whether something lies in a collection that would go with it and is not to be undone. */
  async #holdsOthers(path: Path, undone: ReadonlySet<string>): Promise<boolean> {
    for await (const member of eachOf((await this.#view()).members(path, Infinity))) {
      const [newest] = this.#history.ofPath(member.path, { limit: 1 });
      if (newest !== undefined && !undone.has(entryKey(newest))) return true;
    }
    return false;
  }

  async #restoreBelow(path: Path, moment: Moment): Promise<Goal[]> {
    const goals = await this.restoreCollection(path, moment);
    for (const inner of await this.#history.collectionsAt(path, moment)) {
      goals.push(...(await this.#restoreBelow([...path, inner], moment)));
    }
    return goals;
  }

  /** Undefined if it is so already. */
  async #memberGoal(
    path: Path,
    moment: Moment | undefined,
    changedSince: boolean,
    undone: readonly UndoneStep[] = [],
  ): Promise<Goal | undefined> {
    const now = await (await this.#view()).resource(path);
    const member = now?.type === 'member' ? now : undefined;
    const then = moment === undefined ? undefined : await this.#history.blobAt(path, moment);
    if (then === undefined) return member && { type: 'delete', path, changedSince };
    const { contentType, metadata } = await this.#history.describedAt(path, moment!);
    const same =
      member?.etag === then &&
      member.contentType === contentType &&
      JSON.stringify(member.metadata) === JSON.stringify(metadata);
    if (same) return undefined;
    const octets = await this.#history.contentAt(path, moment!);
    if (octets === undefined) return undefined;
    return { type: 'put', path, changedSince, undone, octets, contentType, metadata };
  }
}

function isLater(one: HistoryEntry, other: HistoryEntry): boolean {
  return (
    one.number > other.number || (one.number === other.number && one.sequence > other.sequence)
  );
}

function entryKey({ collection, name, number, sequence }: HistoryEntry): string {
  return `${number} ${sequence} ${keyOf([...collection, name])}`;
}

/** What goes with its collection need not be deleted by itself. */
function withoutInner(goals: readonly Goal[]): Goal[] {
  const gone = new Set(
    goals.filter(({ type }) => type === 'delete').map(({ path }) => keyOf(path)),
  );
  const within = (path: Path): boolean =>
    path.some((_, length) => length > 0 && gone.has(keyOf(path.slice(0, length))));
  return goals.filter(({ type, path }) => type !== 'delete' || !within(path));
}

/** Collections before what lies in them; what goes, before what may take its UID. */
function inOrder(goals: readonly Goal[]): Goal[] {
  const rank = ({ type }: Goal): number => ['make-collection', 'delete', 'put'].indexOf(type);
  return goals.toSorted((a, b) => rank(a) - rank(b) || a.path.length - b.path.length);
}
