/** What the two multigets have in common (RFC 4791 §7.9, RFC 6352 §8.7): the hrefs, in their order, each once. */
import { Right } from '../acl/privilege.ts';
import type { Context } from '../context.ts';
import { DavError } from '../dav-error.ts';
import type { Exchange } from '../exchange.ts';
import { localPath } from '../http/destination.ts';
import { statusLine } from '../http/status-line.ts';
import { formatHref, isWithin, samePath } from '../path/url-path.ts';
import { contentOf } from '../resources/representation.ts';
import type { CollectionKind, Path } from '../storage/storage.ts';
import { findNode, storedNode } from '../tree/find-node.ts';
import type { MemberNode, Node } from '../tree/node.ts';
import { childrenOf, type Element, textOf } from '../xml/element.ts';
import { DAV } from '../xml/namespaces.ts';
import type { XmlWriter } from '../xml/xml-writer.ts';

/** Clients ask for 10 to 50 at a time. */
export const maxMultigetHrefs = 10_000;

/** Looked for at once. */
const membersTogether = 32;
/** Of content that is held at once, unless one object alone has more. */
const contentTogether = 1 << 18;

export type WantedMember = {
  /** As it came, for what is not there. */
  readonly href: string;
  readonly node: MemberNode | undefined;
  /** Undefined if it is not wanted, or has gone meanwhile. */
  readonly octets: Uint8Array | undefined;
};

const nothing: Promise<undefined> = Promise.resolve(undefined);

type Named = { readonly href: string; readonly path: Path | undefined };

export async function* wantedMembers(
  exchange: Exchange,
  node: Node,
  root: Element,
  kind: CollectionKind,
  withContent: boolean,
): AsyncGenerator<readonly WantedMember[], void> {
  for (const page of pagesOf(namedIn(exchange, root))) {
    const found = await membersAt(exchange.context, node, page, kind);
    if (!withContent) {
      yield page.map(({ href }, i) => ({ href, node: found[i], octets: undefined }));
      continue;
    }
    for (let from = 0; from < page.length; ) {
      let to = from;
      let octets = 0;
      do octets += found[to++]?.resource.sizeOctets ?? 0;
      while (to < page.length && octets < contentTogether);
      const nodes = found.slice(from, to);
      const { context } = exchange;
      const contents = await Promise.all(
        nodes.map((one) => (one === undefined ? nothing : contentOf(context, one))),
      );
      const start = from;
      yield nodes.map((one, i) => ({
        href: page[start + i]!.href,
        node: one,
        octets: contents[i],
      }));
      from = to;
    }
  }
}

/** Each once. */
function* namedIn({ request }: Exchange, root: Element): Generator<Named, void> {
  const seen = new Set<string>();
  for (const element of hrefsIn(root)) {
    const text = textOf(element).trim();
    const path = localPath(request, text);
    if (path === undefined || path === 'foreign') {
      yield { href: text, path: undefined };
      continue;
    }
    const href = formatHref(path.segments, path.slash);
    const key = path.slash ? formatHref(path.segments, false) : href;
    if (seen.has(key)) continue;
    seen.add(key);
    yield { href, path: path.segments };
  }
}

function* pagesOf(all: Iterable<Named>): Generator<readonly Named[], void> {
  let page: Named[] = [];
  for (const one of all) {
    page.push(one);
    if (page.length < membersTogether) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}

export function hrefsIn(root: Element): Element[] {
  const hrefs = childrenOf(root, DAV, 'href');
  if (hrefs.length === 0) throw new DavError(400, { sentence: 'There is no D:href.' });
  if (hrefs.length > maxMultigetHrefs) {
    throw new DavError(507, { sentence: `More than ${maxMultigetHrefs} at once are not given.` });
  }
  return hrefs;
}

/** Undefined for what is not there, lies elsewhere, or may not be read: the client learns no more of it. */
async function membersAt(
  context: Context,
  node: Node,
  page: readonly Named[],
  kind: CollectionKind,
): Promise<readonly (MemberNode | undefined)[]> {
  // The usual case, and one look-up under an alias, too.
  const inside = node.type === 'collection' ? node : undefined;
  const direct = page.map(
    ({ path }) =>
      inside !== undefined &&
      path?.length === inside.path.length + 1 &&
      isWithin(path, inside.path),
  );
  const names = page.flatMap(({ path }, i) => (direct[i] ? [path!.at(-1)!] : []));
  const members = inside === undefined ? [] : await context.view.named(inside.resource.path, names);
  let next = 0;
  const found: (MemberNode | undefined)[] = [];
  for (const [i, { path }] of page.entries()) {
    let one: Node | undefined;
    if (direct[i]) {
      const resource = members[next++];
      one = resource && storedNode(path!, resource, inside!.alias);
    } else if (path !== undefined && isWithin(path, node.path)) {
      one = samePath(path, node.path) ? node : await findNode(context, path);
    }
    const readable =
      one?.type === 'member' &&
      one.resource.kind === kind &&
      (one.resource.owner === context.user ||
        ((await context.access.ofResource(one.resource)) & Right.read) !== 0);
    found.push(readable ? (one as MemberNode) : undefined);
  }
  return found;
}

export function writeMissing(out: XmlWriter, href: string): void {
  out.raw('<D:response><D:href>');
  out.text(href);
  out.raw(`</D:href><D:status>${statusLine(404)}</D:status></D:response>`);
}
