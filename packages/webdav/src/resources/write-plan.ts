/**
 * A change worked out but not made: what to do, and what must still hold then. Plans of several
 * goals can be joined and become one commit.
 */
import type { Context } from '../context.ts';
import { DavError, failed } from '../dav-error.ts';
import type { Actor, Operation, Path, Requirement, View } from '../storage/storage.ts';

export type WritePlan = {
  readonly operations: readonly Operation[];
  readonly requirements: readonly Requirement[];
  /** One line for people. */
  readonly summary: string;
  /** Of the whole change: its deletions are meant. */
  readonly deliberate?: boolean;
};

/** What the plan was made for is no longer so: look again and begin anew. */
export class Overtaken extends Error {
  override readonly name: string = 'Overtaken';
}

/** Makes the change durable; the view has it. `more` must hold, too. */
export async function carryOut(
  context: Context,
  plan: WritePlan,
  actor: Actor,
  more: readonly Requirement[] = [],
): Promise<View> {
  const { operations, summary, deliberate = false } = plan;
  const requirements = [...plan.requirements, ...more];
  const { engine, nowSeconds } = context;
  const request = { operations, requirements, actor, summary, deliberate };
  const result = await engine.storage.write(request);
  if (result.type === 'conflict') throw new Overtaken(result.requirement.type);
  if (result.type === 'refused') {
    // RFC 4331 §6
    if (result.reason === 'full') throw failed('D:sufficient-disk-space', { status: 507 });
    if (result.reason === 'too-many')
      throw failed('R:storage-refused', { status: 507, sentence: result.message });
    throw failed('R:storage-refused', {
      status: 503,
      sentence: result.message,
      headers: { 'Retry-After': '60' },
    });
  }
  for (const operation of operations) {
    if (operation.type === 'delete') engine.locks.removeBelow(operation.path, nowSeconds);
  }
  return result.view;
}

/** Refuses what would take an account over its quota (RFC 4331 §6). */
export async function requireRoom(
  context: Context,
  owner: string,
  moreOctets: number,
): Promise<void> {
  if (moreOctets <= 0) return;
  const principal = await context.engine.directory.principal('user', owner);
  const quota = principal?.quotaOctets;
  if (quota === undefined) return;
  if ((await context.view.usedOctets(owner)) + moreOctets <= quota) return;
  throw failed('D:quota-not-exceeded', { status: 507 });
}

export function parentPath(path: Path): Path {
  return path.slice(0, -1);
}

export function nameOf(path: Path): string {
  return path.at(-1) ?? '';
}

/** 405 with the methods that would work, for what cannot be done to a resource. */
export function notAllowed(allow: string): DavError {
  return new DavError(405, { headers: { Allow: allow } });
}
