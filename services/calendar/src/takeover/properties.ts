/** Properties of collections as the engine keeps them. */
import type { DeadProperty } from '@riad/webdav/storage/storage';
import type { Attribute, Element } from '@riad/webdav/xml/element';
import { APPLE, CALDAV, CARDDAV, DAV, prefixOf } from '@riad/webdav/xml/namespaces';
import { escapeAttribute, escapeText, serializeElement } from '@riad/webdav/xml/serialize-element';

/** Where clients keep the colour of an address book. */
export const INFIT = 'http://inf-it.com/ns/ab/';

export function textProperty(namespace: string, name: string, text: string): DeadProperty {
  const prefix = prefixOf(namespace) ?? 'X';
  const declared = `xmlns:${prefix}="${escapeAttribute(namespace)}"`;
  const xml = `<${prefix}:${name} ${declared}>${escapeText(text)}</${prefix}:${name}>`;
  return { namespace, name, xml };
}

export function displayName(text: string): DeadProperty {
  return textProperty(DAV, 'displayname', text);
}

export function colour(kind: 'calendar' | 'address-book', text: string): DeadProperty {
  return kind === 'calendar'
    ? textProperty(APPLE, 'calendar-color', text)
    : textProperty(INFIT, 'addressbook-color', text);
}

export function description(kind: 'calendar' | 'address-book', text: string): DeadProperty {
  return kind === 'calendar'
    ? textProperty(CALDAV, 'calendar-description', text)
    : textProperty(CARDDAV, 'addressbook-description', text);
}

export type PropertyNode = {
  readonly namespace: string;
  readonly name: string;
  readonly attributes: readonly { namespace: string; name: string; value: string }[];
  readonly children: readonly (PropertyNode | string)[];
};

const xmlnsNamespace = 'http://www.w3.org/2000/xmlns/';
const xmlNamespace = 'http://www.w3.org/XML/1998/namespace';

/** A property that is known as a tree of names, without the prefixes it once had. */
export function treeProperty(node: PropertyNode): DeadProperty {
  const { namespace, name } = node;
  return { namespace, name, xml: serializeElement(elementOf(node), undefined) };
}

function elementOf({ namespace, name, attributes, children }: PropertyNode): Element {
  return {
    namespace,
    name,
    prefix: '',
    attributes: attributes
      // Declarations of prefixes came along as attributes; the names have their namespaces.
      .filter((one) => one.namespace !== xmlnsNamespace)
      .map(
        (one, index): Attribute => ({
          ...one,
          prefix: one.namespace === '' ? '' : one.namespace === xmlNamespace ? 'xml' : `n${index}`,
        }),
      ),
    declarations: new Map(),
    children: children.map((child) => (typeof child === 'string' ? child : elementOf(child))),
  };
}
