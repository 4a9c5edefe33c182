/** The namespaces the engine speaks, and the prefix each has in everything it writes. */

export const DAV = 'DAV:';
export const CALDAV = 'urn:ietf:params:xml:ns:caldav';
export const CARDDAV = 'urn:ietf:params:xml:ns:carddav';
export const CALENDARSERVER = 'http://calendarserver.org/ns/';
export const APPLE = 'http://apple.com/ns/ical/';
/** Riad's own: the human sentence in errors, and what is kept about shared collections. */
export const RIAD = 'urn:riad:dav';

const prefixes: Readonly<Record<string, string>> = {
  [DAV]: 'D',
  [CALDAV]: 'C',
  [CARDDAV]: 'CR',
  [CALENDARSERVER]: 'CS',
  [APPLE]: 'ICAL',
  [RIAD]: 'R',
};

const namespaceOfPrefix: ReadonlyMap<string, string> = new Map(
  Object.entries(prefixes).map(([namespace, prefix]) => [prefix, namespace]),
);

/** Declarations for the root of every document we write, so that nothing below needs its own. */
export const declarations: string = Object.entries(prefixes)
  .map(([namespace, prefix]) => ` xmlns:${prefix}="${namespace}"`)
  .join('');

export const xmlDeclaration = '<?xml version="1.0" encoding="utf-8"?>\n';

export function prefixOf(namespace: string): string | undefined {
  return Object.hasOwn(prefixes, namespace) ? prefixes[namespace] : undefined;
}

/** `D:href` as its namespace and name; only for names that stand in our sources. */
export function expandName(qualified: string): { namespace: string; name: string } {
  const colon = qualified.indexOf(':');
  const namespace = namespaceOfPrefix.get(qualified.slice(0, colon));
  if (namespace === undefined) throw new RangeError(`${qualified}: no such prefix`);
  return { namespace, name: qualified.slice(colon + 1) };
}

/** How a name is a key of maps, and how privileges are kept: `DAV: read`. */
export function nameKey(namespace: string, name: string): string {
  return `${namespace} ${name}`;
}
