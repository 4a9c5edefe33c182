/** The XML body of a request; what is wrong with it becomes the answer (RFC 4918 §8.2, §16). */
import { DecodeError } from '@riad/octets/decode-error';
import { DavError, failed } from '../dav-error.ts';
import { parseMediaType } from '../http/media-type.ts';
import { type DavRequest, header } from '../request.ts';
import type { Element } from '../xml/element.ts';
import { is } from '../xml/element.ts';
import { expandName } from '../xml/namespaces.ts';
import { parseXml } from '../xml/parse-xml.ts';

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
    return parseXml(body);
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
