/** vCard 3.0 (RFC 2426) as 4.0 (RFC 6350 appendix A), with what Apple put into 3.0. */
import { type Component, makeComponent, propertyOf } from '../document/document.ts';
import {
  type ContentLine,
  lineLike,
  makeLine,
  makeParameter,
  type Parameter,
  parameterOf,
} from '../syntax/content-line.ts';
import { decodeStructure, decodeText, encodeText } from '../values/text.ts';
import { encodingOf, plainValue, typesOf } from './card-text.ts';

/** Properties that 4.0 has under another name than 3.0, or that 3.0 has only as an extension. */
export const renamedIn4: Readonly<Record<string, string>> = {
  'X-ANNIVERSARY': 'ANNIVERSARY',
  'X-GENDER': 'GENDER',
  'X-ADDRESSBOOKSERVER-KIND': 'KIND',
  'X-ADDRESSBOOKSERVER-MEMBER': 'MEMBER',
  'X-LANG': 'LANG',
  'X-RELATED': 'RELATED',
  'X-CALADRURI': 'CALADRURI',
  'X-CALURI': 'CALURI',
  'X-FBURL': 'FBURL',
  'X-CLIENTPIDMAP': 'CLIENTPIDMAP',
  'X-XML': 'XML',
};

/** Gone from 4.0 (appendix A.2); kept as an extension, so that 3.0 can have them back. */
export const goneFrom4: readonly string[] = ['CLASS', 'MAILER', 'NAME', 'PROFILE', 'AGENT'];

const media: ReadonlySet<string> = new Set(['PHOTO', 'LOGO', 'SOUND', 'KEY']);
const dates: ReadonlySet<string> = new Set(['BDAY', 'ANNIVERSARY']);
/** Types that said only how a telephone or mail works, and that 4.0 has not. */
const droppedTypes: ReadonlySet<string> = new Set([
  'internet',
  'x400',
  'pref',
  'postal',
  'parcel',
  'dom',
  'intl',
]);

export function toVersion4(card: Component): Component {
  const properties: ContentLine[] = [makeLine('VERSION', '4.0')];
  const labels: ContentLine[] = [];
  for (const line of card.properties) {
    switch (line.name) {
      case 'VERSION':
      case 'SORT-STRING':
        break;
      case 'LABEL':
        labels.push(line);
        break;
      default:
        properties.push(convert(line, card));
    }
  }
  // Appendix A.2: LABEL is a parameter of the address it belongs to.
  for (const label of labels) addLabel(label, properties);
  if (propertyOf(card, 'FN') === undefined) properties.push(makeLine('FN', formattedName(card)));
  return makeComponent('VCARD', properties, card.components);
}

function convert(line: ContentLine, card: Component): ContentLine {
  const name = goneFrom4.includes(line.name)
    ? `X-${line.name}`
    : (renamedIn4[line.name] ?? line.name);
  const value = plainValue(line);
  const parameters: Parameter[] = line.parameters.filter(
    (parameter) => !['TYPE', 'ENCODING', 'CHARSET', 'X-APPLE-OMIT-YEAR'].includes(parameter.name),
  );
  const types = typesOf(line);
  if (media.has(name)) return mediaLine(line, name, value, parameters, types);
  if (types.includes('pref')) parameters.push(makeParameter('PREF', '1')); // RFC 6350 §5.3
  const kept = types.filter((type) => !droppedTypes.has(type));
  if (kept.length > 0) parameters.push(makeParameter('TYPE', ...kept));
  if (dates.has(name)) return lineLike(line, name, dateTo4(line, value), withoutValue(parameters));
  switch (name) {
    case 'KIND':
      return lineLike(line, name, value.trim().toLowerCase(), parameters);
    case 'GEO': {
      const match = /^\s*(-?[\d.]+)[;,](-?[\d.]+)\s*$/.exec(value);
      const uri = match === null ? value : `geo:${match[1]},${match[2]}`;
      return lineLike(line, name, uri, parameters);
    }
    case 'REV':
      return lineLike(line, name, value.replace(/[-:](?=\d)/g, ''), withoutValue(parameters));
    case 'TZ':
      if (/^[+-]\d\d:?\d\d$/.test(value)) {
        const offset = makeParameter('VALUE', 'utc-offset');
        return lineLike(line, name, value.replace(':', ''), [...withoutValue(parameters), offset]);
      }
      return lineLike(line, name, value, parameters);
    case 'UID':
      // RFC 6350 §6.7.6: a URI unless it says otherwise.
      if (!/^[a-z][a-z0-9+.-]*:/i.test(value)) {
        return lineLike(line, name, value, [
          ...withoutValue(parameters),
          makeParameter('VALUE', 'text'),
        ]);
      }
      return lineLike(line, name, value, withoutValue(parameters));
    case 'N': {
      const sort = propertyOf(card, 'SORT-STRING');
      if (sort !== undefined)
        parameters.push(makeParameter('SORT-AS', decodeText(plainValue(sort))));
      return lineLike(line, name, value, parameters);
    }
    default:
      return lineLike(line, name, value, parameters);
  }
}

function withoutValue(parameters: readonly Parameter[]): Parameter[] {
  return parameters.filter(({ name }) => name !== 'VALUE');
}

/** RFC 6350 §6.2.4: 4.0 has URIs alone; what was in base64 becomes a data: URI. */
function mediaLine(
  line: ContentLine,
  name: string,
  value: string,
  parameters: readonly Parameter[],
  types: readonly string[],
): ContentLine {
  const kept = withoutValue(parameters);
  const format = types.find((type) => type !== 'pref' && type !== 'home' && type !== 'work');
  if (types.includes('pref')) kept.push(makeParameter('PREF', '1'));
  const type = mediaType(name, format);
  if (encodingOf(line) === 'B') {
    const data = value.replace(/\s/g, '');
    return lineLike(line, name, `data:${type ?? 'application/octet-stream'};base64,${data}`, kept);
  }
  if (format !== undefined && type !== undefined) kept.push(makeParameter('MEDIATYPE', type));
  const text = parameterOf(line, 'VALUE')?.toLowerCase() === 'text';
  if (text || (name === 'KEY' && !/^[a-z][a-z0-9+.-]*:/i.test(value))) {
    kept.push(makeParameter('VALUE', 'text'));
  }
  return lineLike(line, name, value, kept);
}

function mediaType(name: string, format: string | undefined): string | undefined {
  if (format?.includes('/')) return format;
  if (name === 'KEY') {
    if (format === 'pgp') return 'application/pgp-keys';
    return format === 'x509' ? 'application/pkix-cert' : undefined;
  }
  const kind = name === 'SOUND' ? 'audio' : 'image';
  if (format === undefined) return name === 'SOUND' ? undefined : 'image/jpeg';
  return `${kind}/${format === 'jpg' ? 'jpeg' : format}`;
}

/** `1985-04-12` as `19850412`; Apple's year for "no year" as `--0412`. */
function dateTo4(line: ContentLine, value: string): string {
  const match = /^(\d{4})-?(\d\d)-?(\d\d)(.*)$/.exec(value.trim());
  if (match === null) return value.trim();
  const [, year, month, day, rest = ''] = match;
  const time = rest.replace(/:(?=\d)/g, '');
  const omitted = parameterOf(line, 'X-APPLE-OMIT-YEAR') ?? (year === '1604' ? year : undefined);
  return omitted === year ? `--${month}${day}${time}` : `${year}${month}${day}${time}`;
}

function addLabel(label: ContentLine, properties: ContentLine[]): void {
  const wanted = typesOf(label).filter((type) => !droppedTypes.has(type));
  const text = decodeText(plainValue(label));
  const fits = (line: ContentLine): boolean =>
    line.name === 'ADR' &&
    parameterOf(line, 'LABEL') === undefined &&
    wanted.every((type) => typesOf(line).includes(type));
  const index = properties.findIndex(fits);
  const line = properties[index];
  if (line === undefined) {
    const types = wanted.length === 0 ? [] : [makeParameter('TYPE', ...wanted)];
    const parameters = [...types, makeParameter('LABEL', text)];
    properties.push(makeLine('ADR', ';;;;;;', parameters, label.group));
    return;
  }
  const parameters = [...line.parameters, makeParameter('LABEL', text)];
  properties[index] = lineLike(line, 'ADR', line.value, parameters);
}

/** RFC 6350 §6.2.1 wants FN: from N, else from what else there is to call somebody by. */
export function formattedName(card: Component): string {
  const name = propertyOf(card, 'N');
  if (name !== undefined) {
    const [family = [], given = [], additional = [], prefixes = [], suffixes = []] =
      decodeStructure(plainValue(name));
    const words = [...prefixes, ...given, ...additional, ...family, ...suffixes];
    const joined = words.filter((word) => word.trim() !== '').join(' ');
    if (joined !== '') return encodeText(joined);
  }
  for (const other of ['ORG', 'NICKNAME', 'EMAIL', 'TEL']) {
    const line = propertyOf(card, other);
    const text = line === undefined ? '' : decodeText(plainValue(line)).replace(/;+/g, ' ').trim();
    if (text !== '') return encodeText(text);
  }
  return '';
}
