/** What a client reads of a calendar: its members with their ETags, its name, and what has changed since a token. */
import { childOf, childrenOf, type Element, textOf } from '@riad/webdav/xml/element';
import { DAV } from '@riad/webdav/xml/namespaces';
import { parseXml } from '@riad/webdav/xml/parse-xml';
import type { Answer, Asking } from './running-calendar.ts';

export type Ask = (method: string, path: string, asking?: Asking) => Promise<Answer>;

export const xml = { 'content-type': 'application/xml; charset=utf-8' };

export type ReadCalendar = {
  readonly displayName: string | undefined;
  /** Name → ETag, with its quotes. */
  readonly etags: ReadonlyMap<string, string>;
  /** As it was answered, for comparing. */
  readonly text: string;
};

export type Difference = {
  readonly changed: ReadonlyMap<string, string>;
  readonly removed: ReadonlySet<string>;
  readonly token: string;
  readonly text: string;
};

const properties =
  '<D:prop><D:getetag/><D:displayname/><D:sync-token/><CS:getctag/><D:resourcetype/></D:prop>';

/** Undefined: there is none. */
export async function readCalendar(ask: Ask, path: string): Promise<ReadCalendar | undefined> {
  const body = `<D:propfind xmlns:D="DAV:" xmlns:CS="http://calendarserver.org/ns/">${properties}</D:propfind>`;
  const answer = await ask('PROPFIND', path, { headers: { ...xml, depth: '1' }, body });
  if (answer.status === 404) return undefined;
  const etags = new Map<string, string>();
  let displayName: string | undefined;
  for (const { name, found } of responses(expectStatus(answer, 207))) {
    const property = (local: string): string | undefined => {
      const element = found && childOf(found, DAV, local);
      return element && textOf(element);
    };
    if (name === '') displayName = property('displayname');
    else etags.set(name, property('getetag') ?? '');
  }
  return { displayName, etags, text: answer.text };
}

/** `unknown`: the token is not good any more; undefined: there is no such calendar. */
export async function readDifference(
  ask: Ask,
  path: string,
  token: string,
): Promise<Difference | 'unknown' | undefined> {
  const body = `<D:sync-collection xmlns:D="DAV:"><D:sync-token>${token}</D:sync-token><D:sync-level>1</D:sync-level><D:prop><D:getetag/></D:prop></D:sync-collection>`;
  const answer = await ask('REPORT', path, { headers: xml, body });
  if (answer.status === 404) return undefined;
  if (answer.status === 403 && answer.text.includes('valid-sync-token')) return 'unknown';
  const changed = new Map<string, string>();
  const removed = new Set<string>();
  for (const { name, status, found } of responses(expectStatus(answer, 207))) {
    const etag = found && childOf(found, DAV, 'getetag');
    if (etag !== undefined) changed.set(name, textOf(etag));
    else if (status?.includes(' 404')) removed.add(name);
    else throw new Error(`neither changed nor removed: ${answer.text}`);
  }
  const root = parseXml(Buffer.from(answer.text));
  return {
    changed,
    removed,
    token: textOf(childOf(root, DAV, 'sync-token')!),
    text: answer.text,
  };
}

export function expectStatus(answer: Answer, ...statuses: readonly number[]): Answer {
  if (statuses.includes(answer.status)) return answer;
  throw new Error(`${answer.status} instead of ${statuses.join(' or ')}: ${answer.text}`);
}

type Responded = {
  /** The last segment of the href; empty for the collection itself. */
  readonly name: string;
  readonly status: string | undefined;
  /** `D:prop` with what was found. */
  readonly found: Element | undefined;
};

function responses({ text }: Answer): Responded[] {
  return childrenOf(parseXml(Buffer.from(text)), DAV, 'response').map((response) => {
    const href = textOf(childOf(response, DAV, 'href')!);
    const status = childOf(response, DAV, 'status');
    const found = childrenOf(response, DAV, 'propstat').find((propstat) =>
      textOf(childOf(propstat, DAV, 'status')!).includes(' 200'),
    );
    return {
      name: decodeURIComponent(href.slice(href.lastIndexOf('/') + 1)),
      status: status && textOf(status),
      found: found && childOf(found, DAV, 'prop'),
    };
  });
}
