import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseDocument } from '../document/document.ts';
import {
  type AddressPropertyFilter,
  type AddressTextMatch,
  checkAddressFilter,
  type FilterTest,
  matchesAddressFilter,
} from '../query/address-filter.ts';
import type { MatchType } from '../query/collation.ts';
import { card, readCard } from '../testing/cards.ts';
import { calendar, event, octets, text } from '../testing/objects.ts';
import { shapeAddressData } from './address-data.ts';
import { convertCard } from './convert.ts';
import { checkAddressObject } from './validation.ts';

const basic = 'UID:1\nFN:Ann Example\nN:Example;Ann;;;';

describe('B2 storage (RFC 6352 §5.1, §6.3.2.1)', () => {
  const refusal = (value: Uint8Array): string | undefined => {
    const result = checkAddressObject(value, { maxResourceOctets: 10_000 });
    return result.ok ? undefined : result.precondition;
  };
  for (const [why, value, precondition] of [
    ['a card of 3.0', card(basic), undefined],
    ['a card of 4.0 without N', card('UID:1\nFN:x', '4.0'), undefined],
    ['a card of 2.1', card(`${basic}\nTEL;HOME;VOICE:1`, '2.1'), undefined],
    ['FN is missing, N is there', card('UID:1\nN:Example;Ann;;;'), undefined],
    ['no UID', card('FN:x'), 'valid-address-data'],
    ['no name at all', card('UID:1\nNOTE:x'), 'valid-address-data'],
    ['two cards', Uint8Array.from([...card(basic), ...card(basic)]), 'valid-address-data'],
    ['iCalendar', calendar(event('DTSTART:20260101T000000Z')), 'supported-address-data'],
    ['another version', card(basic, '5.0'), 'supported-address-data'],
    ['JSON', octets('["vcard",[]]'), 'supported-address-data'],
    ['garbage', octets('hello'), 'valid-address-data'],
    ['too large', card(`${basic}\nNOTE:${'x'.repeat(20_000)}`), 'max-resource-size'],
  ] as const) {
    test(why, () => assert.equal(refusal(value), precondition));
  }
  test('B11 a photo of two megabytes comes back octet for octet', () => {
    const data = 'QUJD'.repeat(700_000);
    const folded = data.replace(/.{74}/g, '$&\r\n ');
    const value = new TextEncoder().encode(
      `BEGIN:VCARD\r\nVERSION:3.0\r\nUID:1\r\nFN:x\r\nPHOTO;ENCODING=b;TYPE=JPEG:${folded}\r\nEND:VCARD\r\n`,
    );
    const result = checkAddressObject(value);
    assert.ok(result.ok);
    assert.deepEqual(shapeAddressData(result.object, 'all'), value);
    assert.equal(result.object.card.properties.at(-1)?.value, data);
  });
});

const match = (
  value: string,
  matchType: MatchType = 'contains',
  negate = false,
  collation: AddressTextMatch['collation'] = 'i;unicode-casemap',
): AddressTextMatch => ({ text: value, matchType, negate, collation });
const property = (
  name: string,
  textMatches: readonly AddressTextMatch[] = [],
  more: Partial<AddressPropertyFilter> = {},
): AddressPropertyFilter => ({
  name,
  test: 'anyof',
  isNotDefined: false,
  textMatches,
  parameters: [],
  ...more,
});

describe('addressbook-query (RFC 6352 §10.5)', () => {
  const ann = readCard(
    card(
      `${basic}\nEMAIL;TYPE=HOME,WORK:ann@example.org\nEMAIL:old@example.org\nitem1.TEL:+1 555\nitem1.X-ABLabel:boat\nNOTE:Größe\\, Maß`,
    ),
  );
  const matches = (
    properties: readonly AddressPropertyFilter[],
    mode: FilterTest = 'anyof',
  ): boolean => matchesAddressFilter(ann, { test: mode, properties });

  test('an empty filter matches all; an empty prop-filter what is there', () => {
    assert.equal(matches([]), true);
    assert.equal(matches([property('NOTE')]), true);
    assert.equal(matches([property('PHOTO')]), false);
    assert.equal(matches([property('PHOTO', [], { isNotDefined: true })]), true);
  });
  test('B4 anyof and allof at both levels', () => {
    const [yes, no] = [property('FN', [match('ann')]), property('FN', [match('bob')])];
    assert.equal(matches([no, yes]), true);
    assert.equal(matches([no, yes], 'allof'), false);
    assert.equal(matches([property('FN', [match('ann'), match('bob')])]), true);
    assert.equal(matches([property('FN', [match('ann'), match('bob')], { test: 'allof' })]), false);
    assert.equal(
      matches([property('EMAIL', [match('ann'), match('old')], { test: 'allof' })]),
      false,
    ); // not of one occurrence
  });
  test('B5 match types and negation', () => {
    for (const [type, value, expected] of [
      ['equals', 'Ann Example', true],
      ['equals', 'Ann', false],
      ['starts-with', 'Ann', true],
      ['ends-with', 'Example', true],
      ['ends-with', 'Ann', false],
    ] as const) {
      assert.equal(matches([property('FN', [match(value, type)])]), expected);
      assert.equal(matches([property('FN', [match(value, type, true)])]), !expected);
    }
    assert.equal(matches([property('PHOTO', [match('x', 'contains', true)])]), false);
  });
  test('B6 i;unicode-casemap: Ö is ö, ß is not SS', () => {
    assert.equal(matches([property('NOTE', [match('GRÖßE, MA')])]), true);
    assert.equal(matches([property('NOTE', [match('MASS')])]), false);
    assert.equal(
      matches([property('NOTE', [match('GRÖßE', 'contains', false, 'i;ascii-casemap')])]),
      false,
    );
  });
  test('B7 TEL matches item1.TEL; item1.TEL only itself', () => {
    assert.equal(matches([property('TEL')]), true);
    assert.equal(matches([property('item1.tel')]), true);
    assert.equal(matches([property('item2.TEL')]), false);
    assert.equal(matches([property('item1.EMAIL')]), false);
  });
  test('TYPE lists are taken apart, and structured values stay joined', () => {
    const typed = (type: string) =>
      property('EMAIL', [], {
        parameters: [{ name: 'type', isNotDefined: false, textMatch: match(type, 'equals') }],
      });
    assert.equal(matches([typed('work')]), true);
    assert.equal(matches([typed('fax')]), false);
    assert.equal(matches([property('N', [match('example;ann')])]), true);
  });
  test('2.1: quoted-printable in a charset of its own', () => {
    const old = readCard(
      card(
        'UID:1\nN:x\nNOTE;CHARSET=ISO-8859-1;ENCODING=QUOTED-PRINTABLE:Gr=F6=DFe=0D=0Azwei',
        '2.1',
      ),
    );
    const query = (value: string) =>
      matchesAddressFilter(old, { test: 'anyof', properties: [property('NOTE', [match(value)])] });
    assert.equal(query('größe\r\nzwei'), true);
  });
  test('valid-filter and supported-filter', () => {
    const wrong = property('TEL', [match('x')], { isNotDefined: true });
    assert.equal(
      checkAddressFilter({ test: 'anyof', properties: [wrong] })?.precondition,
      'valid-filter',
    );
    const many = Array.from({ length: 201 }, () => property('TEL'));
    assert.equal(
      checkAddressFilter({ test: 'anyof', properties: many })?.precondition,
      'supported-filter',
    );
  });
  test('B10 address-data: selected properties', () => {
    const selected = text(
      shapeAddressData(ann, [
        { name: 'fn', noValue: false },
        { name: 'item1.TEL', noValue: true },
        { name: 'VERSION', noValue: false },
      ]),
    );
    assert.equal(
      selected,
      'BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Ann Example\r\nitem1.TEL:\r\nEND:VCARD\r\n',
    );
  });
});

const converted = (properties: string, from: string, to: '3.0' | '4.0'): string[] => {
  const lines = text(convertCard(readCard(card(properties, from)), to))
    .replaceAll('\r\n ', '')
    .trimEnd()
    .split('\r\n');
  assert.equal(lines[1], `VERSION:${to}`);
  return lines.slice(2, -1);
};

describe('B9 3.0 as 4.0 and back', () => {
  for (const [why, third, fourth, back] of [
    [
      'telephones and mails',
      'TEL;TYPE=WORK,VOICE,pref:+1 555\nEMAIL;TYPE=INTERNET:a@x',
      'TEL;PREF=1;TYPE=work,voice:+1 555\nEMAIL:a@x',
      'TEL;TYPE=work,voice,pref:+1 555\nEMAIL;TYPE=internet:a@x',
    ],
    [
      'a photo',
      'PHOTO;ENCODING=b;TYPE=JPEG:QUJD',
      'PHOTO:data:image/jpeg\\;base64\\,QUJD'.replaceAll('\\', ''),
      'PHOTO;ENCODING=b;TYPE=JPEG:QUJD',
    ],
    [
      'a photo elsewhere',
      'PHOTO;VALUE=uri;TYPE=PNG:http://x/y.png',
      'PHOTO;MEDIATYPE=image/png:http://x/y.png',
      'PHOTO;TYPE=PNG;VALUE=uri:http://x/y.png',
    ],
    [
      'an Apple group',
      'X-ADDRESSBOOKSERVER-KIND:group\nX-ADDRESSBOOKSERVER-MEMBER:urn:uuid:2',
      'KIND:group\nMEMBER:urn:uuid:2',
      undefined,
    ],
    ['a birthday', 'BDAY:1985-04-12', 'BDAY:19850412', undefined],
    [
      'a birthday without a year',
      'BDAY;X-APPLE-OMIT-YEAR=1604:1604-04-12',
      'BDAY:--0412',
      undefined,
    ],
    ['a place', 'GEO:37.386013;-122.082932', 'GEO:geo:37.386013,-122.082932', undefined],
    [
      'an address with its label',
      'ADR;TYPE=home:;;1 Main;Town;;;\nLABEL;TYPE=home:1 Main\\nTown',
      'ADR;TYPE=home;LABEL=1 Main^nTown:;;1 Main;Town;;;',
      undefined,
    ],
    ['a revision', 'REV:1995-10-31T22:27:10Z', 'REV:19951031T222710Z', undefined],
    ['what 4.0 has not', 'CLASS:PRIVATE\nMAILER:x', 'X-CLASS:PRIVATE\nX-MAILER:x', undefined],
    [
      'what 3.0 has not',
      'X-ANNIVERSARY:2009-08-08\nX-GENDER:F',
      'ANNIVERSARY:20090808\nGENDER:F',
      undefined,
    ],
    [
      'a group',
      'item1.URL:http://x\nitem1.X-ABLabel:_$!<HomePage>!$_',
      'item1.URL:http://x\nitem1.X-ABLabel:_$!<HomePage>!$_',
      'item1.URL:http://x\nitem1.X-ABLabel:_$!<HomePage>!$_',
    ],
  ] as const) {
    test(why, () => {
      const named = `UID:urn:uuid:1\nFN:x\nN:x;;;;`;
      const head = named.split('\n');
      assert.deepEqual(converted(`${named}\n${third}`, '3.0', '4.0'), [
        ...head,
        ...fourth.split('\n'),
      ]);
      assert.deepEqual(converted(`${named}\n${fourth}`, '4.0', '3.0'), [
        ...head,
        ...(back ?? third).split('\n'),
      ]);
    });
  }
  test('sort strings, and UIDs that are no URI', () => {
    assert.deepEqual(
      converted('UID:abc\nFN:x\nN:van der Harten;Rene;;;\nSORT-STRING:Harten', '3.0', '4.0'),
      ['UID;VALUE=text:abc', 'FN:x', 'N;SORT-AS=Harten:van der Harten;Rene;;;'],
    );
    assert.deepEqual(
      converted('UID;VALUE=text:abc\nFN:x\nN;SORT-AS=Harten:van der Harten;Rene;;;', '4.0', '3.0'),
      ['UID:abc', 'FN:x', 'N:van der Harten;Rene;;;', 'SORT-STRING:Harten'],
    );
  });
  test('3.0 needs N, 4.0 needs FN', () => {
    assert.deepEqual(converted('UID:urn:uuid:1\nFN:Riad\\, Inc.', '4.0', '3.0'), [
      'UID:urn:uuid:1',
      'FN:Riad\\, Inc.',
      'N:Riad\\, Inc.;;;;',
    ]);
    assert.deepEqual(converted('UID:urn:uuid:1\nN:Doe;Jane;Q.;Dr.;', '3.0', '4.0'), [
      'UID:urn:uuid:1',
      'N:Doe;Jane;Q.;Dr.;',
      'FN:Dr. Jane Q. Doe',
    ]);
  });
  test('the lowest PREF is the preferred one; telephones as URIs are numbers', () => {
    assert.deepEqual(
      converted(
        'FN:x\nN:x;;;;\nTEL;PREF=2;VALUE=uri;TYPE="voice,home":tel:+1-555\nTEL;PREF=1:2',
        '4.0',
        '3.0',
      ),
      ['FN:x', 'N:x;;;;', 'TEL;TYPE=voice,home:+1-555', 'TEL;TYPE=pref:2'],
    );
  });
  test('2.1 by way of 3.0', () => {
    assert.deepEqual(
      converted(
        'UID:1\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=BCller;J=C3=B6rg\nFN:Jörg, Müller\nTEL;HOME;PREF:1\nNOTE;ENCODING=QUOTED-PRINTABLE:a=0D=0Ab\nPHOTO;JPEG;BASE64:\n QUJD\n RA==',
        '2.1',
        '3.0',
      ),
      [
        'UID:1',
        'N:Müller;Jörg',
        'FN:Jörg\\, Müller',
        'TEL;TYPE=home,pref:1',
        'NOTE:a\\nb',
        'PHOTO;TYPE=jpeg;ENCODING=b:QUJDRA==',
      ],
    );
  });
  test('a card of the version that is asked for stays as it is', () => {
    const value = card(basic);
    assert.deepEqual(convertCard(readCard(value), '3.0'), value);
  });
  test('what comes out is a document', () => {
    for (const [from, to] of [
      ['3.0', '4.0'],
      ['4.0', '3.0'],
      ['2.1', '4.0'],
    ] as const) {
      const value = convertCard(
        readCard(card(`${basic}\nNOTE:${'ä'.repeat(100)}\nX-A;B="c;d":e`, from)),
        to,
      );
      assert.ok(parseDocument(value, { syntax: 'vcard' }).ok);
    }
  });
});
