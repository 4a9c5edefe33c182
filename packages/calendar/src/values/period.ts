/** PERIOD (RFC 5545 §3.3.9): start and end, or start and duration. */
import { type CalendarTime, parseDateTime } from './date-time.ts';
import { type Duration, parseDuration } from './duration.ts';

export type Period = {
  readonly start: CalendarTime;
  readonly end: CalendarTime | undefined;
  /** Given if `end` is not. */
  readonly duration: Duration | undefined;
};

export function parsePeriod(text: string, tzid?: string): Period | undefined {
  const slash = text.indexOf('/');
  if (slash === -1) return undefined;
  const start = parseDateTime(text.slice(0, slash), tzid);
  const rest = text.slice(slash + 1);
  if (start === undefined || start.kind === 'date') return undefined;
  const duration = parseDuration(rest);
  if (duration !== undefined) return { start, end: undefined, duration };
  const end = parseDateTime(rest, tzid);
  return end === undefined ? undefined : { start, end, duration: undefined };
}
