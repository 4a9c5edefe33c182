/** What an index can answer of a filter, so that only objects that may match are opened. */

import type { TimeRange } from '@riad/calendar/icalendar/time-range';
import type { ComponentFilter } from '@riad/calendar/query/calendar-filter';
import type { CandidateQuery } from '../storage/storage.ts';
import { calendarComponents } from './calendar-components.ts';

export function candidateQueryOf({ components }: ComponentFilter): CandidateQuery {
  const kinds: readonly string[] = calendarComponents;
  // All of a filter’s conditions must hold (RFC 4791 §9.7.1), so any one of them narrows.
  const positive = components.find(
    ({ name, isNotDefined }) => !isNotDefined && kinds.includes(name.toUpperCase()),
  );
  if (positive === undefined) return {};
  // The bounds that are kept of an object hold its alarms, too.
  const range = positive.timeRange ?? rangeOfAlarms(positive);
  return {
    component: positive.name.toUpperCase(),
    ...(range && Number.isFinite(range.from) && { fromSeconds: range.from }),
    ...(range && Number.isFinite(range.to) && { toSeconds: range.to }),
  };
}

function rangeOfAlarms({ components }: ComponentFilter): TimeRange | undefined {
  const alarms = components.filter(
    ({ name, isNotDefined }) => !isNotDefined && name.toUpperCase() === 'VALARM',
  );
  return alarms.find(({ timeRange }) => timeRange !== undefined)?.timeRange;
}
