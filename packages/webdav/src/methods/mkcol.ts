/** MKCOL (RFC 4918 §9.3), extended by RFC 5689 with what kind of collection, and with properties. */
import { DavError, failed } from '../dav-error.ts';
import type { Exchange } from '../exchange.ts';
import { multistatus } from '../multistatus.ts';
import { instructionsIn, type PropertyInstruction } from '../properties/property-changes.ts';
import { writeOutcomes } from '../properties/write-outcomes.ts';
import type { DavResponse } from '../request.ts';
import { PropertiesRefused } from '../resources/make-collection.ts';
import type { CollectionKind } from '../storage/storage.ts';
import { type Element, elementsOf, is } from '../xml/element.ts';
import { CALDAV, CARDDAV, DAV } from '../xml/namespaces.ts';
import { createCollection } from './create-collection.ts';
import { readXml } from './request-xml.ts';

export async function mkcol(exchange: Exchange): Promise<DavResponse> {
  const { request, body, context } = exchange;
  const root = readXml(request, body);
  if (root !== undefined && !is(root, DAV, 'mkcol')) throw new DavError(415); // RFC 4918 §9.3.1
  const instructions = root === undefined ? [] : instructionsIn(root);
  try {
    return await createCollection(exchange, kindIn(instructions), instructions, {
      exists: new DavError(405), // RFC 4918 §9.3.1
    });
  } catch (error) {
    if (!(error instanceof PropertiesRefused)) throw error;
    const { outcomes } = error;
    const status = outcomes.find(({ failure }) => failure !== undefined)?.failure?.status ?? 403;
    return multistatus(
      context.engine,
      async function* responses(out) {
        writeOutcomes(out, outcomes); // RFC 5689 §3.1
        yield 1;
      },
      { 'Cache-Control': 'no-cache' },
      'D:mkcol-response',
      status,
    );
  }
}

function kindIn(instructions: readonly PropertyInstruction[]): CollectionKind {
  const types = instructions
    .filter(({ element }) => is(element, DAV, 'resourcetype'))
    .flatMap(({ element }) => elementsOf(element));
  if (types.length === 0) return 'folder';
  const has = (namespace: string, name: string): boolean =>
    types.some((type: Element) => is(type, namespace, name));
  const known = types.every(
    (type) =>
      is(type, DAV, 'collection') ||
      is(type, CALDAV, 'calendar') ||
      is(type, CARDDAV, 'addressbook'),
  );
  const calendar = has(CALDAV, 'calendar');
  const book = has(CARDDAV, 'addressbook');
  if (!known || !has(DAV, 'collection') || (calendar && book)) throw failed('D:valid-resourcetype');
  if (calendar) return 'calendar';
  return book ? 'address-book' : 'folder';
}
