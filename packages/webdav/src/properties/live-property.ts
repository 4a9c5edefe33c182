/** What a property is that the server knows: how it is written, and whether clients may set it. */
import type { Context } from '../context.ts';
import type { Node } from '../tree/node.ts';
import type { XmlWriter } from '../xml/xml-writer.ts';

/** `forbidden`: it is there, but this user may not read it. */
export type Written = boolean | 'forbidden';

export type LiveProperty = {
  /** With the prefix of `xml/namespaces.ts`: `D:getetag`. */
  readonly name: string;
  /** One of those that `allprop` has always meant (RFC 4918 §9.1, §15). */
  readonly allprop?: boolean;
  /**
   * Clients set it and the server keeps it, as the element they wrote; `write` is for where nobody has
   * set it yet. Without this it is protected.
   */
  readonly kept?: boolean;
  /** Each user has an own value for a shared collection. */
  readonly perUser?: boolean;
  /** Writes what stands inside the element; false if the node has no such property, and then what was written is dropped. */
  readonly write: (out: XmlWriter, node: Node, context: Context) => Written | Promise<Written>;
};

/** For a kept property that is absent until somebody sets it. */
export function absent(): false {
  return false;
}

export function writeHref(out: XmlWriter, href: string): void {
  out.raw('<D:href>');
  out.raw(href);
  out.raw('</D:href>');
}
