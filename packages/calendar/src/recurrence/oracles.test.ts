/**
 * Random rules held against two other implementations. Where they are known to err, the excuse is
 * written out, with the reading of RFC 5545 §3.3.10 that we follow.
 */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { Random, seed } from '@riad/octets/testing/random';
import { RRuleTemporal } from 'rrule-temporal';
import { clockOf } from '../icalendar/calendar-object.ts';
import { instanceSource, visitInstances } from '../icalendar/instances.ts';
import { calendar, event, read } from '../testing/objects.ts';
import { type RandomRule, randomRule } from '../testing/random-rules.ts';
import { utc } from '../time-zone/zone.ts';
import { formatLocal, parseDateTime } from '../values/date-time.ts';
import { makeBudget } from './budget.ts';
import { parseRule } from './rule.ts';
import { openRule } from './rule-cursor.ts';

const wanted = 12;

/** The first times, DTSTART among them; undefined where the budget was spent before there were any more. */
function ours({ start, rule }: RandomRule): { readonly times: string[]; readonly spent: boolean } {
  const parsed = parseRule(rule);
  assert.ok(parsed.ok, rule);
  const time = parseDateTime(start)!;
  const budget = makeBudget(20_000);
  const cursor = openRule(parsed.value, time.localSeconds, false, budget);
  const times: string[] = [];
  while (times.length < wanted) {
    const next = cursor.next();
    if (next === Number.POSITIVE_INFINITY) break;
    times.push(formatLocal(next));
  }
  return { times, spent: budget.spent };
}

/** As far as both went; neither may have ended before the other for another reason than its limit. */
function compare(query: RandomRule, theirs: readonly string[], oracle: string): void {
  const { times, spent } = ours(query);
  const common = Math.min(times.length, theirs.length);
  assert.deepEqual(
    times.slice(0, common),
    theirs.slice(0, common),
    `${oracle}: ${query.start} ${query.rule}, seed ${seed}`,
  );
  if (!spent)
    assert.ok(
      times.length >= theirs.length,
      `${oracle} has more: ${query.start} ${query.rule}, seed ${seed}`,
    );
}

describe('rrule-temporal', () => {
  /** Known to differ. */
  function excuse(rule: string): string | undefined {
    const ordinal = /BYDAY=[^;]*\d/.test(rule);
    const plain = /BYDAY=(?:[^;]*,)?[A-Z]/.test(rule);
    const yearly = rule.includes('FREQ=YEARLY');
    if (yearly && ordinal && plain) return 'drops plain weekdays beside ordinal ones';
    if (yearly && ordinal && /BYMONTHDAY/.test(rule))
      return 'ordinal BYDAY ignores BYMONTHDAY, which limits it';
    if (yearly && /BYYEARDAY/.test(rule) && /BYMONTHDAY|BYDAY/.test(rule))
      return 'BYYEARDAY is united with what limits it';
    if (yearly && /BYWEEKNO/.test(rule) && /BYMONTHDAY|BYYEARDAY/.test(rule))
      return 'BYWEEKNO ignores what limits it';
    return undefined;
  }

  test('R1 to R5 the same times for rules at random', () => {
    const random = new Random();
    let compared = 0;
    for (let run = 0; run < 500; run++) {
      const query = randomRule(random);
      if (excuse(query.rule) !== undefined) continue;
      const theirs: string[] = [];
      try {
        const rule = new RRuleTemporal({
          rruleString: `DTSTART:${query.start}Z\nRRULE:${query.rule}`,
          includeDtstart: true,
          maxIterations: 400,
          maxCandidateEvaluations: 4000,
        });
        rule.all((time) => {
          theirs.push(
            time.toPlainDateTime().toString({ smallestUnit: 'second' }).replace(/[-:]/g, ''),
          );
          return theirs.length < wanted;
        });
      } catch (error) {
        // It gives up on rules that rarely or never give anything.
        assert.match(String(error), /exceeded/);
        continue;
      }
      // It leaves DTSTART out of some rules with ordinals and an INTERVAL, though asked for it.
      if (theirs[0] !== query.start) theirs.unshift(query.start);
      compare(query, theirs.slice(0, wanted), 'rrule-temporal');
      compared++;
    }
    assert.ok(compared > 300, `${compared} compared`);
  });
});

describe('rrule-temporal in time zones', () => {
  test('Z1 Z2 the same instants', () => {
    const random = new Random(seed + 2);
    for (let run = 0; run < 150; run++) {
      const { start, rule } = randomRule(random, ['DAILY', 'WEEKLY', 'MONTHLY']);
      const zone = random.pick([
        'Europe/Berlin',
        'America/New_York',
        'Australia/Lord_Howe',
        'Asia/Kolkata',
      ]);
      // At night, when clocks change.
      const at = `${start.slice(0, 9)}0${random.below(4)}3000`;
      const days = rule.replace(/;BY(?:HOUR|MINUTE|SECOND|SETPOS)=[^;]+/g, '');
      const theirs: number[] = [];
      try {
        const other = new RRuleTemporal({
          rruleString: `DTSTART;TZID=${zone}:${at}\nRRULE:${days}`,
          includeDtstart: true,
          maxIterations: 400,
          maxCandidateEvaluations: 4000,
        });
        other.all((time) => theirs.push(time.epochMilliseconds / 1000) < 60);
      } catch (error) {
        assert.match(String(error), /exceeded/);
        continue;
      }
      const object = read(calendar(event(`DTSTART;TZID=${zone}:${at}\nRRULE:${days}`)));
      const found: number[] = [];
      const source = instanceSource(object, clockOf(object, utc));
      visitInstances(source, 0, 2 ** 40, makeBudget(), ({ startSeconds, startLocal, timing }) => {
        // It skips times in a gap, as the other sentence of §3.3.10 has it; we shift them.
        const exists = startSeconds + timing.zone.offsetAt(startSeconds) === startLocal;
        return exists && found.push(startSeconds) >= theirs.length;
      });
      assert.deepEqual(found, theirs, `${zone} ${at} ${days}, seed ${seed}`);
    }
  });
});

describe('ical.js', () => {
  // It hangs inside one `next()` on rules that give nothing, so it runs where it can be stopped.
  const source = `
    const { parentPort } = require('node:worker_threads');
    import(${JSON.stringify(import.meta.resolve('ical.js'))}).then(({ default: ICAL }) => {
      parentPort.on('message', ({ start, rule }) => {
        const times = [];
        try {
          const time = ICAL.Time.fromDateTimeString(start.replace(/(....)(..)(..)T(..)(..)(..)/, '$1-$2-$3T$4:$5:$6'));
          const iterator = ICAL.Recur.fromString(rule).iterator(time);
          for (let next; times.length < ${wanted} && (next = iterator.next()); ) times.push(next.toICALString());
          parentPort.postMessage({ times });
        } catch (error) {
          parentPort.postMessage({ error: error.message });
        }
      });
      parentPort.postMessage('ready');
    });`;
  let worker: Worker | undefined;
  const answerWithinMs = 1000;

  function message(from: Worker): Promise<unknown> {
    return new Promise((resolve) => from.once('message', resolve));
  }
  async function ask(query: RandomRule): Promise<{ times?: string[]; error?: string } | 'hangs'> {
    if (worker === undefined) {
      worker = new Worker(source, { eval: true });
      await message(worker);
    }
    const asked = worker;
    asked.postMessage(query);
    const { promise: late, resolve } = Promise.withResolvers<'hangs'>();
    const timer = setTimeout(() => resolve('hangs'), answerWithinMs);
    const answer = (await Promise.race([message(asked), late])) as Awaited<ReturnType<typeof ask>>;
    clearTimeout(timer);
    if (answer === 'hangs') {
      await asked.terminate();
      worker = undefined;
    }
    return answer;
  }
  after(() => worker?.terminate());

  /** Known to differ. */
  function excuse(rule: string): string | undefined {
    const yearly = /FREQ=YEARLY/.test(rule);
    const daily = /FREQ=DAILY/.test(rule);
    const times = /BY(?:HOUR|MINUTE|SECOND)/.test(rule);
    const ordinal = /BYDAY=[^;]*\d/.test(rule);
    if (/BYSETPOS/.test(rule)) return 'BYSETPOS is not applied in most frequencies';
    if (/BYYEARDAY/.test(rule)) return 'BYYEARDAY is refused beside other parts';
    if (yearly && times) return 'times of YEARLY rules are not expanded';
    if (yearly && /BYMONTHDAY/.test(rule) && !/BYMONTH=/.test(rule))
      return 'BYMONTHDAY gives only the month of DTSTART';
    if (yearly && /BYMONTHDAY/.test(rule) && /BYDAY/.test(rule))
      return 'BYDAY does not limit BYMONTHDAY';
    if (yearly && /BYWEEKNO/.test(rule)) return 'BYWEEKNO takes the first day of a list alone';
    if (yearly && ordinal) return 'ordinals are taken for every week beside plain weekdays';
    if (!yearly && /BYMONTH=/.test(rule))
      return 'the first period is not held against BYMONTH, and INTERVAL is lost';
    if (daily && /BYMONTHDAY=[^;]*-/.test(rule))
      return 'days from the end are not counted in DAILY';
    if (daily && times && /BYMONTHDAY|BYDAY/.test(rule))
      return 'the first day is not held against what limits it';
    const days = /BYMONTHDAY=([^;]+)/.exec(rule)?.[1]?.split(',').map(Number) ?? [];
    if (days.some((day) => day < 0 || day > 28)) {
      return 'days that a month does not have spill over into the next, and -31 is always the first';
    }
    if (/MONTHLY/.test(rule) && times && /BYDAY|BYMONTHDAY/.test(rule)) {
      return 'the first of a month comes out where the second time of a day begins it';
    }
    if (/MONTHLY/.test(rule) && days.length > 0 && /BYDAY/.test(rule)) return 'INTERVAL is lost';
    return undefined;
  }
  /** It takes lists in the order in which they stand. */
  function inOrder({ start, rule }: RandomRule): RandomRule {
    const sorted = rule.replace(
      /(BY(?:HOUR|MINUTE|SECOND|MONTH|MONTHDAY))=([^;]+)/g,
      (_, name: string, list: string) =>
        `${name}=${list
          .split(',')
          .map(Number)
          .sort((a, b) => a - b)
          .join(',')}`,
    );
    return { start, rule: sorted };
  }

  test('R1 to R5 the same times for rules at random', async () => {
    const random = new Random(seed + 1);
    let compared = 0;
    let hangs = 0;
    for (let run = 0; run < 400 && hangs < 5; run++) {
      const query = inOrder(randomRule(random, ['YEARLY', 'MONTHLY', 'WEEKLY', 'DAILY']));
      if (excuse(query.rule) !== undefined || ours(query).times.length < wanted) continue;
      const answer = await ask(query);
      if (answer === 'hangs') {
        hangs++;
        continue;
      }
      assert.equal(answer.error, undefined, `${query.start} ${query.rule}`);
      const times = answer.times!;
      // DTSTART comes first with us; its iterator gives it only where it fits the rule, or by mistake.
      if (times[0] !== query.start) times.unshift(query.start);
      compare(query, times.slice(0, wanted), 'ical.js');
      compared++;
    }
    assert.ok(compared > 100, `${compared} compared, ${hangs} hung`);
  });
});
