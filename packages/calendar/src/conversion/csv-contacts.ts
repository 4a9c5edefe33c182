/** Contacts as a table and back; import also takes the columns of Google's and Outlook's exports. */
import type { Result } from '@riad/octets/result';
import { type Problem, problem } from '../codes.ts';
import { type Component, makeComponent, propertiesOf, propertyOf } from '../document/document.ts';
import { type ContentLine, makeLine, makeParameter } from '../syntax/content-line.ts';
import {
  decodeStructure,
  decodeText,
  decodeTextList,
  encodeStructure,
  encodeText,
  encodeTextList,
} from '../values/text.ts';
import type { AddressObject } from '../vcard/card.ts';
import { typesOf } from '../vcard/card-text.ts';
import { convertComponent } from '../vcard/convert.ts';
import { formattedName } from '../vcard/to-version-4.ts';
import { formatCsv, parseCsv, type Row, unguard } from './csv.ts';

/** Telephones, addresses and mails in one row; further ones stay out. */
export const maxRepeatedColumns = 3;

const numbers = Array.from({ length: maxRepeatedColumns }, (_, i) => i + 1);
const header = [
  'UID',
  'Name',
  'Given name',
  'Additional names',
  'Family name',
  'Prefix',
  'Suffix',
  'Nickname',
  'Organization',
  'Department',
  'Title',
  'Role',
  'Birthday',
  'Categories',
  'URL',
  'Note',
  ...numbers.flatMap((n) => [`E-mail ${n}`, `E-mail ${n} type`]),
  ...numbers.flatMap((n) => [`Telephone ${n}`, `Telephone ${n} type`]),
  ...numbers.flatMap((n) => [
    `Address ${n} type`,
    `Address ${n} street`,
    `Address ${n} city`,
    `Address ${n} region`,
    `Address ${n} postal code`,
    `Address ${n} country`,
  ]),
];

export function contactsToCsv(objects: readonly AddressObject[]): string {
  return formatCsv([header, ...objects.map(contactRow)]);
}

function contactRow({ card, version, uid }: AddressObject): string[] {
  const third = convertComponent(card, version, '3.0');
  const text = (name: string): string => decodeText(propertyOf(third, name)?.value ?? '');
  const [family, given, additional, prefix, suffix] = structure(propertyOf(third, 'N'));
  const [organization, ...departments] = structure(propertyOf(third, 'ORG'));
  const repeated = (name: string, cells: (line: ContentLine | undefined) => string[]): string[] => {
    const lines = propertiesOf(third, name);
    return numbers.flatMap((n) => cells(lines[n - 1]));
  };
  const types = (line: ContentLine | undefined): string =>
    line === undefined
      ? ''
      : typesOf(line)
          .filter((type) => type !== 'internet')
          .join(' ');
  const value = (line: ContentLine | undefined): string => decodeText(line?.value ?? '');
  return [
    uid,
    text('FN'),
    given ?? '',
    additional ?? '',
    family ?? '',
    prefix ?? '',
    suffix ?? '',
    text('NICKNAME'),
    organization ?? '',
    departments.join('; '),
    text('TITLE'),
    text('ROLE'),
    propertyOf(third, 'BDAY')?.value.trim() ?? '',
    propertiesOf(third, 'CATEGORIES')
      .flatMap((line) => decodeTextList(line.value))
      .join(', '),
    propertyOf(third, 'URL')?.value.trim() ?? '',
    text('NOTE'),
    ...repeated('EMAIL', (line) => [value(line), types(line)]),
    ...repeated('TEL', (line) => [value(line), types(line)]),
    ...repeated('ADR', (line) => {
      const [box = '', extended = '', street = '', ...rest] = structure(line);
      const place = [box, extended, street].filter((part) => part !== '').join(', ');
      return [types(line), place, rest[0] ?? '', rest[1] ?? '', rest[2] ?? '', rest[3] ?? ''];
    }),
  ];
}

function structure(line: ContentLine | undefined): string[] {
  return line === undefined ? [] : decodeStructure(line.value).map((items) => items.join(' '));
}

export type ContactImport = {
  /** For rows without a UID. */
  readonly makeUid: () => string;
};

export type ImportedContacts = {
  /** vCards of version 3.0. */
  readonly cards: readonly Component[];
  readonly problems: readonly Problem[];
};

/** Other people's titles, in lower case. */
const synonyms: Readonly<Record<string, string>> = {
  'full name': 'name',
  'display name': 'name',
  'first name': 'given name',
  'middle name': 'additional names',
  'last name': 'family name',
  'name prefix': 'prefix',
  'name suffix': 'suffix',
  company: 'organization',
  'organization name': 'organization',
  'organization 1 - name': 'organization',
  'organization title': 'title',
  'job title': 'title',
  'organization department': 'department',
  notes: 'note',
  'web page': 'url',
  website: 'url',
  labels: 'categories',
  'e-mail address': 'e-mail 1',
  'e-mail 2 address': 'e-mail 2',
  'e-mail 3 address': 'e-mail 3',
  email: 'e-mail 1',
  'primary email': 'e-mail 1',
  'secondary email': 'e-mail 2',
  phone: 'telephone 1',
  'mobile phone': 'telephone 1',
  'business phone': 'telephone 2',
  'work phone': 'telephone 2',
  'home phone': 'telephone 3',
  'business street': 'address 1 street',
  'business city': 'address 1 city',
  'business state': 'address 1 region',
  'business postal code': 'address 1 postal code',
  'business country/region': 'address 1 country',
  'home street': 'address 2 street',
  'home city': 'address 2 city',
  'home state': 'address 2 region',
  'home postal code': 'address 2 postal code',
  'home country/region': 'address 2 country',
};

/** Google numbers its columns: `E-mail 1 - Value`, `Phone 2 - Label`, `Address 1 - City`. */
function columnName(title: string): string {
  const name = title.trim().toLowerCase();
  const synonym = synonyms[name];
  if (synonym !== undefined) return synonym;
  const match =
    /^(e-mail|phone|address) (\d) - (value|type|label|street|city|region|postal code|country)$/.exec(
      name,
    );
  if (match === null) return name;
  const [, what, number, part] = match;
  const kind = what === 'phone' ? 'telephone' : what!;
  if (part === 'value') return `${kind} ${number}`;
  return `${kind} ${number} ${part === 'label' ? 'type' : part}`;
}

/** A file whose first line names no column for a name or a mail is refused whole. */
export function contactsFromCsv(
  text: string,
  options: ContactImport,
): Result<ImportedContacts, Problem> {
  const parsed = parseCsv(text);
  if (!parsed.ok) return parsed;
  const [titles, ...rows] = parsed.value;
  const columns = titles?.cells.map(columnName) ?? [];
  const wanted = ['name', 'given name', 'family name', 'organization', 'e-mail 1'];
  if (!wanted.some((name) => columns.includes(name))) {
    return { ok: false, error: problem('csv.columns', 1, 0, 'Name or E-mail 1 is wanted') };
  }
  const cards: Component[] = [];
  const problems: Problem[] = [];
  for (const row of rows) {
    const card = cardOf(row, columns, options);
    if (card === undefined) problems.push(problem('card.name', row.line, 0));
    else cards.push(card);
  }
  return { ok: true, value: { cards, problems } };
}

function cardOf(
  row: Row,
  columns: readonly string[],
  { makeUid }: ContactImport,
): Component | undefined {
  const cell = (name: string): string => {
    const index = columns.indexOf(name);
    return index === -1 ? '' : unguard(row.cells[index] ?? '').trim();
  };
  const lines: ContentLine[] = [];
  const add = (name: string, value: string, types = ''): void => {
    if (value.replaceAll(';', '') === '') return;
    const words = types
      .toLowerCase()
      .split(/[^a-z0-9-]+/)
      .filter((word) => word !== '');
    lines.push(makeLine(name, value, words.length === 0 ? [] : [makeParameter('TYPE', ...words)]));
  };
  const fields = (...names: readonly string[]): string =>
    encodeStructure(names.map((name) => [cell(name)]));
  add('N', fields('family name', 'given name', 'additional names', 'prefix', 'suffix'));
  add('NICKNAME', encodeText(cell('nickname')));
  const departments = cell('department')
    .split(';')
    .map((part) => part.trim());
  add(
    'ORG',
    encodeStructure([
      [cell('organization')],
      ...departments.filter((part) => part !== '').map((part) => [part]),
    ]),
  );
  add('TITLE', encodeText(cell('title')));
  add('ROLE', encodeText(cell('role')));
  add('BDAY', birthday(cell('birthday')));
  const categories = cell('categories')
    .split(/,|:::/)
    .map((item) => item.trim());
  add(
    'CATEGORIES',
    encodeTextList(categories.filter((item) => item !== '' && !item.startsWith('* '))),
  );
  add('URL', cell('url').replace(/\s/g, ''));
  add('NOTE', encodeText(cell('note')));
  for (const n of numbers) {
    add('EMAIL', encodeText(cell(`e-mail ${n}`)), cell(`e-mail ${n} type`));
    add('TEL', encodeText(cell(`telephone ${n}`)), cell(`telephone ${n} type`));
    const address = ['street', 'city', 'region', 'postal code', 'country'].map((part) => [
      cell(`address ${n} ${part}`),
    ]);
    add('ADR', encodeStructure([[''], [''], ...address]), cell(`address ${n} type`));
  }
  const given = cell('name');
  const fullName = given === '' ? formattedName(makeComponent('VCARD', lines)) : encodeText(given);
  if (fullName === '') return undefined;
  const uid = cell('uid').replace(/[\r\n]/g, '');
  return makeComponent('VCARD', [
    makeLine('VERSION', '3.0'),
    makeLine('UID', uid === '' ? makeUid() : uid),
    makeLine('FN', fullName),
    // RFC 2426 §3.1.2: N is always there.
    ...(lines[0]?.name === 'N' ? [] : [makeLine('N', `${fullName};;;;`)]),
    ...lines,
  ]);
}

function birthday(text: string): string {
  const american = /^(\d{1,2})\/(\d{1,2})\/(\d{4})$/.exec(text);
  if (american === null) return text.replace(/[\r\n]/g, '');
  const [, month = '', day = '', year] = american;
  return `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
}
