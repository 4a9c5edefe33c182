/** What the two multigets have in common (RFC 4791 §7.9, RFC 6352 §8.7): the hrefs, in their order, each once. */
import { Right } from '../acl/privilege.ts';
import type { Context } from '../context.ts';
import { DavError } from '../dav-error.ts';
import type { Exchange } from '../exchange.ts';
import { localPath } from '../http/destination.ts';
import { statusLine } from '../http/status-line.ts';
import { formatHref, isWithin, pathKey, samePath } from '../path/url-path.ts';
import type { CollectionKind, Path } from '../storage/storage.ts';
import { findNode, storedNode } from '../tree/find-node.ts';
import type { MemberNode, Node } from '../tree/node.ts';
import { childrenOf, type Element, textOf } from '../xml/element.ts';
import { DAV } from '../xml/namespaces.ts';
import type { XmlWriter } from '../xml/xml-writer.ts';

/** Clients ask for 10 to 50 at a time. */
export const maxMultigetHrefs = 10_000;

export type WantedMember = {
  /** As it came, for what is not there. */
  readonly href: string;
  readonly node: MemberNode | undefined;
};

export async function* wantedMembers(
  { context, request }: Exchange,
  node: Node,
  root: Element,
  kind: CollectionKind,
): AsyncGenerator<WantedMember, void> {
  const seen = new Set<string>();
  for (const element of hrefsIn(root)) {
    const text = textOf(element).trim();
    const path = localPath(request, text);
    if (path === undefined || path === 'foreign') {
      yield { href: text, node: undefined };
      continue;
    }
    const key = pathKey(path.segments);
    if (seen.has(key)) continue;
    seen.add(key);
    const member = await memberAt(context, node, path.segments, kind);
    yield { href: formatHref(path.segments, path.slash), node: member };
  }
}

export function hrefsIn(root: Element): Element[] {
  const hrefs = childrenOf(root, DAV, 'href');
  if (hrefs.length === 0) throw new DavError(400, { sentence: 'There is no D:href.' });
  if (hrefs.length > maxMultigetHrefs) {
    throw new DavError(507, { sentence: `More than ${maxMultigetHrefs} at once are not given.` });
  }
  return hrefs;
}

/** Undefined if it is not there, lies elsewhere, or may not be read: the client learns no more of it. */
async function memberAt(
  context: Context,
  node: Node,
  path: Path,
  kind: CollectionKind,
): Promise<MemberNode | undefined> {
  if (!isWithin(path, node.path)) return undefined;
  let found: Node | undefined;
  if (samePath(path, node.path)) found = node;
  else if (node.type === 'collection' && path.length === node.path.length + 1) {
    // The usual case, and one look-up under an alias, too.
    const resource = await context.view.resource([...node.resource.path, path.at(-1)!]);
    found = resource && storedNode(path, resource, node.alias);
  } else found = await findNode(context, path);
  if (found?.type !== 'member' || found.resource.kind !== kind) return undefined;
  const rights = await context.access.ofResource(found.resource);
  return (rights & Right.read) === 0 ? undefined : found;
}

export function writeMissing(out: XmlWriter, href: string): void {
  out.raw('<D:response><D:href>');
  out.text(href);
  out.raw(`</D:href><D:status>${statusLine(404)}</D:status></D:response>`);
}
