/**
 * Events as a table and back. What a table cannot hold (alarms, single changed instances, unknown
 * properties) stays out; import also takes the columns of Google's and Outlook's exports.
 */
import type { Result } from '@riad/octets/result';
import { type Problem, problem } from '../codes.ts';
import { type Component, makeComponent, propertiesOf, propertyOf } from '../document/document.ts';
import { type CalendarObject, clockOf } from '../icalendar/calendar-object.ts';
import { timingOf } from '../icalendar/timing.ts';
import { type ContentLine, makeLine, makeParameter, parameterOf } from '../syntax/content-line.ts';
import type { Zone } from '../time-zone/zone.ts';
import { dayOf, monthLength, secondsPerDay } from '../values/civil.ts';
import { type CalendarTime, formatDate, formatLocal, formatUtc } from '../values/date-time.ts';
import { decodeText, decodeTextList, encodeText, encodeTextList } from '../values/text.ts';
import { formatCsv, parseCsv, type Row, unguard } from './csv.ts';

const header = [
  'UID',
  'Summary',
  'Start',
  'End',
  'All day',
  'Time zone',
  'Location',
  'Description',
  'Status',
  'Categories',
  'Recurrence',
  'Organizer',
  'Attendees',
  'URL',
  'Class',
  'Transparency',
] as const;

/** One row for each object: its master, or the first override if there is none. */
export function eventsToCsv(objects: readonly CalendarObject[], floating: Zone): string {
  const rows = objects
    .filter(({ kind }) => kind === 'VEVENT')
    .map((object) => eventRow(object, floating));
  return formatCsv([header, ...rows]);
}

function eventRow(object: CalendarObject, floating: Zone): string[] {
  const component = object.master ?? object.components[0]!;
  const text = (name: string): string => decodeText(propertyOf(component, name)?.value ?? '');
  const plain = (name: string): string => propertyOf(component, name)?.value.trim() ?? '';
  const clock = clockOf(object, floating);
  const timing = timingOf(component, clock);
  let start = '';
  let end = '';
  if (timing !== undefined) {
    const { kind, localSeconds } = timing.start;
    const last = localSeconds + timing.length.days * secondsPerDay + timing.length.seconds;
    start = timeCell(localSeconds, kind);
    // The last day, as people count; DTEND is the one after it.
    end = timeCell(kind === 'date' ? Math.max(localSeconds, last - secondsPerDay) : last, kind);
  }
  return [
    object.uid,
    text('SUMMARY'),
    start,
    end,
    timing?.start.kind === 'date' ? 'yes' : 'no',
    timing?.start.kind === 'utc' ? 'UTC' : (timing?.start.tzid ?? ''),
    text('LOCATION'),
    text('DESCRIPTION'),
    plain('STATUS'),
    propertiesOf(component, 'CATEGORIES')
      .flatMap(({ value }) => decodeTextList(value))
      .join(', '),
    propertiesOf(component, 'RRULE')
      .map(({ value }) => value.trim())
      .join(' '),
    propertiesOf(component, 'ORGANIZER').map(addressOf).join(', '),
    propertiesOf(component, 'ATTENDEE').map(addressOf).join(', '),
    plain('URL'),
    plain('CLASS'),
    plain('TRANSP'),
  ];
}

function addressOf(line: ContentLine): string {
  const address = line.value.trim().replace(/^mailto:/i, '');
  const name = parameterOf(line, 'CN');
  return name === undefined || name === address
    ? address
    : `${name.replace(/[<>,]/g, ' ')} <${address}>`;
}

/** `2026-12-01`, `2026-12-01 10:00:00` */
function timeCell(localSeconds: number, kind: CalendarTime['kind']): string {
  const text = kind === 'date' ? formatDate(localSeconds) : formatLocal(localSeconds);
  return text
    .replace(/^(\d{4})(\d\d)(\d\d)/, '$1-$2-$3')
    .replace(/T(\d\d)(\d\d)(\d\d)/, ' $1:$2:$3');
}

export type EventImport = {
  /** Seconds since 1970, for DTSTAMP. */
  readonly stampSeconds: number;
  /** For rows without a UID. */
  readonly makeUid: () => string;
  /** TZID for times that name no zone; undefined: floating. */
  readonly tzid?: string;
};

export type ImportedEvents = {
  /** One VEVENT for each row that could be read. */
  readonly components: readonly Component[];
  /** What could not, with its line. */
  readonly problems: readonly Problem[];
};

/** Titles of columns in lower case, and what they are called here. */
const columnNames: Readonly<Record<string, string>> = {
  uid: 'uid',
  summary: 'summary',
  subject: 'summary',
  title: 'summary',
  name: 'summary',
  start: 'start',
  'start date': 'start',
  'start time': 'start time',
  end: 'end',
  'end date': 'end',
  'end time': 'end time',
  'all day': 'all day',
  'all day event': 'all day',
  'time zone': 'time zone',
  location: 'location',
  description: 'description',
  status: 'status',
  categories: 'categories',
  recurrence: 'recurrence',
  organizer: 'organizer',
  attendees: 'attendees',
  url: 'url',
  class: 'class',
  private: 'private',
  transparency: 'transparency',
};

/** A file whose first line names no column that is known is refused whole. */
export function eventsFromCsv(text: string, options: EventImport): Result<ImportedEvents, Problem> {
  const parsed = parseCsv(text);
  if (!parsed.ok) return parsed;
  const [titles, ...rows] = parsed.value;
  const columns = titles?.cells.map((cell) => columnNames[cell.trim().toLowerCase()]) ?? [];
  if (!columns.includes('start') || !columns.includes('summary')) {
    return { ok: false, error: problem('csv.columns', 1, 0, 'Summary and Start are wanted') };
  }
  const components: Component[] = [];
  const problems: Problem[] = [];
  for (const row of rows) {
    const made = componentOf(row, columns, options);
    if ('code' in made) problems.push(made);
    else components.push(made);
  }
  return { ok: true, value: { components, problems } };
}

function componentOf(
  row: Row,
  columns: readonly (string | undefined)[],
  { stampSeconds, makeUid, tzid }: EventImport,
): Component | Problem {
  const cell = (name: string): string => {
    const index = columns.indexOf(name);
    return index === -1 ? '' : unguard(row.cells[index] ?? '').trim();
  };
  const allDay = /^(?:yes|true|1|x)$/i.test(cell('all day'));
  const start = readTime(`${cell('start')} ${cell('start time')}`);
  const end = readTime(`${cell('end') || (cell('end time') && cell('start'))} ${cell('end time')}`);
  if (start === undefined) return problem('csv.date', row.line, 0, cell('start'));
  if (end === undefined && cell('end') !== '') return problem('csv.date', row.line, 0, cell('end'));
  const date = allDay || start.date;
  const zone = cell('time zone') || tzid;
  const uid = cell('uid');
  const properties: ContentLine[] = [
    makeLine('UID', uid === '' ? makeUid() : uid.replace(/[\r\n]/g, '')),
    makeLine('DTSTAMP', formatUtc(stampSeconds)),
    timeLine('DTSTART', start.localSeconds, date, zone),
  ];
  if (end !== undefined) {
    const last = date ? floorToDay(end.localSeconds) + secondsPerDay : end.localSeconds;
    properties.push(timeLine('DTEND', last, date, zone));
  }
  const add = (name: string, value: string): void => {
    if (value !== '') properties.push(makeLine(name, value));
  };
  add('SUMMARY', encodeText(cell('summary')));
  add('LOCATION', encodeText(cell('location')));
  add('DESCRIPTION', encodeText(cell('description')));
  add('STATUS', token(cell('status')));
  const categories = cell('categories')
    .split(',')
    .map((item) => item.trim());
  add('CATEGORIES', encodeTextList(categories.filter((item) => item !== '')));
  for (const rule of cell('recurrence').split(/\s+/)) add('RRULE', token(rule));
  const [organizer] = addresses(cell('organizer'), 'ORGANIZER');
  if (organizer !== undefined)
    properties.push(organizer, ...addresses(cell('attendees'), 'ATTENDEE'));
  add('URL', cell('url').replace(/\s/g, ''));
  add('CLASS', token(cell('class')) || (/^(?:true|yes)$/i.test(cell('private')) ? 'PRIVATE' : ''));
  add('TRANSP', token(cell('transparency')));
  return makeComponent('VEVENT', properties);
}

function token(text: string): string {
  return text.toUpperCase().replace(/[^A-Z0-9=;,+:-]/g, '');
}

function timeLine(
  name: string,
  localSeconds: number,
  date: boolean,
  zone: string | undefined,
): ContentLine {
  if (date) return makeLine(name, formatDate(localSeconds), [makeParameter('VALUE', 'DATE')]);
  if (zone === 'UTC') return makeLine(name, formatUtc(localSeconds));
  const parameters = zone === undefined ? [] : [makeParameter('TZID', zone)];
  return makeLine(name, formatLocal(localSeconds), parameters);
}

function floorToDay(localSeconds: number): number {
  return Math.floor(localSeconds / secondsPerDay) * secondsPerDay;
}

/** `Ann <ann@example.org>, bob@example.org` */
function addresses(text: string, name: string): ContentLine[] {
  return text.split(/[,;]/).flatMap((item) => {
    const bracket = item.indexOf('<');
    const common = bracket === -1 ? '' : item.slice(0, bracket).trim();
    const address = item
      .slice(bracket + 1)
      .replace('>', '')
      .trim();
    if (!address.includes('@') || /[\s<>]/.test(address)) return [];
    const parameters = common === '' ? [] : [makeParameter('CN', common)];
    return [makeLine(name, `mailto:${address}`, parameters)];
  });
}

/** ISO 8601, `12/31/2026` of American exports and `31.12.2026`; times with or without AM and PM. */
function readTime(
  text: string,
): { readonly localSeconds: number; readonly date: boolean } | undefined {
  if (text.length > 60) return undefined; // no time is that long
  const match =
    /^\s*(?:(\d{4})-?(\d\d)-?(\d\d)|(\d{1,2})\/(\d{1,2})\/(\d{4})|(\d{1,2})\.(\d{1,2})\.(\d{4}))(?:[T\s]+(\d{1,2}):?(\d\d)(?::?(\d\d))?\s*([AP]M)?)?\s*Z?\s*$/i.exec(
      text,
    );
  if (match === null) return undefined;
  const year = Number(match[1] ?? match[6] ?? match[9]);
  const month = Number(match[2] ?? match[4] ?? match[8]);
  const day = Number(match[3] ?? match[5] ?? match[7]);
  if (month < 1 || month > 12 || day < 1 || day > monthLength(year, month)) return undefined;
  const midnight = dayOf(year, month, day) * secondsPerDay;
  if (match[10] === undefined) return { localSeconds: midnight, date: true };
  let hour = Number(match[10]);
  const half = match[13]?.toUpperCase();
  if (half === 'AM' && hour === 12) hour = 0;
  if (half === 'PM' && hour < 12) hour += 12;
  const minute = Number(match[11]);
  const second = Number(match[12] ?? 0);
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  return { localSeconds: midnight + hour * 3600 + minute * 60 + second, date: false };
}
