/**
 * What several members shall be, in one change and one commit: undo, imports, and whatever else writes
 * without a request of its own. The rules are those of PUT and DELETE: rights, locks, what a calendar
 * takes, its UIDs, quota.
 */
import { contextOf } from '../context.ts';
import { DavError } from '../dav-error.ts';
import type { Engine } from '../engine.ts';
import { pathKey } from '../path/url-path.ts';
import type { Actor, Operation, Path, Requirement, View } from '../storage/storage.ts';
import { planDelete, requireDeleteRights } from './delete-resource.ts';
import { planPut, requirePutRights } from './put-member.ts';
import { requireTokens } from './write-conditions.ts';
import { carryOut, Overtaken } from './write-plan.ts';
import { findWriteTarget, type WriteTarget } from './write-target.ts';

export type GoalState = {
  /** As in a URL. */
  readonly path: Path;
  /** Undefined: nothing shall be there. */
  readonly octets: Uint8Array | undefined;
  readonly contentType?: string;
  /** Without quotes: what there must be now, for the octets were made from it; otherwise 412. */
  readonly etag?: string;
};

export type GoalRequest = {
  readonly goals: readonly GoalState[];
  /** Whose rights count. */
  readonly user: string;
  readonly actor: Actor;
  readonly summary: string;
  readonly nowSeconds: number;
  /** Somebody wants just these deletions, however many they are. */
  readonly deliberate?: boolean;
};

/** Goals in one change. */
export const maxGoals = 20_000;
/** As for requests. */
const maxAttempts = 10;

/** The view in which it is so; rejects with a `DavError` that says why not. Nothing or all of it is done. */
export async function writeGoalStates(engine: Engine, request: GoalRequest): Promise<View> {
  if (request.goals.length > maxGoals) {
    throw new DavError(507, { sentence: 'That is too much for one change.' });
  }
  for (let attempt = 1; ; attempt++) {
    try {
      return await attemptGoals(engine, request);
    } catch (error) {
      if (!(error instanceof Overtaken) || attempt === maxAttempts) throw error;
    }
  }
}

type Aim = { readonly target: WriteTarget; readonly goal: GoalState };

async function attemptGoals(
  engine: Engine,
  { goals, user, actor, summary, nowSeconds, deliberate = false }: GoalRequest,
): Promise<View> {
  const view = await engine.storage.view();
  const context = contextOf(engine, view, user, nowSeconds);
  const puts: Aim[] = [];
  const deletes: Aim[] = [];
  for (const goal of goals) {
    await engine.pause();
    const target = await findWriteTarget(context, goal.path);
    if (goal.etag !== undefined && etagIn(target) !== goal.etag) {
      throw new DavError(412, { sentence: 'It has been changed meanwhile.' });
    }
    if (goal.octets !== undefined) {
      await requirePutRights(context, target);
      puts.push({ target, goal });
    } else if (target.node !== undefined) {
      await requireDeleteRights(context, target);
      deletes.push({ target, goal });
    }
  }
  requireTokens(context, new Set(), {
    changed: puts.map(({ target }) => target.stored),
    membership: [...puts, ...deletes].map(({ target }) => target.stored),
    trees: deletes.map(({ target }) => target.stored),
  });
  const operations: Operation[] = [];
  const requirements = new Map<string, Requirement>();
  const add = (plan: {
    operations: readonly Operation[];
    requirements: readonly Requirement[];
  }): void => {
    operations.push(...plan.operations);
    for (const requirement of plan.requirements) requirements.set(keyOf(requirement), requirement);
  };
  for (const { target } of deletes) {
    await engine.pause();
    add(await planDelete(context, target));
  }
  const gone = deletes.map(({ target }) => target.stored);
  for (const { target, goal } of puts) {
    await engine.pause();
    const { octets = new Uint8Array(0), contentType } = goal;
    add(await planPut(context, target, { octets, contentType, gone, summary }));
  }
  if (operations.length === 0) return view;
  return carryOut(
    context,
    { operations, requirements: [...requirements.values()], summary, deliberate },
    actor,
  );
}

function etagIn({ node }: WriteTarget): string | undefined {
  return node?.type === 'member' ? node.resource.etag : undefined;
}

/** A collection that many goals lie in need be asked for once only. */
function keyOf(requirement: Requirement): string {
  const place = requirement.type === 'uid-free' ? requirement.collection : requirement.path;
  const uid = requirement.type === 'uid-free' ? ` ${requirement.uid}` : '';
  return `${requirement.type} ${pathKey(place)}${uid}`;
}
