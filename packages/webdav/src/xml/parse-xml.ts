/**
 * XML from clients into elements; the one file that knows the parser. Refused: document type
 * declarations (and with them every entity but the five of XML), more depth or nodes than any
 * client sends, other encodings than UTF-8 and UTF-16.
 */
import { DecodeError } from '@riad/octets/decode-error';
import { joinOctets } from '@riad/octets/join';
import { atOnce, inTurns, type Pieces } from '@riad/octets/pieces';
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
/** `<` in a request: two for each node. Counted first, so that too many nodes are refused before any is made. */
export const maxXmlMarks: number = 2 * maxXmlNodes;
/** Octets that are read between two pauses: of the worst kind a millisecond. */
export const xmlPieceOctets = 2048;

const lessThan = 0x3c;

type Open = {
  readonly tag: SaxesTagNS;
  readonly children: (Element | string)[];
};

export function parseXml(octets: Uint8Array): Element {
  return atOnce(parseInPieces([octets], Number.POSITIVE_INFINITY));
}

/**
 * The same of octets that came in pieces and were counted, with pauses, so that others have their turn beside a
 * long one.
 */
export function parseXmlInTurns(
  pieces: readonly Uint8Array[],
  pause: () => Promise<void>,
): Promise<Element> {
  return inTurns(parseInPieces(pieces, xmlPieceOctets), pause);
}

/** Counts what could be nodes, before any is made. */
export class MarkCount {
  #marks = 0;

  /** What is wrong, as soon as there are too many. */
  add(octets: Uint8Array): DecodeError | undefined {
    let at = octets.indexOf(lessThan);
    for (; at !== -1 && this.#marks <= maxXmlMarks; at = octets.indexOf(lessThan, at + 1))
      this.#marks++;
    if (this.#marks <= maxXmlMarks) return undefined;
    return new DecodeError('xml.nodes', 0, codes['xml.nodes']);
  }
}

function* parseInPieces(pieces: readonly Uint8Array[], pieceOctets: number): Pieces<Element> {
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
    let made = 1;
    for (const _attribute in tag.attributes) made++;
    count(made);
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
  for (const text of decodedPieces(pieces, pieceOctets)) {
    if (!first) yield;
    first = false;
    parser.write(text);
  }
  parser.close();
  return root ?? fail('xml.malformed');
}

// Most elements have nothing: what is not made need not be thrown away either.
const noDeclarations: ReadonlyMap<string, string> = new Map();
const noAttributes: readonly Attribute[] = [];
const noChildren: readonly (Element | string)[] = [];

function elementFrom(tag: SaxesTagNS, children: readonly (Element | string)[]): Element {
  let attributes: Attribute[] | undefined;
  for (const key in tag.attributes) {
    const { prefix, local, uri, value } = tag.attributes[key]!;
    if (prefix === 'xmlns' || (prefix === '' && local === 'xmlns')) continue;
    attributes ??= [];
    attributes.push({ prefix, namespace: uri, name: local, value });
  }
  let declarations: Map<string, string> | undefined;
  for (const prefix in tag.ns) {
    declarations ??= new Map();
    declarations.set(prefix, tag.ns[prefix]!);
  }
  return {
    namespace: tag.uri,
    name: tag.local,
    prefix: tag.prefix,
    attributes: attributes ?? noAttributes,
    declarations: declarations ?? noDeclarations,
    children: children.length === 0 ? noChildren : children,
  };
}

/** The text of `pieces`, in pieces of its own: none ends within a character. */
function* decodedPieces(
  pieces: readonly Uint8Array[],
  pieceOctets: number,
): Generator<string, void> {
  /** The beginning of a character, or of the mark, whose rest is in the next piece. */
  let left: Uint8Array = new Uint8Array(0);
  /** Octets before the present piece, for those who look for what is wrong. */
  let before = 0;
  let high: 0 | 1 | undefined;
  let begun = false;
  for (let i = 0; i < pieces.length; i++) {
    const octets = left.length === 0 ? pieces[i]! : joinOctets([left, pieces[i]!]);
    const isLast = i === pieces.length - 1;
    let at = 0;
    if (!begun) {
      left = octets;
      if (octets.length < markOctets && !isLast) continue;
      begun = true;
      [high, at] = encodingOf(octets);
    }
    const whole = isLast
      ? octets.length
      : high === undefined
        ? pieceEnd(octets, octets.length)
        : octets.length - (octets.length % 2);
    while (at < whole) {
      const wanted = Math.min(at + pieceOctets, whole);
      const end = high === undefined && wanted < whole ? pieceEnd(octets, wanted) : wanted;
      yield high === undefined
        ? decode8(octets, at, end, before)
        : decode16(octets, at, end, high, before);
      at = end;
    }
    left = octets.slice(whole);
    before += whole;
  }
}

/** A mark of the order, or of UTF-8, has so many octets at most. */
const markOctets = 3;

/** Which of two octets is the higher one, or undefined for UTF-8; and where the text begins. */
function encodingOf([first, second, third]: Uint8Array): [0 | 1 | undefined, number] {
  // XML 1.0 §4.3.3: a processor must read UTF-16, which begins with a mark of its order.
  if (first === 0xfe && second === 0xff) return [0, 2];
  if (first === 0xff && second === 0xfe) return [1, 2];
  return [undefined, first === 0xef && second === 0xbb && third === 0xbf ? 3 : 0];
}

/** Before an octet that begins a character, at most at `wanted`; wrong octets are found out by the decoder. */
function pieceEnd(octets: Uint8Array, wanted: number): number {
  for (let end = wanted; end > 0 && end > wanted - 4; end--) {
    const octet = octets[end - 1]!;
    if ((octet & 0xc0) === 0x80) continue; // RFC 3629 §3: within a character
    const length = octet < 0xc0 ? 1 : octet < 0xe0 ? 2 : octet < 0xf0 ? 3 : 4;
    return end - 1 + length > wanted ? end - 1 : wanted;
  }
  return wanted;
}

function decode8(octets: Uint8Array, start: number, end: number, before: number): string {
  try {
    return decodeUtf8(octets.subarray(start, end));
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw new DecodeError('xml.encoding', before + start + error.offset, codes['xml.encoding']);
  }
}

/** Of a pair of surrogates that is cut, the parser keeps the first half. */
function decode16(
  octets: Uint8Array,
  start: number,
  end: number,
  high: 0 | 1,
  before: number,
): string {
  if ((end - start) % 2 !== 0)
    throw new DecodeError('xml.encoding', before + end, codes['xml.encoding']);
  let text = '';
  for (let at = start; at < end; at += 2) {
    text += String.fromCharCode((octets[at + high]! << 8) | octets[at + 1 - high]!);
  }
  return text;
}
