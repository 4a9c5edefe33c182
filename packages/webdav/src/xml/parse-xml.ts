/**
 * XML from clients into elements; the one file that knows the parser. Refused: document type
 * declarations (and with them every entity but the five of XML), more depth or nodes than any
 * client sends, other encodings than UTF-8 and UTF-16.
 */
import { DecodeError } from '@riad/octets/decode-error';
import { decodeUtf8 } from '@riad/octets/utf8';
import { SaxesParser, type SaxesTagNS } from 'saxes';
import type { Attribute, Element } from './element.ts';

export const codes = {
  'xml.malformed': 'not well-formed XML with namespaces',
  'xml.doctype': 'a document type declaration',
  'xml.depth': 'elements are nested too deeply',
  'xml.nodes': 'too many elements, attributes and pieces of text',
  'xml.encoding': 'octets that are neither UTF-8 nor UTF-16',
} as const;

/** Filters nest about ten deep, dead properties little more. */
export const maxXmlDepth = 64;
/** A multiget of 10,000 hrefs has 30,000: each an element, its text and the space before it. */
export const maxXmlNodes = 60_000;
/** Octets that are read between two pauses: of the worst kind a millisecond. */
export const xmlPieceOctets = 2048;

type Open = {
  readonly tag: SaxesTagNS;
  readonly children: (Element | string)[];
};

export function parseXml(octets: Uint8Array): Element {
  const parsing = parseInPieces(octets, Number.POSITIVE_INFINITY);
  for (;;) {
    const { done, value } = parsing.next();
    if (done === true) return value;
  }
}

/** The same with pauses, so that others have their turn beside a long one. */
export async function parseXmlInTurns(
  octets: Uint8Array,
  pause: () => Promise<void>,
): Promise<Element> {
  const parsing = parseInPieces(octets, xmlPieceOctets);
  for (;;) {
    const { done, value } = parsing.next();
    if (done === true) return value;
    await pause();
  }
}

function* parseInPieces(
  octets: Uint8Array,
  pieceOctets: number,
): Generator<undefined, Element, undefined> {
  const parser = new SaxesParser({ xmlns: true, position: false });
  const open: Open[] = [];
  let root: Element | undefined;
  let nodes = 0;
  const fail = (code: keyof typeof codes): never => {
    throw new DecodeError(code, parser.position, codes[code]);
  };
  const count = (more: number): void => {
    nodes += more;
    if (nodes > maxXmlNodes) fail('xml.nodes');
  };
  const addText = (piece: string): void => {
    count(1);
    const children = open.at(-1)?.children;
    const last = children?.at(-1);
    // Text around a comment or a CDATA section is one text.
    if (typeof last === 'string') children![children!.length - 1] = last + piece;
    else children?.push(piece);
  };
  parser.on('error', () => fail('xml.malformed'));
  parser.on('doctype', () => fail('xml.doctype')); // RFC 4918 §20.6
  parser.on('text', addText);
  parser.on('cdata', addText);
  parser.on('opentag', (tag) => {
    count(1 + Object.keys(tag.attributes).length);
    if (open.length >= maxXmlDepth) fail('xml.depth');
    open.push({ tag, children: [] });
  });
  parser.on('closetag', () => {
    const { tag, children } = open.pop()!;
    const element = elementFrom(tag, children);
    const parent = open.at(-1);
    if (parent === undefined) root = element;
    else parent.children.push(element);
  });
  let first = true;
  for (const text of decodedPieces(octets, pieceOctets)) {
    if (!first) yield;
    first = false;
    parser.write(text);
  }
  parser.close();
  return root ?? fail('xml.malformed');
}

const noDeclarations: ReadonlyMap<string, string> = new Map();

function elementFrom(tag: SaxesTagNS, children: (Element | string)[]): Element {
  const attributes: Attribute[] = [];
  for (const { prefix, local, uri, value } of Object.values(tag.attributes)) {
    if (prefix === 'xmlns' || (prefix === '' && local === 'xmlns')) continue;
    attributes.push({ prefix, namespace: uri, name: local, value });
  }
  const declared = Object.entries(tag.ns);
  return {
    namespace: tag.uri,
    name: tag.local,
    prefix: tag.prefix,
    attributes,
    declarations: declared.length === 0 ? noDeclarations : new Map(declared),
    children,
  };
}

/** Decoding takes as long as half of the parsing, and so is done in the same pieces. */
function* decodedPieces(octets: Uint8Array, pieceOctets: number): Generator<string, void> {
  const [first, second, third] = octets;
  // XML 1.0 §4.3.3: a processor must read UTF-16, which begins with a mark of its order.
  const high =
    first === 0xfe && second === 0xff ? 0 : first === 0xff && second === 0xfe ? 1 : undefined;
  let at = first === 0xef && second === 0xbb && third === 0xbf ? 3 : 0;
  do {
    const end = high === undefined ? pieceEnd(octets, at + pieceOctets) : octets.length;
    yield high === undefined ? decode8(octets, at, end) : decode16(octets, high);
    at = end;
  } while (at < octets.length);
}

/** Before an octet that begins a character; wrong octets are found out by the decoder. */
function pieceEnd(octets: Uint8Array, wanted: number): number {
  let end = Math.min(wanted, octets.length);
  for (let back = 0; back < 3 && ((octets[end] ?? 0) & 0xc0) === 0x80; back++) end--;
  return end;
}

function decode8(octets: Uint8Array, start: number, end: number): string {
  try {
    return decodeUtf8(octets.subarray(start, end));
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw new DecodeError('xml.encoding', start + error.offset, codes['xml.encoding']);
  }
}

function decode16(octets: Uint8Array, high: 0 | 1): string {
  if (octets.length % 2 !== 0) {
    throw new DecodeError('xml.encoding', octets.length, codes['xml.encoding']);
  }
  let text = '';
  for (let at = 2; at < octets.length; at += 2) {
    text += String.fromCharCode((octets[at + high]! << 8) | octets[at + 1 - high]!);
  }
  return text;
}
