/**
 * Walks the times of one recurrence rule (RFC 5545 §3.3.10) in local seconds. DTSTART is the first
 * and counts, also where it does not fit the rule, as clients show it. Times stop with the year 9999.
 * Not looked at here: UNTIL, which may need a zone; EXDATE and the like.
 */
import { maxLocalSeconds } from '../values/civil.ts';
import { type Budget, take } from './budget.ts';
import { calendarSystem } from './calendar-system.ts';
import { openPeriods } from './periods.ts';
import type { RecurrenceRule } from './rule.ts';

export type RuleCursor = {
  /** The next time; Infinity at the end, and when the budget is spent. Goes up. */
  next(): number;
  /**
   * Skips times before `localSeconds`, without walking there unless the rule has COUNT. Only forwards,
   * and before the first `next`.
   */
  seek(localSeconds: number): void;
};

/**
 * `calendar` of the rule must be supported. `date`: times of the day are not looked at.
 * `includeStart`: not for an EXRULE, which takes away only what it gives.
 */
export function openRule(
  rule: RecurrenceRule,
  start: number,
  date: boolean,
  budget: Budget,
  includeStart: boolean = true,
): RuleCursor {
  const system = calendarSystem(rule.calendar);
  if (system === undefined) throw new RangeError(`RSCALE=${rule.calendar} is not supported`);
  const periods = openPeriods(rule, system, start, date, budget);
  const { bySetPosition, count = Number.POSITIVE_INFINITY } = rule;
  let emitted = 0;
  let from = start;
  let last = includeStart ? start : start - 1;
  let bases: readonly number[] = [];
  let offsets: readonly number[] = periods.offsets;
  let positions: readonly number[] | undefined;
  let index = 0;
  let length = 0;
  let ended = false;

  const load = (): boolean => {
    if (!take(budget, 1)) return false;
    const next = periods.next();
    if (next === undefined) return false;
    bases = next;
    offsets = periods.offsets;
    index = 0;
    length = bases.length * offsets.length;
    if (bySetPosition !== undefined && length > 0) {
      positions = choose(bySetPosition, length);
      length = positions.length;
    }
    return true;
  };

  const following = (): number => {
    for (;;) {
      while (index < length) {
        const at = positions === undefined ? index : positions[index]!;
        index++;
        const time = bases[Math.floor(at / offsets.length)]! + offsets[at % offsets.length]!;
        if (time > maxLocalSeconds) return Number.POSITIVE_INFINITY;
        // DTSTART itself came out first; SKIP=FORWARD may give a day twice, in two periods.
        if (time > last) {
          last = time;
          return time;
        }
      }
      if (!load()) return Number.POSITIVE_INFINITY;
    }
  };

  return {
    next() {
      if (ended) return Number.POSITIVE_INFINITY;
      for (;;) {
        if (emitted >= count || !take(budget, 1)) break;
        const time = emitted === 0 && includeStart ? start : following();
        if (time === Number.POSITIVE_INFINITY) break;
        emitted++;
        if (time >= from) return time;
      }
      ended = true;
      return Number.POSITIVE_INFINITY;
    },
    seek(localSeconds) {
      if (localSeconds <= start) return;
      from = localSeconds;
      if (rule.count !== undefined) return; // each one counts
      emitted = 1;
      periods.seek(localSeconds);
    },
  };
}

/** BYSETPOS: places in a period's set, in order, each once. */
function choose(positions: readonly number[], length: number): number[] {
  const chosen = new Set<number>();
  for (const position of positions) {
    const at = position > 0 ? position - 1 : length + position;
    if (at >= 0 && at < length) chosen.add(at);
  }
  return [...chosen].sort((a, b) => a - b);
}
