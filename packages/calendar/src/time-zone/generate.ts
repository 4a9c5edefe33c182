/**
 * Writes a VTIMEZONE for a zone of IANA (RFC 5545 §3.6.5): what is irregular as a list of dates, the
 * rules of today as RRULE without end. TZNAME is the offset, as the tz database writes it where there is no
 * customary abbreviation (+01, +0530): the customary ones are English.
 */
import { type Component, makeComponent } from '../document/document.ts';
import { type ContentLine, makeLine } from '../syntax/content-line.ts';
import { civilOf, dayOf, monthLength, secondsPerDay, weekdayOf } from '../values/civil.ts';
import { formatLocal } from '../values/date-time.ts';
import { formatUtcOffset } from '../values/utc-offset.ts';
import { firstHorizon, type Zone } from './zone.ts';

/** Changes that are listed; Morocco has 130 until its rules end. */
export const maxListedTransitions = 400;

type Change = {
  /** By the clock that held before. */
  readonly local: number;
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly from: number;
  readonly to: number;
};

/** `tzid` is the name that the object uses; `fromSeconds`: earlier changes are left out. */
export function generateTimeZone(zone: Zone, tzid: string, fromSeconds: number): Component {
  const changes = changesOf(zone, fromSeconds);
  const regular = regularYears(changes);
  const before = regular === undefined ? changes : changes.slice(0, regular.first);
  const observances: Component[] = [];
  if (before.length === 0 || instantOf(before[0]!) > fromSeconds) {
    // Something must hold from the beginning.
    const offset = zone.offsetAt(fromSeconds);
    observances.push(observance('STANDARD', fixedStart(fromSeconds), offset, offset, []));
  }
  for (const group of grouped(before)) {
    const [first, ...others] = group;
    const dates = others.map(({ local }) => formatLocal(local)).join(',');
    const lines = dates === '' ? [] : [makeLine('RDATE', dates)];
    observances.push(
      observance(nameOf(first!, changes), first!.local, first!.from, first!.to, lines),
    );
  }
  for (const { first, rule } of regular?.rules ?? []) {
    const lines = [makeLine('RRULE', rule)];
    observances.push(observance(nameOf(first, changes), first.local, first.from, first.to, lines));
  }
  return makeComponent('VTIMEZONE', [makeLine('TZID', tzid)], observances);
}

/**
 * Names the times for which `generateTimeZone` writes the same: those between two changes of the offset.
 * Where the last change is long ago, what is written begins with `fromSeconds` itself.
 */
export function stretchOf(zone: Zone, fromSeconds: number): string {
  const next = zone.nextTransition(fromSeconds) ?? 'none';
  const last = zone.nextTransition(fromSeconds - lookBackSeconds);
  const recent = last !== undefined && last <= fromSeconds;
  return recent ? `before ${next}` : `from ${fixedStart(fromSeconds)} before ${next}`;
}

function fixedStart(fromSeconds: number): number {
  return Math.min(0, Math.floor(fromSeconds / secondsPerDay) * secondsPerDay);
}

function observance(
  name: string,
  start: number,
  from: number,
  to: number,
  recurrence: readonly ContentLine[],
): Component {
  return makeComponent(name, [
    makeLine('DTSTART', formatLocal(start)),
    makeLine('TZOFFSETFROM', formatUtcOffset(from)),
    makeLine('TZOFFSETTO', formatUtcOffset(to)),
    makeLine('TZNAME', formatUtcOffset(to).replace(/00$/, '')),
    ...recurrence,
  ]);
}

/** Two years earlier lies a change, if the zone still has any. */
const lookBackSeconds = 2 * 366 * secondsPerDay;

/** From the last change before `fromSeconds` to the year 2100. */
function changesOf(zone: Zone, fromSeconds: number): Change[] {
  const changes: Change[] = [];
  let before = fromSeconds - lookBackSeconds;
  for (;;) {
    const at = zone.nextTransition(before);
    if (at === undefined || changes.length >= maxListedTransitions) break;
    const from = zone.offsetAt(at - 1);
    const local = at + from;
    const { year, month, day } = civilOf(Math.floor(local / secondsPerDay));
    changes.push({ local, year, month, day, from, to: zone.offsetAt(at) });
    before = at;
  }
  const first = changes.findLastIndex((change) => instantOf(change) <= fromSeconds);
  return first > 0 ? changes.slice(first) : changes;
}

function instantOf({ local, from }: Change): number {
  return local - from;
}

/** DAYLIGHT is what is taken back within the year. */
function nameOf(change: Change, changes: readonly Change[]): string {
  if (change.to <= change.from) return 'STANDARD';
  const back = changes.find(({ local }) => local > change.local);
  const soon = back !== undefined && back.local - change.local < 330 * secondsPerDay;
  return soon && back.to < back.from ? 'DAYLIGHT' : 'STANDARD';
}

/** Those that change between the same offsets, together. */
function grouped(changes: readonly Change[]): Change[][] {
  const groups = new Map<string, Change[]>();
  for (const change of changes) {
    const key = `${change.from} ${change.to}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [change]);
    else group.push(change);
  }
  return [...groups.values()];
}

type Regular = {
  /** Index of the first change that the rules give. */
  readonly first: number;
  readonly rules: readonly { readonly first: Change; readonly rule: string }[];
};

/** The years up to the horizon that all change in the same way, if they can be said in rules. */
function regularYears(changes: readonly Change[]): Regular | undefined {
  const lastYear = civilOf(Math.floor(firstHorizon / secondsPerDay)).year - 1;
  const byYear = new Map<number, Change[]>();
  for (const change of changes) {
    const year = byYear.get(change.year);
    if (year === undefined) byYear.set(change.year, [change]);
    else year.push(change);
  }
  const signature = (year: number): string | undefined =>
    byYear
      .get(year)
      ?.map(({ from, to, month, local, day }) => {
        const time = local - Math.floor(local / secondsPerDay) * secondsPerDay;
        return `${from} ${to} ${month} ${time} ${weekdayOf(dayOf(year, month, day))}`;
      })
      .join();
  const wanted = signature(lastYear);
  if (wanted === undefined) return undefined;
  let firstYear = lastYear;
  while (signature(firstYear - 1) === wanted) firstYear--;
  // The first year may have begun by other rules for the day, which the weekday does not tell.
  for (; firstYear < lastYear - 10; firstYear++) {
    const rules = rulesFor(firstYear, lastYear, byYear);
    if (rules === undefined) continue;
    const first = changes.findIndex(({ year }) => year >= firstYear);
    return { first, rules };
  }
  return undefined;
}

function rulesFor(
  firstYear: number,
  lastYear: number,
  byYear: ReadonlyMap<number, readonly Change[]>,
): Regular['rules'] | undefined {
  const first = byYear.get(firstYear)!;
  const rules: { first: Change; rule: string }[] = [];
  for (let index = 0; index < first.length; index++) {
    const series: Change[] = [];
    for (let year = firstYear; year <= lastYear; year++) series.push(byYear.get(year)![index]!);
    const by = dayRule(series);
    if (by === undefined) return undefined;
    rules.push({ first: first[index]!, rule: `FREQ=YEARLY;BYMONTH=${first[index]!.month};${by}` });
  }
  return rules;
}

const weekdays = ['SU', 'MO', 'TU', 'WE', 'TH', 'FR', 'SA'];

/** The last, the nth, or the first weekday from a day on. */
function dayRule(series: readonly Change[]): string | undefined {
  const { year, month, day } = series[0]!;
  const weekday = weekdays[weekdayOf(dayOf(year, month, day))]!;
  if (series.every((change) => change.day + 7 > monthLength(change.year, change.month))) {
    return `BYDAY=-1${weekday}`;
  }
  const ordinal = Math.ceil(day / 7);
  if (series.every((change) => Math.ceil(change.day / 7) === ordinal)) {
    return `BYDAY=${ordinal}${weekday}`;
  }
  const least = Math.min(...series.map((change) => change.day));
  const most = Math.max(...series.map((change) => change.day));
  if (most - least > 6 || series.length < 28) return undefined;
  const days = Array.from({ length: 7 }, (_, i) => least + i);
  return `BYDAY=${weekday};BYMONTHDAY=${days.join(',')}`;
}
