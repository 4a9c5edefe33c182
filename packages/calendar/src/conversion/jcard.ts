/** vCard as jCard (RFC 7095) and back. jCard is always version 4.0, so other versions are converted first. */
import type { Result } from '@riad/octets/result';
import { type Problem, problem } from '../codes.ts';
import { type Component, makeComponent } from '../document/document.ts';
import {
  type ContentLine,
  makeLine,
  makeParameter,
  type Parameter,
  tolerableName,
} from '../syntax/content-line.ts';
import { decodeText, encodeText, splitEscaped } from '../values/text.ts';
import type { AddressObject } from '../vcard/card.ts';
import { convertComponent } from '../vcard/convert.ts';
import { type Json, type JsonProperty, readJsonProperty, textOfJson } from './json-value.ts';

/** RFC 6350 §6: those whose value is no text. */
const defaultTypes: Readonly<Record<string, string>> = {
  SOURCE: 'uri',
  PHOTO: 'uri',
  BDAY: 'date-and-or-time',
  ANNIVERSARY: 'date-and-or-time',
  IMPP: 'uri',
  LANG: 'language-tag',
  GEO: 'uri',
  LOGO: 'uri',
  MEMBER: 'uri',
  RELATED: 'uri',
  REV: 'timestamp',
  SOUND: 'uri',
  UID: 'uri',
  URL: 'uri',
  KEY: 'uri',
  FBURL: 'uri',
  CALADRURI: 'uri',
  CALURI: 'uri',
};

const textProperties: ReadonlySet<string> = new Set([
  'KIND',
  'FN',
  'N',
  'NICKNAME',
  'GENDER',
  'ADR',
  'TEL',
  'EMAIL',
  'TZ',
  'TITLE',
  'ROLE',
  'ORG',
  'CATEGORIES',
  'NOTE',
  'PRODID',
  'CLIENTPIDMAP',
  'VERSION',
  'XML',
]);

/** Fields at semicolons (RFC 7095 §3.3.1.3). */
const structured: ReadonlySet<string> = new Set(['N', 'ADR', 'ORG', 'GENDER', 'CLIENTPIDMAP']);
const lists: ReadonlySet<string> = new Set(['NICKNAME', 'CATEGORIES']);

/** `["vcard", [properties]]` (§3.2). */
export function toJcard({ card, version }: AddressObject): Json {
  const fourth = convertComponent(card, version, '4.0');
  return ['vcard', fourth.properties.map(propertyToJson)];
}

function propertyToJson(line: ContentLine): Json {
  const { name, group } = line;
  const parameters: Record<string, Json> = {};
  let explicit: string | undefined;
  for (const { name: key, values } of line.parameters) {
    if (key === 'VALUE') explicit = values[0]?.toLowerCase();
    else parameters[key.toLowerCase()] = values.length === 1 ? values[0]! : [...values];
  }
  if (group !== undefined) parameters['group'] = group; // §3.3.1.2
  const type = explicit ?? defaultTypes[name] ?? (textProperties.has(name) ? 'text' : 'unknown');
  return [name.toLowerCase(), parameters, type, ...valuesToJson(line, type)];
}

function valuesToJson({ name, value }: ContentLine, type: string): Json[] {
  if (structured.has(name)) {
    const fields = splitEscaped(value, ';').map((field): Json => {
      const items = splitEscaped(field, ',').map(decodeText);
      return items.length === 1 ? items[0]! : items;
    });
    return [fields.length === 1 ? fields[0]! : fields];
  }
  if (lists.has(name)) return splitEscaped(value, ',').map(decodeText);
  switch (type) {
    case 'text':
      return [decodeText(value)];
    case 'integer':
    case 'float':
      return [Number.isFinite(Number(value)) ? Number(value) : value];
    case 'boolean':
      return [value.trim().toUpperCase() === 'TRUE'];
    case 'date':
    case 'date-time':
    case 'date-and-or-time':
    case 'timestamp':
      return [extendedDate(value)];
    case 'time':
      return [extendedClock(value)];
    case 'utc-offset':
      return [value.replace(/^([+-]\d\d)(\d\d)$/, '$1:$2')];
    default:
      return [value];
  }
}

/** §3.5.3 to §3.5.5: `--0412` is `--04-12`, `19850412T102200` is `1985-04-12T10:22:00`. */
function extendedDate(value: string): string {
  const [date = '', time] = value.trim().split(/T/i);
  const written = date
    .replace(/^(\d{4})(\d\d)(\d\d)$/, '$1-$2-$3')
    .replace(/^--(\d\d)(\d\d)$/, '--$1-$2');
  return time === undefined ? written : `${written}T${extendedClock(time)}`;
}

function extendedClock(time: string): string {
  return time
    .replace(/^(\d\d)(\d\d)(\d\d)/, '$1:$2:$3')
    .replace(/^(\d\d)(\d\d)(?=$|[Z+-])/i, '$1:$2')
    .replace(/([+-]\d\d)(\d\d)$/, '$1:$2');
}

function basicDate(value: string): string {
  return value
    .replace(/^(\d{4})-(\d\d)-(\d\d)/, '$1$2$3')
    .replace(/^--(\d\d)-(\d\d)/, '--$1$2')
    .replace(/(T.*)$/i, (time) => time.replaceAll(':', ''));
}

/** A card of version 4.0, or what is wrong with the JSON. */
export function fromJcard(json: Json): Result<Component, Problem> {
  const refuse = (detail: string): Result<Component, Problem> => ({
    ok: false,
    error: problem('json.shape', 0, 0, detail),
  });
  if (!Array.isArray(json) || json.length !== 2 || json[0] !== 'vcard') {
    return refuse('a jCard is ["vcard", [properties]]');
  }
  const properties = json[1] as Json;
  if (!Array.isArray(properties)) return refuse('a jCard is ["vcard", [properties]]');
  const lines: ContentLine[] = [];
  for (const item of properties as readonly Json[]) {
    const property = readJsonProperty(item);
    if (property === undefined) return refuse('a property is [name, {}, type, value]');
    lines.push(propertyFromJson(property));
  }
  return { ok: true, value: makeComponent('VCARD', lines) };
}

function propertyFromJson({ name, parameters, type, values }: JsonProperty): ContentLine {
  const upper = name.toUpperCase();
  let group: string | undefined;
  const made: Parameter[] = [];
  for (const [key, value] of Object.entries(parameters)) {
    if (!tolerableName.test(key)) continue;
    const list = (Array.isArray(value) ? (value as readonly Json[]) : [value]).map(textOfJson);
    if (key.toLowerCase() === 'group') {
      if (/^[A-Za-z0-9-]+$/.test(list[0] ?? '')) group = list[0];
    } else made.push(makeParameter(key.toUpperCase(), ...list));
  }
  const usual = defaultTypes[upper] ?? (textProperties.has(upper) ? 'text' : 'unknown');
  if (type !== usual && type !== 'unknown') made.push(makeParameter('VALUE', type));
  return makeLine(upper, valueFromJson(upper, type, values), made, group);
}

function valueFromJson(name: string, type: string, values: readonly Json[]): string {
  const [first] = values;
  if (structured.has(name)) {
    const fields = Array.isArray(first) ? (first as readonly Json[]) : [first ?? ''];
    return fields
      .map((field) =>
        (Array.isArray(field) ? (field as readonly Json[]) : [field])
          .map((item) => encodeText(textOfJson(item)))
          .join(','),
      )
      .join(';');
  }
  return values
    .map((value) => {
      if (type === 'text') return encodeText(textOfJson(value));
      if (type === 'boolean') return value === true ? 'TRUE' : 'FALSE';
      const text = textOfJson(value).replace(/[\r\n]+/g, ' ');
      if (/^(?:date|time)/.test(type))
        return type === 'time' ? text.replaceAll(':', '') : basicDate(text);
      return type === 'utc-offset' ? text.replaceAll(':', '') : text;
    })
    .join(',');
}
