/** One `D:response` with the properties of one resource (RFC 4918 §14.24). */
import { Right } from '../acl/privilege.ts';
import { type Context, refusal } from '../context.ts';
import { writeError } from '../dav-error.ts';
import { statusLine } from '../http/status-line.ts';
import { formatHref } from '../path/url-path.ts';
import type { DeadProperty } from '../storage/storage.ts';
import { isCollection, isStored, type Node } from '../tree/node.ts';
import type { XmlWriter } from '../xml/xml-writer.ts';
import { isWellFormed } from './kept-element.ts';
import type { Written } from './live-property.ts';
import { emptyElement, type PropertyRequest, type RequestedProperty } from './property-request.ts';
import {
  allpropProperties,
  type RegisteredProperty,
  registeredProperties,
  registeredProperty,
} from './registry.ts';
import { isServerRecord } from './server-record.ts';

/** A property that only one report knows, such as `C:calendar-data` (RFC 4791 §9.6). */
export type SpecialProperty = {
  readonly namespace: string;
  readonly name: string;
  /** Writes the whole element. */
  readonly write: (out: XmlWriter, property: RequestedProperty) => Written | Promise<Written>;
};

export type ResponseOptions = {
  /** Leave out what is not there (RFC 8144 §2.1). */
  readonly minimal: boolean;
  readonly special?: SpecialProperty;
};

const ok = `</D:prop><D:status>${statusLine(200)}</D:status></D:propstat>`;
const notFound = `</D:prop><D:status>${statusLine(404)}</D:status></D:propstat>`;
const openPropstat = '<D:propstat><D:prop>';

/** A promise only where something has to be waited for: of most answers there are many, and nothing has. */
export function writeResponse(
  out: XmlWriter,
  context: Context,
  node: Node,
  request: PropertyRequest,
  options: ResponseOptions,
): void | Promise<void> {
  out.raw('<D:response><D:href>');
  out.raw(formatHref(node.path, isCollection(node)));
  out.raw('</D:href>');
  const response = new OpenResponse(out, context, node, options);
  if (request.type === 'prop') return response.write(request.properties, 0);
  return response.writeUnnamed(request);
}

class OpenResponse {
  readonly #out: XmlWriter;
  readonly #context: Context;
  readonly #node: Node;
  readonly #options: ResponseOptions;
  readonly #start: number;
  #found = false;
  #missing: RequestedProperty[] | undefined;
  #forbidden: RequestedProperty[] | undefined;

  constructor(out: XmlWriter, context: Context, node: Node, options: ResponseOptions) {
    this.#out = out;
    this.#context = context;
    this.#node = node;
    this.#options = options;
    this.#start = out.mark();
    out.raw(openPropstat);
  }

  /** Those from an index on, and the end. */
  write(properties: readonly RequestedProperty[], from: number): void | Promise<void> {
    for (let i = from; i < properties.length; i++) {
      const property = properties[i]!;
      const written = this.#writeOne(property);
      if (typeof written === 'object') {
        return written.then((result) => {
          this.#note(property, result);
          return this.write(properties, i + 1);
        });
      }
      this.#note(property, written);
    }
    return this.#end();
  }

  async writeUnnamed(request: Exclude<PropertyRequest, { type: 'prop' }>): Promise<void> {
    this.#found = true;
    if (request.type === 'propname') await writeNames(this.#out, this.#context, this.#node);
    else {
      await writeAllprop(this.#out, this.#context, this.#node);
      for (const property of request.include)
        if (!property.live?.allprop) this.#note(property, await this.#writeOne(property));
    }
    await this.#end();
  }

  #writeOne(property: RequestedProperty): Written | Promise<Written> {
    return writeRequested(this.#out, this.#context, this.#node, property, this.#options.special);
  }

  #note(property: RequestedProperty, written: Written): void {
    if (written === true) {
      this.#found = true;
    } else if (written === 'forbidden') {
      this.#forbidden ??= [];
      this.#forbidden.push(property);
    } else {
      this.#missing ??= [];
      this.#missing.push(property);
    }
  }

  #end(): void | Promise<void> {
    const out = this.#out;
    const missing = this.#options.minimal ? undefined : this.#missing;
    const forbidden = this.#forbidden;
    // A response must have a propstat (§14.24), so an empty one stands where all is left out.
    if (this.#found || (missing === undefined && forbidden === undefined)) out.raw(ok);
    else out.rewind(this.#start);
    if (missing !== undefined) {
      out.raw(openPropstat);
      for (const { empty } of missing) out.verbatim(empty);
      out.raw(notFound);
    }
    if (forbidden === undefined) out.raw('</D:response>');
    else
      return writeForbidden(out, this.#context, this.#node, forbidden).then(() =>
        out.raw('</D:response>'),
      );
  }
}

function writeRequested(
  out: XmlWriter,
  context: Context,
  node: Node,
  property: RequestedProperty,
  special: SpecialProperty | undefined,
): Written | Promise<Written> {
  if (special && special.name === property.name && special.namespace === property.namespace) {
    const mark = out.mark();
    const result = special.write(out, property);
    if (typeof result !== 'object') return result === true || rewound(out, mark, result);
    return result.then((written) => written === true || rewound(out, mark, written));
  }
  const { live } = property;
  if (live === undefined || live.kept) {
    const dead = keptProperty(node, property.namespace, property.name);
    if (dead !== undefined) {
      out.verbatim(dead.xml);
      return true;
    }
    if (live === undefined) return false;
  }
  return writeLive(out, context, node, live);
}

function rewound(out: XmlWriter, mark: number, written: Written): Written {
  out.rewind(mark);
  return written;
}

function writeLive(
  out: XmlWriter,
  context: Context,
  node: Node,
  live: RegisteredProperty,
): Written | Promise<Written> {
  const mark = out.mark();
  out.raw(live.open);
  const result = live.write(out, node, context);
  if (typeof result !== 'object') return finish(result);
  return result.then(finish);

  function finish(written: Written): Written {
    if (written === true) out.raw(live.close);
    else out.rewind(mark);
    return written;
  }
}

async function writeAllprop(out: XmlWriter, context: Context, node: Node): Promise<void> {
  const kept = keptProperties(node);
  for (const live of allpropProperties) {
    if (!kept.some((one) => one.namespace === live.namespace && one.name === live.localName)) {
      await writeLive(out, context, node, live);
    }
  }
  for (const { namespace, name, xml } of kept) {
    const live = registeredProperty(namespace, name);
    if (live === undefined || live.allprop) out.verbatim(xml); // RFC 4791 §5.2: not by allprop
  }
}

async function writeNames(out: XmlWriter, context: Context, node: Node): Promise<void> {
  const kept = keptProperties(node);
  for (const live of registeredProperties) {
    if (kept.some((one) => one.namespace === live.namespace && one.name === live.localName))
      continue;
    const mark = out.mark();
    const written = await live.write(out, node, context);
    out.rewind(mark);
    if (written !== false) out.raw(live.empty);
  }
  for (const { namespace, name } of kept) out.verbatim(emptyElement(namespace, name));
}

async function writeForbidden(
  out: XmlWriter,
  context: Context,
  node: Node,
  properties: readonly RequestedProperty[],
): Promise<void> {
  out.raw(openPropstat);
  for (const { empty } of properties) out.verbatim(empty);
  out.raw(`</D:prop><D:status>${statusLine(403)}</D:status>`);
  const rights = await context.access.of(node);
  const href = formatHref(node.path, isCollection(node));
  writeError(out, refusal(context, rights, Right.readAcl, href), false);
  out.raw('</D:propstat>');
}

/** What users have set on a node; for a shared collection the user’s own go first. */
function keptProperties(node: Node): readonly DeadProperty[] {
  if (node.type === 'principal') return node.properties.filter(isWellFormed);
  if (!isStored(node)) return [];
  const properties = node.resource.metadata.properties.filter(isWellFormed);
  const own = aliasProperties(node);
  if (own.length === 0) {
    return properties.some(isServerRecord)
      ? properties.filter((one) => !isServerRecord(one))
      : properties;
  }
  const others = properties.filter(
    (one) => !own.some(({ namespace, name }) => one.namespace === namespace && one.name === name),
  );
  return [...own, ...others];
}

function keptProperty(node: Node, namespace: string, name: string): DeadProperty | undefined {
  if (node.type === 'principal')
    return node.properties.find((one) => one.name === name && one.namespace === namespace);
  if (!isStored(node)) return undefined;
  for (const one of aliasProperties(node)) {
    if (one.name === name && one.namespace === namespace) return one;
  }
  for (const one of node.resource.metadata.properties) {
    if (one.name === name && one.namespace === namespace) {
      // A sharee finds the owner’s display name with the owner’s name, unless they set their own.
      if (name === 'displayname' && namespace === 'DAV:' && isAlias(node)) return undefined;
      return isServerRecord(one) || !isWellFormed(one) ? undefined : one;
    }
  }
  return undefined;
}

function isAlias(node: Node): boolean {
  return node.type === 'collection' && node.alias !== undefined && node.path.length === 3;
}

function aliasProperties(node: Node): readonly DeadProperty[] {
  return node.type === 'collection' && node.path.length === 3 ? (node.alias?.properties ?? []) : [];
}
