/** The periods that FREEBUSY properties of a VFREEBUSY hold (RFC 5545 §3.8.2.6). */
import type { Component } from '../document/document.ts';
import { parameterOf } from '../syntax/content-line.ts';
import { type Clock, instantOf } from '../time-zone/resolve.ts';
import { secondsPerDay } from '../values/civil.ts';
import { tzidOf } from '../values/date-time.ts';
import { parsePeriod } from '../values/period.ts';

export type FreeBusyPeriod = {
  readonly startSeconds: number;
  readonly endSeconds: number;
  /** In upper case; BUSY unless given. */
  readonly type: string;
};

export function freeBusyPeriods(component: Component, clock: Clock): FreeBusyPeriod[] {
  const periods: FreeBusyPeriod[] = [];
  for (const line of component.properties) {
    if (line.name !== 'FREEBUSY') continue;
    const type = parameterOf(line, 'FBTYPE')?.toUpperCase() ?? 'BUSY';
    for (const text of line.value.split(',')) {
      const bounds = periodBounds(text, tzidOf(line), clock);
      if (bounds !== undefined) periods.push({ ...bounds, type });
    }
  }
  return periods;
}

/** A period as instants; undefined if it is none. */
export function periodBounds(
  text: string,
  tzid: string | undefined,
  clock: Clock,
): { readonly startSeconds: number; readonly endSeconds: number } | undefined {
  const period = parsePeriod(text, tzid);
  if (period === undefined) return undefined;
  const startSeconds = instantOf(period.start, clock);
  if (period.end !== undefined) return { startSeconds, endSeconds: instantOf(period.end, clock) };
  const { days, seconds } = period.duration!;
  return { startSeconds, endSeconds: startSeconds + days * secondsPerDay + seconds };
}
