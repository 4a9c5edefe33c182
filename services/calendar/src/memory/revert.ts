/**
 * Undo: what would have to be so is worked out from history, shown, and then written by the rules of any other
 * change, as a new commit that clients fetch like any other.
 */

import type { Moment } from '@riad/calendar-store/history/calendar-history';
import type { Goal } from '@riad/calendar-store/history/goals';
import type { CalendarStorage } from '@riad/calendar-store/options';
import { CommandError } from '@riad/runtime/service';
import { DavError } from '@riad/webdav/dav-error';
import type { Engine } from '@riad/webdav/engine';
import { formatHref } from '@riad/webdav/path/url-path';
import { type GoalState, writeGoalStates } from '@riad/webdav/resources/goal-states';
import type { Actor, Path } from '@riad/webdav/storage/storage';
import { takenBack } from './taking-back.ts';

export type Undo =
  /** What one commit did. */
  | { readonly what: 'commit'; readonly revision: string }
  /** An object or a collection as it was then. */
  | { readonly what: 'path'; readonly path: Path; readonly moment: Moment }
  /** All that a user, or one device of it, has done since. */
  | {
      readonly what: 'actor';
      readonly user: string;
      readonly device: string | undefined;
      readonly sinceSeconds: number;
    };

export type PlannedStep = {
  readonly path: string;
  /** `merges`: what is undone is taken back, and what others have changed since stays. */
  readonly does: 'writes' | 'deletes' | 'makes' | 'merges';
  /** Something that is not undone has changed it since, and cannot be kept apart. */
  readonly changedSince: boolean;
  /** Why not: what both have changed. */
  readonly conflict?: string;
};

export type Reverted = {
  readonly steps: readonly PlannedStep[];
  /** Undefined: only planned, or there was nothing to do. */
  readonly revision: string | undefined;
};

export type RevertParts = { readonly storage: CalendarStorage; readonly engine: Engine };

export type RevertOptions = {
  /** Whose rights count. */
  readonly user: string;
  readonly actor: Actor;
  readonly summary: string;
  readonly nowSeconds: number;
  /** Only says what would be done. */
  readonly dryRun: boolean;
  /** Also what others have changed since. */
  readonly overwrite: boolean;
};

export async function goalsOf({ goals }: CalendarStorage, undo: Undo): Promise<Goal[]> {
  if (undo.what === 'commit') return goals.undoRevision(undo.revision);
  if (undo.what === 'actor') return goals.undoActor(undo.user, undo.device, undo.sinceSeconds);
  const { path, moment } = undo;
  return path.length <= 3
    ? goals.restoreCollection(path, moment)
    : goals.restoreMember(path, moment);
}

type Plan = {
  readonly goals: readonly Goal[];
  readonly states: readonly GoalState[];
  readonly steps: readonly PlannedStep[];
};

async function planned(
  { storage, engine }: RevertParts,
  found: readonly Goal[],
  overwrite: boolean,
): Promise<Plan> {
  const goals: Goal[] = [];
  const states: GoalState[] = [];
  const steps: PlannedStep[] = [];
  for (const goal of found) {
    const { path, changedSince } = goal;
    const step = { path: formatHref(path, goal.type === 'make-collection'), changedSince };
    if (goal.type === 'make-collection') steps.push({ ...step, does: 'makes' });
    else if (goal.type === 'delete') {
      steps.push({ ...step, does: 'deletes' });
      states.push({ path, octets: undefined });
    } else if (!changedSince || overwrite) {
      steps.push({ ...step, does: 'writes' });
      states.push({ path, octets: goal.octets, contentType: goal.contentType });
    } else {
      await engine.pause();
      const result = await takenBack(storage, goal);
      if ('conflict' in result) {
        steps.push({ ...step, does: 'writes', conflict: result.conflict });
      } else if (result.isSo) continue;
      else {
        steps.push({ ...step, does: 'merges', changedSince: false });
        states.push({ path, ...result });
      }
    }
    goals.push(goal);
  }
  return { goals, states, steps };
}

export async function revert(
  { storage, engine }: RevertParts,
  undo: Undo,
  options: RevertOptions,
): Promise<Reverted> {
  const { user, actor, summary, nowSeconds, dryRun, overwrite } = options;
  const found = await goalsOf(storage, undo);
  const { goals, states, steps } = await planned({ storage, engine }, found, overwrite);
  if (dryRun || goals.length === 0) return { steps, revision: undefined };
  const since = steps.filter(({ changedSince }) => changedSince);
  if (since.length > 0 && !overwrite)
    throw new CommandError(
      `changed since by others: ${since
        .slice(0, 5)
        .map(({ path, conflict }) => (conflict === undefined ? path : `${path} (${conflict})`))
        .join(
          ', ',
        )}${since.length > 5 ? ` and ${since.length - 5} more` : ''}; --overwrite undoes that, too`,
    );
  try {
    // A collection has to be there before something can be written into it by the rules.
    for (const goal of goals) {
      if (goal.type !== 'make-collection') continue;
      const { path, kind, components, metadata } = goal;
      const made = await storage.write({
        operations: [{ type: 'make-collection', path, kind, components, metadata }],
        requirements: [{ type: 'absent', path }],
        actor,
        summary: `${summary}: ${path.at(-1)} made again`,
      });
      if (made.type === 'refused') throw new CommandError(made.message);
    }
    await writeGoalStates(engine, {
      goals: states,
      user,
      actor,
      summary,
      nowSeconds,
      // Every step was told, and may be undone again.
      deliberate: true,
    });
  } catch (error) {
    if (error instanceof DavError)
      throw new CommandError(`not undone: ${error.sentence || error.message}`);
    throw error;
  }
  return { steps, revision: storage.store.head };
}
