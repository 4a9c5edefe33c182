/**
 * What serves one request: one view of the storage, and what was worked out from it. A method that
 * finds its view overtaken begins anew with another context.
 */
import { Access } from './acl/access.ts';
import { privilegeMarkup, privilegeOfRight } from './acl/privilege.ts';
import { DavError, failed } from './dav-error.ts';
import type { Engine } from './engine.ts';
import { formatHref } from './path/url-path.ts';
import type { View } from './storage/storage.ts';
import { isCollection, type Node } from './tree/node.ts';

export type Context = {
  readonly engine: Engine;
  readonly view: View;
  readonly access: Access;
  readonly user: string | undefined;
  readonly nowSeconds: number;
};

export function contextOf(
  engine: Engine,
  view: View,
  user: string | undefined,
  nowSeconds: number,
): Context {
  return { engine, view, access: new Access(engine.directory, view, user), user, nowSeconds };
}

/** Refuses unless the user has all these rights on the node. */
export async function requireRights(context: Context, node: Node, needed: number): Promise<void> {
  const rights = await context.access.of(node);
  if ((rights & needed) === needed) return;
  throw refusal(context, rights, needed, formatHref(node.path, isCollection(node)));
}

/**
 * 401 for who has not logged in; 404 for who may not even know that there is something; else 403
 * with what is missing (RFC 3744 §7.1.1). All of them go before 404, 409 and 412 (RFC 4918 §8.1).
 */
export function refusal(context: Context, rights: number, needed: number, href: string): DavError {
  if (context.user === undefined) return unauthenticated();
  if (rights === 0) return new DavError(404);
  return failed('D:need-privileges', {
    detail: (out) => {
      const missing = needed & ~rights;
      for (let right = 1; right <= missing; right <<= 1) {
        if ((missing & right) === 0) continue;
        out.raw(`<D:resource><D:href>${href}</D:href>`);
        out.raw(`${privilegeMarkup(privilegeOfRight(right))}</D:resource>`);
      }
    },
  });
}

export function unauthenticated(): DavError {
  return new DavError(401, {
    sentence: 'Log in with name and password.',
    // RFC 7617 §2.1: tells clients to send names and passwords as UTF-8.
    headers: { 'WWW-Authenticate': 'Basic realm="Riad", charset="UTF-8"' },
  });
}
