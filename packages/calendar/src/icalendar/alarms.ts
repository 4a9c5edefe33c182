/** When a VALARM goes off (RFC 5545 §3.6.6, §3.8.6.3): its trigger and the repetitions after it. */
import { type Component, propertyOf } from '../document/document.ts';
import { parameterOf } from '../syntax/content-line.ts';
import { type Clock, instantOf } from '../time-zone/resolve.ts';
import { secondsPerDay } from '../values/civil.ts';
import { parseDateTime, tzidOf } from '../values/date-time.ts';
import { type Duration, nominalSeconds, parseDuration } from '../values/duration.ts';
import type { Instance } from './instances.ts';

/** An alarm that rings every minute for a week; more repetitions count as so many. */
export const maxRepetitions = 10_080;

export type AlarmTiming = {
  readonly trigger:
    | { readonly type: 'absolute'; readonly seconds: number }
    | { readonly type: 'relative'; readonly to: 'start' | 'end'; readonly offset: Duration };
  readonly repetitions: number;
  readonly everySeconds: number;
};

/** Undefined if the alarm has no trigger that is understood: it then never goes off. */
export function alarmTiming(alarm: Component, clock: Clock): AlarmTiming | undefined {
  const line = propertyOf(alarm, 'TRIGGER');
  if (line === undefined) return undefined;
  const repeat = Number(propertyOf(alarm, 'REPEAT')?.value.trim() ?? 0);
  const every = parseDuration(propertyOf(alarm, 'DURATION')?.value ?? '');
  const everySeconds = every === undefined ? 0 : nominalSeconds(every);
  // §3.6.6: DURATION and REPEAT only together.
  const repetitions =
    Number.isInteger(repeat) && repeat > 0 && everySeconds > 0
      ? Math.min(repeat, maxRepetitions)
      : 0;
  const offset = parseDuration(line.value);
  if (offset !== undefined) {
    const to = parameterOf(line, 'RELATED')?.toUpperCase() === 'END' ? 'end' : 'start';
    return { trigger: { type: 'relative', to, offset }, repetitions, everySeconds };
  }
  const time = parseDateTime(line.value, tzidOf(line));
  if (time === undefined) return undefined;
  const seconds = instantOf(time, clock);
  return { trigger: { type: 'absolute', seconds }, repetitions, everySeconds };
}

/** The first time it goes off for an instance. */
export function triggerSeconds({ trigger }: AlarmTiming, instance: Instance): number {
  if (trigger.type === 'absolute') return trigger.seconds;
  const { zone } = instance.timing;
  const { days, seconds } = trigger.offset;
  const anchor = trigger.to === 'start' ? instance.startSeconds : instance.endSeconds;
  if (days === 0) return anchor + seconds;
  const local = anchor + zone.offsetAt(anchor);
  return zone.instantOf(local + days * secondsPerDay) + seconds;
}

/** RFC 4791 §9.9: S ≤ trigger and E > trigger, for the first or a repeated one. */
export function alarmRings(timing: AlarmTiming, first: number, from: number, to: number): boolean {
  const { repetitions, everySeconds } = timing;
  if (first >= to) return false;
  if (first >= from) return true;
  if (repetitions === 0) return false;
  const index = Math.ceil((from - first) / everySeconds);
  return index <= repetitions && first + index * everySeconds < to;
}

/** How far from the start and the end of an instance it may go off, for a search. */
export function alarmReach({ trigger, repetitions, everySeconds }: AlarmTiming): {
  readonly before: number;
  readonly after: number;
} {
  if (trigger.type === 'absolute') return { before: 0, after: 0 };
  // A day of the wall clock may have two hours more or less.
  const slack = trigger.offset.days === 0 ? 0 : 7200;
  const offset = nominalSeconds(trigger.offset);
  return {
    before: Math.max(0, slack - offset),
    after: Math.max(0, offset + slack + repetitions * everySeconds),
  };
}
