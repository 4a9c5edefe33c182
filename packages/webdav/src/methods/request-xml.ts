/** The XML body of a request; what is wrong with it becomes the answer (RFC 4918 §8.2, §16). */
import { DecodeError } from '@riad/octets/decode-error';
import { joinOctets } from '@riad/octets/join';
import { DavError, failed } from '../dav-error.ts';
import type { Engine } from '../engine.ts';
import { parseMediaType } from '../http/media-type.ts';
import { type DavRequest, header } from '../request.ts';
import { piecesOf } from '../request-body.ts';
import type { Element } from '../xml/element.ts';
import { is } from '../xml/element.ts';
import { expandName } from '../xml/namespaces.ts';
import { MarkCount, parseXml, parseXmlInTurns } from '../xml/parse-xml.ts';

/** Shorter ones are read at once. */
const longOctets = 16_384;
const readers = new Set(['PROPFIND', 'PROPPATCH', 'REPORT', 'MKCOL', 'MKCALENDAR', 'LOCK', 'ACL']);
const readAhead = new WeakMap<Uint8Array, Element | DecodeError>();
/** Long ones are read one after another: each may become many times as large. */
const lastOf = new WeakMap<Engine, Promise<void>>();

export function hasXml(method: string): boolean {
  return readers.has(method);
}

/**
 * The body, or what stands for a long one: that is read here, with pauses for others and without being put
 * together, and refused as soon as it has come to too much.
 */
export async function xmlBody(engine: Engine, { body }: DavRequest): Promise<Uint8Array> {
  if (body instanceof Uint8Array && body.length < longOctets) return body;
  const pieces: Uint8Array[] = [];
  let octets = 0;
  const count = new MarkCount();
  let refused: DecodeError | undefined;
  for await (const piece of piecesOf(body)) {
    octets += piece.length;
    pieces.push(piece);
    refused = count.add(piece);
    if (refused !== undefined) break;
  }
  if (refused === undefined && octets < longOctets) return joinOctets(pieces);
  const standsFor = new Uint8Array(1);
  readAhead.set(standsFor, refused ?? (await readInTurn(engine, pieces)));
  return standsFor;
}

async function readInTurn(
  engine: Engine,
  pieces: readonly Uint8Array[],
): Promise<Element | DecodeError> {
  const before = lastOf.get(engine);
  const { promise, resolve } = Promise.withResolvers<void>();
  lastOf.set(engine, promise);
  try {
    await before;
    return await parseXmlInTurns(pieces, engine.pause);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return error;
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
