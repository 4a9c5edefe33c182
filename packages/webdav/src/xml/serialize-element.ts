/**
 * An element as it stood in a request, complete in itself: with every namespace it uses, its
 * prefixes, and the language that was in scope (RFC 4918 §4.3). This is how dead properties are kept.
 */
import { encodeUtf8 } from '@riad/octets/utf8';
import type { Element } from './element.ts';
import { isElement } from './element.ts';

const xmlNamespace = 'http://www.w3.org/XML/1998/namespace';

/** `language` is the `xml:lang` of the elements around it, if any. */
export function serializeElement(element: Element, language: string | undefined): string {
  const pieces: string[] = [];
  write(element, new Map([['xml', xmlNamespace]]), language, pieces);
  return pieces.join('');
}

/** The `xml:lang` an element sets itself. */
export function languageOf(element: Element): string | undefined {
  return element.attributes.find((one) => one.namespace === xmlNamespace && one.name === 'lang')
    ?.value;
}

export function octetsOfXml(xml: string): number {
  return encodeUtf8(xml).length;
}

function write(
  element: Element,
  outer: ReadonlyMap<string, string>,
  language: string | undefined,
  pieces: string[],
): void {
  const scope = new Map(outer);
  const name = qualified(element.prefix, element.name);
  pieces.push('<', name);
  // Declarations that stand here may serve names inside attribute values and text, so all are kept.
  for (const [prefix, namespace] of element.declarations) declare(scope, prefix, namespace, pieces);
  declare(scope, element.prefix, element.namespace, pieces);
  for (const { prefix, namespace, name, value } of element.attributes) {
    if (prefix !== '') declare(scope, prefix, namespace, pieces);
    pieces.push(' ', qualified(prefix, name), '="', escapeAttribute(value), '"');
  }
  if (language !== undefined && languageOf(element) === undefined) {
    pieces.push(' xml:lang="', escapeAttribute(language), '"');
  }
  if (element.children.length === 0) {
    pieces.push('/>');
    return;
  }
  pieces.push('>');
  for (const node of element.children) {
    if (isElement(node)) write(node, scope, undefined, pieces);
    else pieces.push(escapeText(node));
  }
  pieces.push('</', name, '>');
}

function declare(
  scope: Map<string, string>,
  prefix: string,
  namespace: string,
  pieces: string[],
): void {
  if ((scope.get(prefix) ?? '') === namespace && (prefix !== '' || scope.has(''))) return;
  if (prefix === '' && namespace === '' && !scope.has('')) {
    // Written out, since the place it will be put in may have a default namespace.
    scope.set('', '');
    pieces.push(' xmlns=""');
    return;
  }
  scope.set(prefix, namespace);
  pieces.push(prefix === '' ? ' xmlns="' : ` xmlns:${prefix}="`, escapeAttribute(namespace), '"');
}

function qualified(prefix: string, name: string): string {
  return prefix === '' ? name : `${prefix}:${name}`;
}

export function escapeText(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('\r', '&#13;');
}

export function escapeAttribute(text: string): string {
  return escapeText(text)
    .replaceAll('"', '&quot;')
    .replaceAll('\t', '&#9;')
    .replaceAll('\n', '&#10;');
}
