/** `D:expand-property` (RFC 3253 §3.8): properties, and in the place of each href the properties of what it names. */
import { Right } from '../acl/privilege.ts';
import { requireRights } from '../context.ts';
import { DavError } from '../dav-error.ts';
import type { Exchange } from '../exchange.ts';
import { localPath } from '../http/destination.ts';
import { preferencesOf } from '../http/prefer.ts';
import { multistatus } from '../multistatus.ts';
import type { PropertyRequest, RequestedProperty } from '../properties/property-request.ts';
import { emptyElement } from '../properties/property-request.ts';
import { registeredProperty } from '../properties/registry.ts';
import { writeResponse } from '../properties/write-response.ts';
import type { DavResponse } from '../request.ts';
import { findNode } from '../tree/find-node.ts';
import type { Node } from '../tree/node.ts';
import { attributeOf, childrenOf, type Element, elementsOf, is, textOf } from '../xml/element.ts';
import { DAV, declarations } from '../xml/namespaces.ts';
import { parseXml } from '../xml/parse-xml.ts';
import { escapeAttribute } from '../xml/serialize-element.ts';
import { XmlWriter } from '../xml/xml-writer.ts';

/** A principal’s groups and their members are two. */
export const maxExpandDepth = 5;
/** Over the whole answer: a cycle of groups would otherwise end at nothing but the depth. */
export const maxExpandedResources = 2000;

type Wanted = { readonly property: RequestedProperty; readonly inside: readonly Wanted[] };

export async function expandProperty(
  exchange: Exchange,
  node: Node,
  root: Element,
): Promise<DavResponse> {
  const { context, request } = exchange;
  await requireRights(context, node, Right.read);
  const wanted = wantedIn(root, 0);
  const { minimal, applied } = preferencesOf(request.headers);
  const budget = { left: maxExpandedResources };
  return multistatus(
    context.engine,
    async function* responses(out) {
      await writeExpanded(exchange, out, node, wanted, minimal, budget);
      yield 1;
    },
    applied,
  );
}

function wantedIn(element: Element, depth: number): Wanted[] {
  if (depth > maxExpandDepth) throw new DavError(400, { sentence: 'Properties nest too deeply.' });
  return childrenOf(element, DAV, 'property').map((one) => {
    const name = attributeOf(one, 'name');
    if (!name) throw new DavError(400, { sentence: 'D:property has no name.' });
    const namespace = attributeOf(one, 'namespace') ?? DAV;
    const property = {
      namespace,
      name,
      live: registeredProperty(namespace, name),
      element: undefined,
      empty: emptyElement(namespace, name),
    };
    return { property, inside: wantedIn(one, depth + 1) };
  });
}

async function writeExpanded(
  exchange: Exchange,
  out: XmlWriter,
  node: Node,
  wanted: readonly Wanted[],
  minimal: boolean,
  budget: { left: number },
): Promise<void> {
  if (--budget.left < 0) {
    throw new DavError(507, { sentence: 'There is more to expand than one answer may hold.' });
  }
  const { context } = exchange;
  const request: PropertyRequest = { type: 'prop', properties: wanted.map((one) => one.property) };
  if (wanted.every(({ inside }) => inside.length === 0)) {
    await writeResponse(out, context, node, request, { minimal });
    return;
  }
  // What is inside is known once the properties are written: so they are, and read back.
  const plain = new XmlWriter();
  plain.raw(`<D:multistatus${declarations}>`);
  await writeResponse(plain, context, node, request, { minimal });
  plain.raw('</D:multistatus>');
  const [response] = elementsOf(parseXml(plain.take()));
  if (response !== undefined)
    await writeWithInside(exchange, out, response, wanted, minimal, budget);
}

/** An element of ours again, with responses for the hrefs in properties that are to be expanded. */
async function writeWithInside(
  exchange: Exchange,
  out: XmlWriter,
  element: Element,
  wanted: readonly Wanted[],
  minimal: boolean,
  budget: { left: number },
): Promise<void> {
  const name = element.prefix === '' ? element.name : `${element.prefix}:${element.name}`;
  out.verbatim(`<${name}`);
  for (const [prefix, namespace] of element.declarations) {
    out.verbatim(prefix === '' ? ' xmlns="' : ` xmlns:${prefix}="`);
    out.verbatim(escapeAttribute(namespace));
    out.raw('"');
  }
  for (const { prefix, name: attribute, value } of element.attributes) {
    out.verbatim(` ${prefix === '' ? attribute : `${prefix}:${attribute}`}="`);
    out.verbatim(escapeAttribute(value));
    out.raw('"');
  }
  out.raw('>');
  const expanding = wanted.find(
    ({ property, inside }) => inside.length > 0 && is(element, property.namespace, property.name),
  );
  for (const child of element.children) {
    if (typeof child === 'string') out.text(child);
    else if (expanding !== undefined && is(child, DAV, 'href')) {
      const path = localPath(exchange.request, textOf(child));
      const node =
        path === undefined || path === 'foreign'
          ? undefined
          : await findNode(exchange.context, path.segments);
      const may = node && ((await exchange.context.access.of(node)) & Right.read) !== 0;
      if (node === undefined || !may) {
        out.raw('<D:response><D:href>');
        out.text(textOf(child));
        out.raw('</D:href><D:status>HTTP/1.1 404 Not Found</D:status></D:response>');
      } else await writeExpanded(exchange, out, node, expanding.inside, minimal, budget);
    } else await writeWithInside(exchange, out, child, wanted, minimal, budget);
  }
  out.verbatim(`</${name}>`);
}
