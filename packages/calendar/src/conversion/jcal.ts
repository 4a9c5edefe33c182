/** iCalendar as jCal (RFC 7265) and back. The same set of properties comes back, not the same octets. */
import type { Result } from '@riad/octets/result';
import { type Problem, problem } from '../codes.ts';
import { type Component, makeComponent } from '../document/document.ts';
import { maxDepth } from '../document/tree-builder.ts';
import {
  type ContentLine,
  makeLine,
  makeParameter,
  type Parameter,
  tolerableName,
} from '../syntax/content-line.ts';
import { decodeText, encodeText, splitEscaped } from '../values/text.ts';
import {
  basicTime,
  extendedOffset,
  extendedTime,
  type Json,
  type JsonProperty,
  readJsonProperty,
  textOfJson,
} from './json-value.ts';

/** Value types that are not TEXT, by property (RFC 5545 §3.7, §3.8; RFC 7986 §5; RFC 7953 §3.2). */
const defaultTypes: Readonly<Record<string, string>> = {
  ATTACH: 'uri',
  ATTENDEE: 'cal-address',
  COMPLETED: 'date-time',
  CONFERENCE: 'uri',
  CREATED: 'date-time',
  DTEND: 'date-time',
  DTSTAMP: 'date-time',
  DTSTART: 'date-time',
  DUE: 'date-time',
  DURATION: 'duration',
  EXDATE: 'date-time',
  EXRULE: 'recur',
  FREEBUSY: 'period',
  GEO: 'float',
  IMAGE: 'uri',
  'LAST-MODIFIED': 'date-time',
  ORGANIZER: 'cal-address',
  'PERCENT-COMPLETE': 'integer',
  PRIORITY: 'integer',
  RDATE: 'date-time',
  'RECURRENCE-ID': 'date-time',
  'REFRESH-INTERVAL': 'duration',
  REPEAT: 'integer',
  RRULE: 'recur',
  SEQUENCE: 'integer',
  SOURCE: 'uri',
  TRIGGER: 'duration',
  TZOFFSETFROM: 'utc-offset',
  TZOFFSETTO: 'utc-offset',
  TZURL: 'uri',
  URL: 'uri',
};

/** TEXT properties of RFC 5545 and its extensions; what is in neither list is `unknown` (§5). */
const textProperties: ReadonlySet<string> = new Set([
  'ACTION',
  'BUSYTYPE',
  'CALSCALE',
  'CATEGORIES',
  'CLASS',
  'COLOR',
  'COMMENT',
  'CONTACT',
  'DESCRIPTION',
  'LOCATION',
  'METHOD',
  'NAME',
  'PRODID',
  'RELATED-TO',
  'REQUEST-STATUS',
  'RESOURCES',
  'STATUS',
  'SUMMARY',
  'TRANSP',
  'TZID',
  'TZNAME',
  'UID',
  'VERSION',
]);

/** Several values at commas. */
const lists: ReadonlySet<string> = new Set([
  'CATEGORIES',
  'RESOURCES',
  'EXDATE',
  'RDATE',
  'FREEBUSY',
]);
/** Fields at semicolons, which are one value of jCal (§3.4.1.3). */
const structured: ReadonlySet<string> = new Set(['GEO', 'REQUEST-STATUS']);

/** A VCALENDAR (or anything in it) as `[name, properties, components]`. */
export function toJcal(component: Component): Json {
  return [
    component.name.toLowerCase(),
    component.properties.map(propertyToJson),
    component.components.map(toJcal),
  ];
}

function propertyToJson(line: ContentLine): Json {
  const { name } = line;
  const parameters: Record<string, Json> = {};
  let explicit: string | undefined;
  for (const parameter of line.parameters) {
    // §3.5: VALUE is the third member instead.
    if (parameter.name === 'VALUE') explicit = parameter.values[0]?.toLowerCase();
    else parameters[parameter.name.toLowerCase()] = jsonOfParameter(parameter);
  }
  let type = explicit ?? defaultTypes[name] ?? (textProperties.has(name) ? 'text' : 'unknown');
  // A date where VALUE=DATE was forgotten.
  if (explicit === undefined && type === 'date-time' && /^\s*\d{8}\s*$/.test(line.value))
    type = 'date';
  if (explicit === undefined && name === 'TRIGGER' && /^\s*\d{8}T/i.test(line.value))
    type = 'date-time';
  return [name.toLowerCase(), parameters, type, ...valuesToJson(line, type)];
}

function jsonOfParameter({ values }: Parameter): Json {
  return values.length === 1 ? values[0]! : [...values];
}

function valuesToJson({ name, value }: ContentLine, type: string): Json[] {
  if (structured.has(name)) {
    const fields = splitEscaped(value, ';').map((field) =>
      scalar(field, name === 'GEO' ? 'float' : 'text'),
    );
    return [fields];
  }
  if (!lists.has(name)) return [scalar(value, type)];
  const parts = type === 'text' ? splitEscaped(value, ',') : value.split(',');
  return parts.map((part) => scalar(part, type));
}

function scalar(value: string, type: string): Json {
  switch (type) {
    case 'text':
      return decodeText(value);
    case 'integer':
    case 'float': {
      const number = Number(value.trim());
      return value.trim() !== '' && Number.isFinite(number) ? number : value;
    }
    case 'boolean':
      return value.trim().toUpperCase() === 'TRUE';
    case 'date':
    case 'date-time':
      return extendedTime(value);
    case 'utc-offset':
      return extendedOffset(value);
    case 'period': {
      const [start = '', end = ''] = value.split('/');
      return [extendedTime(start), end.includes('P') ? end : extendedTime(end)]; // §3.6.7
    }
    case 'recur':
      return recurToJson(value);
    default:
      return value;
  }
}

const numericParts: ReadonlySet<string> = new Set(['interval', 'count']);

/** §3.6.10. */
function recurToJson(value: string): Json {
  const recur: Record<string, Json> = {};
  for (const part of value.trim().split(';')) {
    const equals = part.indexOf('=');
    if (equals === -1) continue;
    const name = part.slice(0, equals).toLowerCase();
    const items = part
      .slice(equals + 1)
      .split(',')
      .map((item): Json => {
        if (name === 'until') return extendedTime(item);
        const numeric = numericParts.has(name) || (name.startsWith('by') && name !== 'byday');
        return numeric && /^[+-]?\d+$/.test(item) ? Number(item) : item;
      });
    recur[name] = items.length === 1 ? items[0]! : items;
  }
  return recur;
}

/** What is malformed is refused as a whole. */
export function fromJcal(json: Json): Result<Component, Problem> {
  const component = componentFromJson(json, 1);
  if (typeof component !== 'string') return { ok: true, value: component };
  return { ok: false, error: problem('json.shape', 0, 0, component) };
}

function componentFromJson(json: Json, depth: number): Component | string {
  if (depth > maxDepth) return `components deeper than ${maxDepth}`;
  if (!Array.isArray(json) || json.length !== 3) return 'a component is an array of three';
  const [name, properties, components] = json as readonly Json[];
  if (typeof name !== 'string' || !tolerableName.test(name)) return 'a component has a name';
  if (!Array.isArray(properties) || !Array.isArray(components)) return `${name} has two arrays`;
  const lines: ContentLine[] = [];
  for (const item of properties as readonly Json[]) {
    const property = readJsonProperty(item);
    if (property === undefined) return `a property of ${name} is [name, {}, type, value]`;
    lines.push(propertyFromJson(property));
  }
  const inner: Component[] = [];
  for (const item of components as readonly Json[]) {
    const made = componentFromJson(item, depth + 1);
    if (typeof made === 'string') return made;
    inner.push(made);
  }
  return makeComponent(name.toUpperCase(), lines, inner);
}

function propertyFromJson({ name, parameters, type, values }: JsonProperty): ContentLine {
  const upper = name.toUpperCase();
  const made: Parameter[] = [];
  for (const [key, value] of Object.entries(parameters)) {
    if (!tolerableName.test(key)) continue;
    const list = Array.isArray(value) ? (value as readonly Json[]) : [value];
    made.push(makeParameter(key.toUpperCase(), ...list.map(textOfJson)));
  }
  const usual = defaultTypes[upper] ?? (textProperties.has(upper) ? 'text' : 'unknown');
  if (type !== usual && type !== 'unknown') made.push(makeParameter('VALUE', type.toUpperCase()));
  const texts = values.map((value) => textOf(value, type, structured.has(upper)));
  return makeLine(upper, texts.join(','), made);
}

function textOf(value: Json, type: string, fields: boolean): string {
  if (fields && Array.isArray(value)) {
    return (value as readonly Json[]).map((field) => textOf(field, type, false)).join(';');
  }
  switch (type) {
    case 'text':
      return encodeText(textOfJson(value));
    case 'date':
    case 'date-time':
      return oneLine(basicTime(textOfJson(value)));
    case 'utc-offset':
      return oneLine(textOfJson(value).replaceAll(':', ''));
    case 'period': {
      const parts = Array.isArray(value)
        ? (value as readonly Json[])
        : textOfJson(value).split('/');
      return oneLine(parts.map((part) => basicTime(textOfJson(part))).join('/'));
    }
    case 'recur':
      return typeof value === 'object' && value !== null
        ? recurFromJson(value)
        : oneLine(textOfJson(value));
    case 'boolean':
      return value === true ? 'TRUE' : 'FALSE';
    default:
      return oneLine(textOfJson(value));
  }
}

function recurFromJson(value: object): string {
  // §3.6.10 sets no order; FREQ comes first, where old readers want it.
  const entries = Object.entries(value as Record<string, Json>);
  entries.sort(
    ([a], [b]) => Number(b.toLowerCase() === 'freq') - Number(a.toLowerCase() === 'freq'),
  );
  return entries
    .map(([name, part]) => {
      const items = Array.isArray(part) ? (part as readonly Json[]) : [part];
      const texts = items.map((item) =>
        name === 'until' ? basicTime(textOfJson(item)) : textOfJson(item),
      );
      return oneLine(`${name.toUpperCase()}=${texts.join(',')}`);
    })
    .join(';');
}

/** A line break in what is no text would begin another property. */
function oneLine(text: string): string {
  return text.replace(/[\r\n]+/g, ' ');
}
