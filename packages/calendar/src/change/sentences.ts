/** Differences in sentences, and in one line for a commit message. */
import { type Component, propertyOf } from '../document/document.ts';
import type { CalendarObject } from '../icalendar/calendar-object.ts';
import { timingOf } from '../icalendar/timing.ts';
import { timesOf } from '../recurrence/recurrence-set.ts';
import { type ContentLine, parameterOf } from '../syntax/content-line.ts';
import { makeZoneResolver } from '../time-zone/resolve.ts';
import { utc } from '../time-zone/zone.ts';
import { type CalendarTime, dateTimeOf } from '../values/date-time.ts';
import { decodeText } from '../values/text.ts';
import type { AddressObject } from '../vcard/card.ts';
import { searchedCardText } from '../vcard/card-text.ts';
import {
  type ChangeWeight,
  type ComponentChange,
  compareCalendarObjects,
  compareCards,
  type PropertyChange,
} from './difference.ts';
import { lengthText, moveText, timeText } from './time-text.ts';

/** Longer values are cut in sentences. */
export const maxQuotedCharacters = 60;
/** Longer summaries are cut: git shows no more of a line. */
export const maxSummaryCharacters = 120;

export type Sentence = { readonly weight: ChangeWeight; readonly text: string };

/** One sentence for each thing that differs: `moved from … to …`, `location changed from "A" to "B"`. */
export function describeChanges(changes: readonly ComponentChange[]): Sentence[] {
  return changes.flatMap((change) => {
    const { recurrenceId, component, type, alarms } = change;
    const prefix = recurrenceId === undefined ? '' : `${instanceText(recurrenceId)}: `;
    if (type !== 'changed') {
      const what = recurrenceId === undefined ? kindText(component) : 'this instance';
      const does = type === 'added' ? 'now differs' : 'no longer differs';
      const text =
        recurrenceId === undefined ? `${what} ${type}` : `${what} ${does} from the series`;
      return [{ weight: 'content' as const, text: `${prefix}${text}` }];
    }
    const sentences = describeProperties(change);
    if (alarms > 0) {
      const text = alarms === 1 ? 'an alarm changed' : `${alarms} alarms changed`;
      sentences.push({ weight: 'alarm', text });
    }
    return sentences.map(({ weight, text }) => ({ weight, text: `${prefix}${text}` }));
  });
}

function instanceText(recurrenceId: ContentLine): string {
  const [time] = timesOf(recurrenceId);
  const later = parameterOf(recurrenceId, 'RANGE')?.toUpperCase() === 'THISANDFUTURE';
  const text = time === undefined ? recurrenceId.value : timeText(time);
  return later ? `${text} and later` : text;
}

const kinds: Readonly<Record<string, string>> = {
  VEVENT: 'event',
  VTODO: 'task',
  VJOURNAL: 'journal entry',
  VFREEBUSY: 'busy times',
  VAVAILABILITY: 'availability',
  VCARD: 'contact',
};

function kindText({ name }: Component): string {
  return kinds[name] ?? name;
}

/** What people call a property; others keep their name. */
const labels: Readonly<Record<string, string>> = {
  SUMMARY: 'title',
  LOCATION: 'location',
  DESCRIPTION: 'description',
  STATUS: 'status',
  TRANSP: 'shown as',
  CLASS: 'visibility',
  CATEGORIES: 'categories',
  URL: 'link',
  PRIORITY: 'priority',
  'PERCENT-COMPLETE': 'progress',
  COMPLETED: 'completion',
  ORGANIZER: 'organizer',
  RRULE: 'repetition',
  RDATE: 'additional date',
  EXDATE: 'left-out date',
  ATTACH: 'attachment',
  FN: 'name',
  N: 'name parts',
  TEL: 'telephone',
  EMAIL: 'e-mail',
  ADR: 'address',
  BDAY: 'birthday',
  ORG: 'organisation',
  NOTE: 'note',
  PHOTO: 'photo',
};

/** Values nobody wants to read. */
const unread: ReadonlySet<string> = new Set(['PHOTO', 'LOGO', 'SOUND', 'KEY', 'ATTACH']);
const times: ReadonlySet<string> = new Set(['DTSTART', 'DTEND', 'DUE', 'DURATION']);

function describeProperties(change: ComponentChange): Sentence[] {
  const sentences: Sentence[] = [];
  const moved = timeSentences(change.before!, change.after!);
  let timesTold = false;
  for (const property of change.properties) {
    if (times.has(property.name) && moved !== undefined) {
      if (!timesTold)
        sentences.push(...moved.map((text) => ({ weight: 'content' as const, text })));
      timesTold = true;
    } else sentences.push({ weight: property.weight, text: propertyText(property) });
  }
  return sentences;
}

/** Undefined where start and length say nothing: then the properties speak for themselves. */
function timeSentences(before: Component, after: Component): string[] | undefined {
  const older = startAndLength(before);
  const newer = startAndLength(after);
  if (older === undefined || newer === undefined) return undefined;
  const sentences: string[] = [];
  const { start: from } = older;
  const { start: to } = newer;
  const same = from.localSeconds === to.localSeconds && from.kind === to.kind;
  if (!same || from.tzid !== to.tzid) {
    if (same) sentences.push(`time zone changed from ${from.tzid} to ${to.tzid}`);
    else sentences.push(`moved ${moveText(from, to)}`);
  }
  if (older.seconds !== newer.seconds) {
    sentences.push(
      `now lasts ${lengthText(newer.seconds)} instead of ${lengthText(older.seconds)}`,
    );
  }
  return sentences.length === 0 ? undefined : sentences;
}

/** In zones as far as their names go: a VTIMEZONE does not change what a sentence says. */
function startAndLength(
  component: Component,
): { readonly start: CalendarTime; readonly seconds: number } | undefined {
  const clock = { zones: makeZoneResolver(undefined, utc), floating: utc };
  const timing = timingOf(component, clock);
  if (timing === undefined) return undefined;
  const { start, length } = timing;
  return { start, seconds: length.days * 86_400 + length.seconds };
}

function propertyText({ name, before, after }: PropertyChange): string {
  if (name === 'ATTENDEE') return attendeeText(before, after);
  const label = labels[name] ?? name;
  if (unread.has(name)) {
    return `${label} ${before === undefined ? 'added' : after === undefined ? 'removed' : 'changed'}`;
  }
  if (before === undefined) return `${label} ${quoted(after!)} added`;
  if (after === undefined) return `${label} ${quoted(before)} removed`;
  const from = quoted(before);
  const to = quoted(after);
  return from === to
    ? `${label} changed in its parameters`
    : `${label} changed from ${from} to ${to}`;
}

function quoted(line: ContentLine): string {
  const time = timeLike.has(line.name) ? dateTimeOf(line) : undefined;
  if (time !== undefined) return timeText(time);
  const text = plain.has(line.name) ? line.value : decodeText(searchedCardText(line));
  const short = text.replace(/\s+/g, ' ').trim();
  const characters = Array.from(short);
  const cut = characters.length > maxQuotedCharacters;
  return `"${cut ? `${characters.slice(0, maxQuotedCharacters - 1).join('')}…` : short}"`;
}

const timeLike: ReadonlySet<string> = new Set([
  'DTSTART',
  'DTEND',
  'DUE',
  'COMPLETED',
  'RECURRENCE-ID',
  'EXDATE',
  'RDATE',
  'CREATED',
  'LAST-MODIFIED',
  'DTSTAMP',
]);
const plain: ReadonlySet<string> = new Set([
  'RRULE',
  'EXDATE',
  'RDATE',
  'URL',
  'ORGANIZER',
  'DURATION',
]);

const answers: Readonly<Record<string, string>> = {
  ACCEPTED: 'accepted',
  DECLINED: 'declined',
  TENTATIVE: 'answered "maybe"',
  DELEGATED: 'sent somebody else',
  'NEEDS-ACTION': 'has to answer again',
};

function attendeeText(before: ContentLine | undefined, after: ContentLine | undefined): string {
  const line = (after ?? before)!;
  const who = parameterOf(line, 'CN') ?? line.value.replace(/^mailto:/i, '');
  if (before === undefined) return `${who} invited`;
  if (after === undefined) return `${who} no longer invited`;
  const answer = parameterOf(after, 'PARTSTAT')?.toUpperCase() ?? 'NEEDS-ACTION';
  if (answer === (parameterOf(before, 'PARTSTAT')?.toUpperCase() ?? 'NEEDS-ACTION')) {
    return `details of ${who} changed`;
  }
  return `${who} ${answers[answer] ?? answer}`;
}

/** `"Lunch" moved from Tue 1 Dec 2026 10:00 to Wed 2 Dec 2026 09:00`; at most one line. */
export function summariseCalendarChange(
  before: CalendarObject | undefined,
  after: CalendarObject | undefined,
): string {
  const shown = after ?? before;
  if (shown === undefined) return 'nothing changed';
  const component = shown.master ?? shown.components[0];
  const title = component === undefined ? shown.uid : titleOf(component, shown.uid);
  if (before === undefined || after === undefined) {
    const what = component === undefined ? 'object' : kindText(component);
    const start = component === undefined ? undefined : startAndLength(component)?.start;
    const when = start === undefined ? '' : `, ${timeText(start)}`;
    return oneLine(`${title} ${before === undefined ? 'added' : 'removed'} (${what}${when})`);
  }
  return summarise(title, describeChanges(compareCalendarObjects(before, after)));
}

export function summariseCardChange(
  before: AddressObject | undefined,
  after: AddressObject | undefined,
): string {
  const shown = after ?? before;
  if (shown === undefined) return 'nothing changed';
  const title = titleOf(shown.card, shown.uid);
  if (before === undefined) return oneLine(`${title} added (contact)`);
  if (after === undefined) return oneLine(`${title} removed (contact)`);
  const change = compareCards(before.card, after.card);
  return summarise(title, change === undefined ? [] : describeChanges([change]));
}

const weights: readonly ChangeWeight[] = ['content', 'participation', 'alarm', 'bookkeeping'];

/** The weightiest first; what is only bookkeeping is told if there is nothing else. */
function summarise(title: string, sentences: readonly Sentence[]): string {
  for (const wanted of weights) {
    const found = sentences.filter(({ weight }) => weight === wanted);
    const [first] = found;
    if (first === undefined) continue;
    const rest = sentences.filter(({ weight }) => weight !== 'bookkeeping').length - 1;
    const more = rest > 0 ? `; ${rest} more ${rest === 1 ? 'change' : 'changes'}` : '';
    if (wanted === 'bookkeeping') return oneLine(`${title} saved again`);
    return oneLine(`${title}: ${first.text}${more}`);
  }
  return oneLine(`${title} saved again`);
}

function titleOf(component: Component, uid: string): string {
  const line = propertyOf(component, component.name === 'VCARD' ? 'FN' : 'SUMMARY');
  const text =
    line === undefined ? '' : decodeText(searchedCardText(line)).replace(/\s+/g, ' ').trim();
  if (text === '') return uid;
  if (text.length <= maxQuotedCharacters) return `"${text}"`; // so many letters at most
  const characters = Array.from(text);
  const cut = characters.length > maxQuotedCharacters;
  return `"${cut ? `${characters.slice(0, maxQuotedCharacters - 1).join('')}…` : text}"`;
}

function oneLine(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  if (line.length <= maxSummaryCharacters) return line;
  const characters = Array.from(line);
  return characters.length > maxSummaryCharacters
    ? `${characters.slice(0, maxSummaryCharacters - 1).join('')}…`
    : characters.join('');
}
