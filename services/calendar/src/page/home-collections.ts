/** What a user’s homes hold, for pages: asked of the engine like any client does. */
import type { Engine } from '@riad/webdav/engine';
import { handle } from '@riad/webdav/handle';
import { attributeOf, childOf, childrenOf, type Element, textOf } from '@riad/webdav/xml/element';
import { parseXml } from '@riad/webdav/xml/parse-xml';

export type ListedCollection = {
  readonly href: string;
  readonly kind: 'calendar' | 'address-book';
  readonly name: string;
  readonly color: string | undefined;
  readonly components: readonly string[];
  readonly canWrite: boolean;
};

const dav = 'DAV:';
const caldav = 'urn:ietf:params:xml:ns:caldav';
const carddav = 'urn:ietf:params:xml:ns:carddav';
const apple = 'http://apple.com/ns/ical/';

const question = `<?xml version="1.0"?><D:propfind xmlns:D="DAV:" xmlns:C="${caldav}" xmlns:I="${apple}"><D:prop>
<D:displayname/><D:resourcetype/><D:current-user-privilege-set/><C:supported-calendar-component-set/><I:calendar-color/>
</D:prop></D:propfind>`;

export async function homeCollections(
  engine: Engine,
  user: string,
  request: { readonly baseUrl: string; readonly secure: boolean; readonly requestId: string },
): Promise<ListedCollection[]> {
  const found: ListedCollection[] = [];
  for (const home of ['calendars', 'addressbooks']) {
    const { status, body } = await handle(engine, {
      ...request,
      method: 'PROPFIND',
      target: `/${home}/${encodeURIComponent(user)}/`,
      headers: { depth: ['1'], prefer: ['return=minimal'] },
      body: Buffer.from(question),
      user,
      device: undefined,
      nowSeconds: Math.floor(Date.now() / 1000),
    });
    if (status !== 207 || body === undefined) continue;
    const octets = body instanceof Uint8Array ? body : await whole(body);
    const multistatus = parseXml(octets);
    for (const response of childrenOf(multistatus, dav, 'response')) {
      const listed = listedOf(response);
      if (listed !== undefined) found.push(listed);
    }
  }
  return found;
}

function listedOf(response: Element): ListedCollection | undefined {
  const href = trimmed(childOf(response, dav, 'href'));
  const propstat = childOf(response, dav, 'propstat');
  const prop = propstat && childOf(propstat, dav, 'prop');
  const type = prop && childOf(prop, dav, 'resourcetype');
  if (prop === undefined || type === undefined) return undefined;
  const kind =
    childOf(type, caldav, 'calendar') !== undefined
      ? 'calendar'
      : childOf(type, carddav, 'addressbook') !== undefined
        ? 'address-book'
        : undefined;
  if (kind === undefined) return undefined;
  const set = childOf(prop, caldav, 'supported-calendar-component-set');
  const privileges = childOf(prop, dav, 'current-user-privilege-set');
  return {
    href,
    kind,
    name: trimmed(childOf(prop, dav, 'displayname')) || href,
    color: /^#[0-9a-fA-F]{6}/.exec(trimmed(childOf(prop, apple, 'calendar-color')))?.[0],
    components:
      set === undefined
        ? []
        : childrenOf(set, caldav, 'comp').map((comp) => attributeOf(comp, 'name') ?? ''),
    canWrite:
      privileges !== undefined &&
      childrenOf(privileges, dav, 'privilege').some(
        (each) => childOf(each, dav, 'write-content') !== undefined,
      ),
  };
}

function trimmed(element: Element | undefined): string {
  return element === undefined ? '' : textOf(element).trim();
}

async function whole(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of body) pieces.push(piece);
  return Buffer.concat(pieces);
}
