/** Which properties a PROPFIND or a REPORT wants: `D:prop`, `D:allprop` with `D:include`, or `D:propname`. */
import { DavError } from '../dav-error.ts';
import { childOf, type Element, elementsOf } from '../xml/element.ts';
import { DAV, prefixOf } from '../xml/namespaces.ts';
import { escapeAttribute } from '../xml/serialize-element.ts';
import { type RegisteredProperty, registeredProperty } from './registry.ts';

export type RequestedProperty = {
  readonly namespace: string;
  readonly name: string;
  readonly live: RegisteredProperty | undefined;
  /** As it stood in the request: `C:calendar-data` says in it what is wanted. */
  readonly element: Element | undefined;
  /** An empty element of its name, for what is not there. */
  readonly empty: string;
};

export type PropertyRequest =
  | { readonly type: 'prop'; readonly properties: readonly RequestedProperty[] }
  | { readonly type: 'allprop'; readonly include: readonly RequestedProperty[] }
  | { readonly type: 'propname' };

/** Apple’s clients ask for some sixty. */
export const maxRequestedProperties = 400;

/** From the element that holds `D:prop` and the like; undefined if it has none of them. */
export function propertyRequestOf(parent: Element): PropertyRequest | undefined {
  const prop = childOf(parent, DAV, 'prop');
  if (prop !== undefined) return { type: 'prop', properties: requestedIn(prop) };
  if (childOf(parent, DAV, 'propname') !== undefined) return { type: 'propname' };
  if (childOf(parent, DAV, 'allprop') === undefined) return undefined;
  const include = childOf(parent, DAV, 'include');
  return { type: 'allprop', include: include === undefined ? [] : requestedIn(include) };
}

export function requestedIn(parent: Element): RequestedProperty[] {
  const elements = elementsOf(parent);
  if (elements.length > maxRequestedProperties) {
    throw new DavError(400, { sentence: 'Too many properties are asked for at once.' });
  }
  return elements.map(requested);
}

export function requested(element: Element): RequestedProperty {
  const { namespace, name } = element;
  return {
    namespace,
    name,
    live: registeredProperty(namespace, name),
    element,
    empty: emptyElement(namespace, name),
  };
}

export function emptyElement(namespace: string, name: string): string {
  if (!/^[\w.-]+$/.test(name)) return verbatimEmpty(namespace, name);
  const prefix = prefixOf(namespace);
  if (prefix !== undefined) return `<${prefix}:${name}/>`;
  return verbatimEmpty(namespace, name);
}

/** Of a namespace that we have no prefix for; may hold more than ASCII. */
function verbatimEmpty(namespace: string, name: string): string {
  if (namespace === '') return `<${name} xmlns=""/>`;
  // Bound to the prefix `xml` and to no other (Namespaces in XML §3).
  if (namespace === 'http://www.w3.org/XML/1998/namespace') return `<xml:${name}/>`;
  return `<x:${name} xmlns:x="${escapeAttribute(namespace)}"/>`;
}
