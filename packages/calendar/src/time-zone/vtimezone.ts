/**
 * Evaluates a VTIMEZONE (RFC 5545 §3.6.5): observances with RRULE, RDATE or neither become one table of
 * offsets. Its rules run in the local time that held before each change.
 */
import type { Result } from '@riad/octets/result';
import { type Problem, problem } from '../codes.ts';
import { type Component, propertiesOf, propertyOf } from '../document/document.ts';
import { makeBudget } from '../recurrence/budget.ts';
import { parseRule, type RecurrenceRule } from '../recurrence/rule.ts';
import { openRule } from '../recurrence/rule-cursor.ts';
import { type CalendarTime, parseDateTime } from '../values/date-time.ts';
import { parsePeriod } from '../values/period.ts';
import { parseUtcOffset } from '../values/utc-offset.ts';
import { firstHorizon, fixedZone, type Transitions, tableZone, type Zone } from './zone.ts';

/** Two changes a year for 500 years, and as many again; the longest of tzdata has about 250. */
export const maxTransitions = 2000;
/** All rules of a zone together: each changes once a year, which takes about three. */
export const maxZoneSteps = 20_000;
/** The longest history in tzdata, once more. */
export const maxObservances = 500;

type Observance = {
  /** First onset, on the clock that held before. */
  readonly start: number;
  readonly from: number;
  readonly to: number;
  readonly rules: readonly RecurrenceRule[];
  readonly dates: readonly CalendarTime[];
};

/** A zone, or why the component is none. `id` is its TZID. */
export function evaluateTimeZone(component: Component): Result<Zone, Problem> {
  const id = propertyOf(component, 'TZID')?.value.trim();
  const line = component.begin?.line ?? 0;
  const refuse = (detail: string): Result<Zone, Problem> => ({
    ok: false,
    error: problem('value.zone', line, 1, detail),
  });
  if (id === undefined || id === '') return refuse('TZID is missing');
  const observances: Observance[] = [];
  for (const inner of component.components) {
    if (inner.name !== 'STANDARD' && inner.name !== 'DAYLIGHT') continue;
    const observance = readObservance(inner);
    if (typeof observance === 'string') return refuse(`${inner.name} ${observance}`);
    observances.push(observance);
    if (observances.length > maxObservances) return refuse('too many observances');
  }
  if (observances.length === 0) return refuse('neither STANDARD nor DAYLIGHT');
  observances.sort((a, b) => a.start - a.from - (b.start - b.from));
  const initial = observances[0]!.from;
  if (observances.every(({ from, to }) => from === initial && to === initial)) {
    return { ok: true, value: fixedZone(id, initial) };
  }
  // Once in advance, so that a zone that cannot be evaluated says so here.
  if (onsets(observances, firstHorizon) === undefined)
    return refuse('its rules have too many onsets');
  return { ok: true, value: tableZone(id, (until) => tableOf(observances, initial, until)) };
}

function readObservance(component: Component): Observance | string {
  const start = parseDateTime(propertyOf(component, 'DTSTART')?.value ?? '');
  if (start === undefined) return 'needs DTSTART';
  const from = parseUtcOffset(propertyOf(component, 'TZOFFSETFROM')?.value ?? '');
  const to = parseUtcOffset(propertyOf(component, 'TZOFFSETTO')?.value ?? '');
  if (from === undefined || to === undefined) return 'needs TZOFFSETFROM and TZOFFSETTO';
  const rules: RecurrenceRule[] = [];
  for (const property of propertiesOf(component, 'RRULE')) {
    const parsed = parseRule(property.value);
    if (!parsed.ok) return `has an RRULE with ${parsed.error}`;
    rules.push(parsed.value);
  }
  const dates: CalendarTime[] = [];
  for (const property of propertiesOf(component, 'RDATE')) {
    for (const text of property.value.split(',')) {
      const date = parseDateTime(text) ?? parsePeriod(text)?.start;
      if (date === undefined) return 'has an RDATE that is no date-time';
      dates.push(date);
    }
  }
  if (dates.length > maxTransitions) return 'has too many RDATEs';
  return { start: start.localSeconds, from, to, rules, dates };
}

type Onset = { readonly at: number; readonly from: number; readonly to: number };

/** Undefined if there are too many. */
function onsets(observances: readonly Observance[], until: number): Onset[] | undefined {
  const found: Onset[] = [];
  const budget = makeBudget(maxZoneSteps);
  for (const { start, from, to, rules, dates } of observances) {
    const add = (local: number): void => void found.push({ at: local - from, from, to });
    add(start);
    for (const { kind, localSeconds } of dates) {
      add(kind === 'utc' ? localSeconds + from : localSeconds);
    }
    for (const rule of rules) {
      // §3.6.5: UNTIL is UTC here.
      const last = rule.until === undefined ? until : Math.min(until, untilInstant(rule, from));
      const cursor = openRule(rule, start, false, budget);
      for (let local = cursor.next(); local - from <= last; local = cursor.next()) {
        if (found.length > maxTransitions) return undefined;
        add(local);
      }
      if (budget.spent) return undefined;
    }
    if (found.length > maxTransitions) return undefined;
  }
  return found.sort((a, b) => a.at - b.at);
}

function untilInstant({ until }: RecurrenceRule, offset: number): number {
  if (until === undefined) return Number.POSITIVE_INFINITY;
  if (until.kind === 'utc') return until.localSeconds;
  return until.localSeconds - offset + (until.kind === 'date' ? 86_399 : 0);
}

function tableOf(observances: readonly Observance[], initial: number, until: number): Transitions {
  const at: number[] = [];
  const offsets = [initial];
  for (const onset of onsets(observances, until) ?? onsets(observances, firstHorizon) ?? []) {
    if (onset.at === at.at(-1)) {
      offsets[offsets.length - 1] = onset.to;
    } else if (onset.to !== offsets.at(-1)) {
      at.push(onset.at);
      offsets.push(onset.to);
    }
  }
  return { at, offsets, until };
}
