/** vCard 4.0 (RFC 6350) as 3.0 (RFC 2426), the way clients that know only 3.0 expect it. */
import { type Component, makeComponent, propertyOf } from '../document/document.ts';
import {
  type ContentLine,
  lineLike,
  makeLine,
  makeParameter,
  type Parameter,
  parameterOf,
} from '../syntax/content-line.ts';
import { decodeText, encodeText } from '../values/text.ts';
import { typesOf } from './card-text.ts';
import { formattedName, goneFrom4, renamedIn4 } from './to-version-4.ts';

const namesIn3: ReadonlyMap<string, string> = new Map([
  ...Object.entries(renamedIn4).map(([in3, in4]): [string, string] => [in4, in3]),
  ...goneFrom4.map((name): [string, string] => [`X-${name}`, name]),
]);

const media: ReadonlySet<string> = new Set(['PHOTO', 'LOGO', 'SOUND', 'KEY']);
const dates: ReadonlySet<string> = new Set(['BDAY', 'ANNIVERSARY']);
/** Parameters that 3.0 has no word for. */
const dropped: ReadonlySet<string> = new Set([
  'ALTID',
  'CALSCALE',
  'INDEX',
  'LABEL',
  'LEVEL',
  'MEDIATYPE',
  'PID',
  'PREF',
  'SORT-AS',
  'TYPE',
  'VALUE',
]);

export function toVersion3(card: Component): Component {
  const properties: ContentLine[] = [makeLine('VERSION', '3.0')];
  const preferred = preferredLines(card);
  for (const line of card.properties) {
    if (line.name === 'VERSION') continue;
    properties.push(convert(line, preferred.has(line)));
    const label = line.name === 'ADR' ? parameterOf(line, 'LABEL') : undefined;
    if (label !== undefined) {
      const types = typesOf(line);
      const parameters = types.length === 0 ? [] : [makeParameter('TYPE', ...types)];
      properties.push(lineLike(line, 'LABEL', encodeText(label), parameters));
    }
    const sort = line.name === 'N' ? parameterOf(line, 'SORT-AS') : undefined;
    if (sort !== undefined) properties.push(makeLine('SORT-STRING', encodeText(sort)));
  }
  if (propertyOf(card, 'FN') === undefined) properties.push(makeLine('FN', formattedName(card)));
  // RFC 2426 §3.1.2 wants N; that of an organisation is its name as the family's.
  if (propertyOf(card, 'N') === undefined) {
    const fullName = decodeText(propertyOf(card, 'FN')?.value ?? '');
    properties.push(makeLine('N', `${encodeText(fullName)};;;;`));
  }
  return makeComponent('VCARD', properties, card.components);
}

/** RFC 6350 §5.3: the lowest PREF of each property; 3.0 can only say "preferred". */
function preferredLines(card: Component): ReadonlySet<ContentLine> {
  const best = new Map<string, { line: ContentLine; preference: number }>();
  for (const line of card.properties) {
    const preference = Number(parameterOf(line, 'PREF') ?? 0);
    if (!(preference >= 1)) continue;
    const known = best.get(line.name);
    if (known === undefined || preference < known.preference) {
      best.set(line.name, { line, preference });
    }
  }
  return new Set([...best.values()].map(({ line }) => line));
}

function convert(line: ContentLine, preferred: boolean): ContentLine {
  const name = namesIn3.get(line.name) ?? line.name;
  const { value } = line;
  const parameters: Parameter[] = line.parameters.filter(
    (parameter) => !dropped.has(parameter.name),
  );
  const types = typesOf(line);
  if (preferred) types.push('pref');
  const typed = (...more: string[]): Parameter[] => {
    const all = [...types, ...more];
    return all.length === 0 ? parameters : [...parameters, makeParameter('TYPE', ...all)];
  };
  if (media.has(name)) {
    const data = /^data:([^;,]*)(?:;[^;,]*)*;base64,(.*)$/is.exec(value);
    if (data === null) {
      const mediaType = parameterOf(line, 'MEDIATYPE');
      const more = mediaType === undefined ? [] : [formatOf(mediaType)];
      const text = parameterOf(line, 'VALUE')?.toLowerCase() === 'text';
      const kind = text ? [] : [makeParameter('VALUE', 'uri')]; // RFC 2426 §3.1.4: binary else
      return lineLike(line, name, value, [...typed(...more), ...kind]);
    }
    const format = data[1] === '' ? [] : [formatOf(data[1]!)];
    return lineLike(line, name, data[2]!, [makeParameter('ENCODING', 'b'), ...typed(...format)]);
  }
  if (dates.has(line.name)) return dateLine(name, line, parameters);
  switch (line.name) {
    case 'TEL':
      // RFC 6350 §6.4.1: a URI is allowed; 3.0 has numbers.
      return lineLike(line, name, telephone(value), typed());
    case 'GEO': {
      const match = /^geo:(-?[\d.]+),(-?[\d.]+)/i.exec(value);
      return lineLike(line, name, match === null ? value : `${match[1]};${match[2]}`, parameters);
    }
    case 'TZ':
      return lineLike(line, name, value.replace(/^([+-]\d\d):?(\d\d)$/, '$1:$2'), parameters);
    case 'REV':
      return lineLike(line, name, extendedTime(value), parameters);
    case 'EMAIL':
      return lineLike(line, name, value, typed('internet'));
    case 'KIND':
      return lineLike(line, name, value.trim().toLowerCase(), parameters);
    default:
      return lineLike(line, name, value, typed());
  }
}

/** `image/jpeg` as `JPEG`. */
function formatOf(mediaType: string): string {
  if (mediaType.toLowerCase() === 'application/pgp-keys') return 'PGP';
  if (mediaType.toLowerCase() === 'application/pkix-cert') return 'X509';
  return mediaType.slice(mediaType.indexOf('/') + 1).toUpperCase();
}

function telephone(value: string): string {
  const match = /^tel:([^;]*)(?:;ext=(\d+))?/i.exec(value);
  if (match === null) return value;
  return match[2] === undefined ? match[1]! : `${match[1]} ext. ${match[2]}`;
}

/** `--0412` has no year; Apple's clients write 1604, and say so. */
function dateLine(name: string, line: ContentLine, parameters: readonly Parameter[]): ContentLine {
  const text = line.value.trim();
  if (parameterOf(line, 'VALUE')?.toLowerCase() === 'text') {
    return lineLike(line, name, text, [...parameters, makeParameter('VALUE', 'text')]);
  }
  const yearless = /^--(\d\d)-?(\d\d)/.exec(text);
  if (yearless !== null) {
    const omit = makeParameter('X-APPLE-OMIT-YEAR', '1604');
    const value = `1604-${yearless[1]}-${yearless[2]}`;
    return lineLike(line, name, value, [...parameters, omit]);
  }
  return lineLike(line, name, extendedTime(text), parameters);
}

/** `19850412T232000Z` as `1985-04-12T23:20:00Z`. */
function extendedTime(value: string): string {
  return value
    .trim()
    .replace(/^(\d{4})(\d\d)(\d\d)/, '$1-$2-$3')
    .replace(/T(\d\d)(\d\d)(\d\d)/i, 'T$1:$2:$3');
}
