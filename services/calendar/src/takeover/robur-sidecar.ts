/**
 * What Robur’s CalDAV server keeps beside each folder and file: its properties, as a list of
 * `((NAMESPACE NAME) (ATTRIBUTES CHILDREN))`.
 */
import type { StoredAce } from '@riad/webdav/storage/storage';
import { DAV } from '@riad/webdav/xml/namespaces';
import type { PropertyNode } from './properties.ts';
import { parseSExpression, type SExpression } from './s-expression.ts';
import { SourceError } from './source-error.ts';

export const ROBUR = 'io:robur:webdav';

export type Sidecar = ReadonlyMap<string, PropertyNode>;

/** Throws for what is none. */
export function parseSidecar(octets: Uint8Array): Sidecar {
  const properties = new Map<string, PropertyNode>();
  for (const entry of list(parseSExpression(octets), 'properties')) {
    const [key, value] = list(entry, 'a property');
    const [namespace, name] = list(key, 'the name of a property').map(text);
    const [attributes, children] = list(value, `the value of ${name}`);
    if (namespace === undefined || name === undefined)
      throw new SourceError('takeover.format', 'a property without a name');
    properties.set(`${namespace} ${name}`, node(namespace, name, attributes, children));
  }
  return properties;
}

export function propertyIn(
  sidecar: Sidecar,
  namespace: string,
  name: string,
): PropertyNode | undefined {
  return sidecar.get(`${namespace} ${name}`);
}

export function textOf({ children }: PropertyNode): string {
  return children.filter((child) => typeof child === 'string').join('');
}

export function nodesOf({ children }: PropertyNode): PropertyNode[] {
  return children.filter((child) => typeof child !== 'string');
}

/** The hrefs of a property: path-absolute, or with scheme and host in older stores. */
export function hrefsIn(property: PropertyNode | undefined): string[] {
  if (property === undefined) return [];
  return nodesOf(property)
    .filter(({ namespace, name }) => namespace === DAV && name === 'href')
    .map((href) => textOf(href).trim());
}

/** The decoded segments of a path or URL; those of no use give none. */
export function segmentsOf(href: string): string[] {
  const path = href.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/]*/i, '');
  return path
    .split('/')
    .filter((segment) => segment !== '')
    .map(decoded);
}

/** Names are kept as they were in the request: with percent escapes. */
export function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

export type RoburAce = {
  readonly principal:
    | { readonly kind: 'all' | 'authenticated' | 'unauthenticated' | 'self' }
    | { readonly kind: 'href'; readonly href: string }
    | undefined;
  readonly grant: boolean;
  /** Local names, all of `DAV:`. */
  readonly privileges: readonly string[];
  /** The resource whose entries count for that principal. */
  readonly inherited: string | undefined;
};

export function acesIn(sidecar: Sidecar): RoburAce[] {
  const acl = propertyIn(sidecar, DAV, 'acl');
  return acl === undefined
    ? []
    : nodesOf(acl)
        .filter(({ name }) => name === 'ace')
        .map(aceOf);
}

function aceOf(ace: PropertyNode): RoburAce {
  const parts = nodesOf(ace);
  const part = (name: string): PropertyNode | undefined => parts.find((one) => one.name === name);
  const grant = part('grant');
  const granted = grant ?? part('deny');
  const inherited = part('inherited');
  const principal = part('principal');
  return {
    principal: principal && principalOf(principal),
    grant: grant !== undefined,
    // Several in one D:privilege, or one each.
    privileges:
      granted === undefined
        ? []
        : nodesOf(granted)
            .flatMap(nodesOf)
            .map(({ name }) => name),
    inherited: inherited && hrefsIn(inherited)[0],
  };
}

function principalOf(principal: PropertyNode): RoburAce['principal'] {
  const [what] = nodesOf(principal);
  switch (what?.name) {
    case 'all':
    case 'authenticated':
    case 'unauthenticated':
    case 'self':
      return { kind: what.name };
    case 'href':
      return { kind: 'href', href: textOf(what).trim() };
    default:
      return undefined;
  }
}

export function privilegeKeys(names: readonly string[]): StoredAce['privileges'] {
  return names.map((name) => `${DAV} ${name}`);
}

function node(
  namespace: string,
  name: string,
  attributes: SExpression | undefined,
  children: SExpression | undefined,
): PropertyNode {
  return {
    namespace,
    name,
    attributes: list(attributes, `attributes of ${name}`).map((attribute) => {
      const [key, value] = list(attribute, 'an attribute');
      const [space, local] = list(key, 'the name of an attribute');
      return { namespace: text(space), name: text(local), value: text(value) };
    }),
    children: list(children, `children of ${name}`).map((child) => {
      const [kind, ...rest] = list(child, `a child of ${name}`);
      if (kind === 'Pcdata') return text(rest[0]);
      if (kind !== 'Node')
        throw new SourceError(
          'takeover.format',
          `a child of ${name} that is neither text nor element`,
        );
      return node(text(rest[0]), text(rest[1]), rest[2], rest[3]);
    }),
  };
}

function list(expression: SExpression | undefined, what: string): readonly SExpression[] {
  if (expression === undefined || typeof expression === 'string')
    throw new SourceError('takeover.format', `${what}: a list is due`);
  return expression;
}

function text(expression: SExpression | undefined): string {
  if (typeof expression !== 'string') throw new SourceError('takeover.format', 'a text is due');
  return expression;
}
