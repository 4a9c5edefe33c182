/** XML in and out: what is written is read back, and dead properties are complete in themselves. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DecodeError } from '@riad/octets/decode-error';
import { parseHex } from '@riad/octets/hex';
import fc from 'fast-check';
import { type Element, elementsOf, isElement, textOf } from './element.ts';
import {
  MarkCount,
  maxXmlMarks,
  maxXmlNodes,
  parseXml,
  parseXmlInTurns,
  xmlPieceOctets,
} from './parse-xml.ts';
import { serializeElement } from './serialize-element.ts';
import { XmlWriter } from './xml-writer.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

const read = (text: string): Element => parseXml(encoder.encode(text));

/** Without what only tells how names were written. */
function meaning(element: Element): unknown {
  return [
    element.namespace,
    element.name,
    element.attributes.map(({ namespace, name, value }) => `${namespace} ${name}=${value}`).sort(),
    element.children.map((node) => (isElement(node) ? meaning(node) : node)),
  ];
}

test('text goes through the writer unchanged, but for what XML has no character for', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const out = new XmlWriter();
      out.raw('<a>');
      out.text(text);
      out.raw('</a>');
      const expected = text
        .toWellFormed()
        .replace(/[^\t\n\r\u0020-\ufffd\u{10000}-\u{10ffff}]/gu, '?');
      assert.equal(textOf(parseXml(out.take())), expected);
    }),
    { seed: 1 },
  );
});

test('octets are escaped as text is', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const wellFormed = text.toWellFormed();
      const one = new XmlWriter();
      one.text(wellFormed);
      const other = new XmlWriter();
      other.octets(encoder.encode(wellFormed));
      assert.deepEqual(one.take(), other.take());
    }),
    { seed: 2 },
  );
});

test('the writer grows, rewinds, and gives each octet once', () => {
  const out = new XmlWriter();
  out.raw('x'.repeat(100_000));
  const mark = out.mark();
  out.raw('never');
  out.rewind(mark);
  assert.equal(out.hasLeft, false);
  assert.equal(out.take().length, 100_000);
  out.raw('y');
  assert.equal(decoder.decode(out.take()), 'y');
  assert.equal(out.hasLeft, true);
});

for (const [why, xml] of [
  [
    'prefixes declared outside',
    '<a:x xmlns:a="urn:a" xmlns:b="urn:b"><a:y b:c="1"><b:z/></a:y></a:x>',
  ],
  ['a default namespace', '<x xmlns="urn:a"><y><z xmlns=""/></y></x>'],
  ['no namespace', '<x><y a="&lt;&#10;&quot;">]]&gt;&amp;</y></x>'],
  ['a prefix declared anew', '<a:x xmlns:a="urn:a"><a:y xmlns:a="urn:b"><a:z/></a:y></a:x>'],
  ['CDATA, comments, processing instructions', '<x><y><![CDATA[<&]]><!-- c --><?p q?>t</y></x>'],
  ['a language', '<x xml:lang="de"><y>ä</y></x>'],
] as const) {
  test(`an element serialised by itself means the same: ${why}`, () => {
    const [inner] = elementsOf(read(xml));
    const alone = serializeElement(inner!, undefined);
    assert.deepEqual(meaning(read(alone)), meaning(inner!));
    // Whatever it is put into.
    const [again] = elementsOf(read(`<D:prop xmlns:D="DAV:" xmlns="urn:other">${alone}</D:prop>`));
    assert.deepEqual(meaning(again!), meaning(inner!));
  });
}

for (const [code, text] of [
  ['xml.malformed', '<a>'],
  ['xml.malformed', '<a></b>'],
  ['xml.malformed', '<p:a/>'],
  ['xml.malformed', '<a b="1" b="2"/>'],
  ['xml.malformed', '<a>&unknown;</a>'],
  ['xml.malformed', ''],
  ['xml.malformed', '<a/><b/>'],
  ['xml.doctype', '<!DOCTYPE a><a/>'],
  ['xml.depth', '<a>'.repeat(100)],
] as const) {
  test(`${code}: ${text.slice(0, 20)}`, () => {
    assert.throws(() => read(text), { name: 'DecodeError', code });
  });
}

test('reading is total', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (octets) => {
      try {
        parseXml(octets);
      } catch (error) {
        assert.equal((error as Error).name, 'DecodeError');
      }
    }),
    { seed: 1 },
  );
});

const cut = (octets: Uint8Array, every: number): Uint8Array[] =>
  Array.from({ length: Math.ceil(octets.length / every) }, (_, i) =>
    octets.slice(i * every, (i + 1) * every),
  );

for (const encoding of ['utf8', 'utf16le', 'utf16be'] as const)
  for (const every of [1, 2, 3, 5, xmlPieceOctets + 1, 1_000_000])
    test(`${encoding} that comes ${every} octets at a time, with characters across the borders`, async () => {
      const text = `x${'\u{1f4c5}é€'.repeat(every < 10 ? 20 : xmlPieceOctets)}`;
      const nodeName = encoding === 'utf8' ? 'utf8' : 'utf16le';
      const octets = Buffer.from(`\ufeff<a>${text}</a>`, nodeName);
      const whole = new Uint8Array(encoding === 'utf16be' ? octets.swap16() : octets);
      let pauses = 0;
      const pause = async (): Promise<void> => void pauses++;
      assert.equal(textOf(await parseXmlInTurns(cut(whole, every), pause)), text);
      assert.equal(textOf(parseXml(whole)), text);
      assert.ok(pauses >= whole.length / xmlPieceOctets - 1);
    });

test('wrong octets are refused wherever they are cut', async () => {
  const pause = async (): Promise<void> => {};
  for (const [hex, at] of [
    ['3c613e c3 3c2f613e', 3],
    ['3c613e f09f93 3c2f613e', 3],
    ['3c613e80 3c2f613e', 3],
    ['3c612f3e e282', 4],
    ['fffe 3c00 6100 2f00 3e00 0a', 11],
  ] as const) {
    const octets = parseHex(hex.replaceAll(' ', ''));
    for (const every of [1, 2, 3, 4, 100])
      await assert.rejects(
        parseXmlInTurns(cut(octets, every), pause),
        (error: DecodeError) => error.code === 'xml.encoding' && error.offset === at,
        `${hex} ${every}`,
      );
  }
});

test('too many nodes are refused, and more still before any is read', () => {
  const elements = (count: number): Uint8Array => encoder.encode(`<a>${'<b/>'.repeat(count)}</a>`);
  assert.equal(parseXml(elements(maxXmlNodes - 1)).children.length, maxXmlNodes - 1);
  assert.throws(() => parseXml(elements(maxXmlNodes)), { code: 'xml.nodes' });
  const count = new MarkCount();
  const [first, second] = [elements(maxXmlMarks / 2), elements(maxXmlMarks / 2)];
  assert.equal(count.add(first!), undefined);
  assert.equal(count.add(second!)?.code, 'xml.nodes');
});
