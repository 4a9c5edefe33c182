/** The XML body of a request; what is wrong with it becomes the answer (RFC 4918 §8.2, §16). */
import { DecodeError } from '@riad/octets/decode-error';
import { DavError, failed } from '../dav-error.ts';
import type { Engine } from '../engine.ts';
import { parseMediaType } from '../http/media-type.ts';
import { type DavRequest, header } from '../request.ts';
import type { Element } from '../xml/element.ts';
import { is } from '../xml/element.ts';
import { expandName } from '../xml/namespaces.ts';
import { parseXml, parseXmlInTurns } from '../xml/parse-xml.ts';

/** Shorter ones are read at once. */
const longOctets = 16_384;
const readers = new Set(['PROPFIND', 'PROPPATCH', 'REPORT', 'MKCOL', 'MKCALENDAR', 'LOCK', 'ACL']);
const readAhead = new WeakMap<Uint8Array, Element | DecodeError>();
/** Long ones are read one after another: each may become many times as large. */
const lastOf = new WeakMap<Engine, Promise<void>>();

/** Reads a long body before its method asks for it, with pauses for others. */
export async function readLongXml(
  engine: Engine,
  request: DavRequest,
  body: Uint8Array,
): Promise<void> {
  if (body.length < longOctets || !readers.has(request.method)) return;
  const before = lastOf.get(engine);
  const { promise, resolve } = Promise.withResolvers<void>();
  lastOf.set(engine, promise);
  try {
    await before;
    readAhead.set(body, await parseXmlInTurns(body, engine.pause));
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    readAhead.set(body, error);
  } finally {
    resolve();
  }
}

/** Undefined: there is none. */
export function readXml(request: DavRequest, body: Uint8Array): Element | undefined {
  if (body.length === 0) return undefined;
  const contentType = header(request.headers, 'content-type');
  // Clients of old send XML as anything; what says that it is something else is refused.
  if (contentType !== undefined) {
    const { type } = parseMediaType(contentType);
    const xml = /^(?:application|text)\/(?:xml|.*\+xml|x-www-form-urlencoded|octet-stream|plain)$/;
    if (!xml.test(type)) throw new DavError(415, { sentence: 'The body must be XML.' });
  }
  try {
    const known = readAhead.get(body);
    if (known instanceof DecodeError) throw known;
    return known ?? parseXml(body);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    if (error.code === 'xml.doctype') throw failed('D:no-external-entities');
    throw new DavError(400, { sentence: error.message });
  }
}

/** The same where there must be one, with this root. */
export function requireXml(request: DavRequest, body: Uint8Array, root: string): Element {
  const element = readXml(request, body);
  const { namespace, name } = expandName(root);
  if (element === undefined || !is(element, namespace, name)) {
    throw new DavError(400, { sentence: `The body must be ${root}.` });
  }
  return element;
}
