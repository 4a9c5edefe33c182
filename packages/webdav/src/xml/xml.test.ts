/** XML in and out: what is written is read back, and dead properties are complete in themselves. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Element, elementsOf, isElement, textOf } from './element.ts';
import { parseXml } from './parse-xml.ts';
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
