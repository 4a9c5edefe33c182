/** Rules at random, valid by RFC 5545 §3.3.10, for comparisons with other implementations. */
import type { Random } from '@riad/octets/testing/random';

const weekdays = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'];
const frequencies = [
  'YEARLY',
  'YEARLY',
  'MONTHLY',
  'MONTHLY',
  'WEEKLY',
  'DAILY',
  'HOURLY',
  'MINUTELY',
  'SECONDLY',
] as const;

export type RandomRule = { readonly start: string; readonly rule: string };

export function randomRule(random: Random, chosen?: readonly string[]): RandomRule {
  const frequency = random.pick(chosen ?? frequencies);
  const parts = [`FREQ=${frequency}`];
  const some = (most: number, pick: () => number | string): string => {
    const found = new Set<number | string>();
    for (let i = random.between(1, most); i > 0; i--) found.add(pick());
    return [...found].join(',');
  };
  const add = (chance: number, name: string, value: () => string): void => {
    if (random.chance(chance)) parts.push(`${name}=${value()}`);
  };
  add(0.4, 'INTERVAL', () => String(random.between(1, 5)));
  add(0.3, 'BYMONTH', () => some(3, () => random.between(1, 12)));
  const weeks = frequency === 'YEARLY' && random.chance(0.15);
  if (weeks) parts.push(`BYWEEKNO=${some(3, () => random.pick([1, 2, 20, 52, 53, -1, -53]))}`);
  const yearDays = ['YEARLY', 'HOURLY', 'MINUTELY', 'SECONDLY'].includes(frequency);
  add(yearDays ? 0.15 : 0, 'BYYEARDAY', () =>
    some(3, () => random.pick([1, 100, 200, 365, 366, -1, -366])),
  );
  add(frequency === 'WEEKLY' ? 0 : 0.3, 'BYMONTHDAY', () =>
    some(3, () => random.pick([1, 2, 15, 28, 29, 30, 31, -1, -2, -31])),
  );
  const ordinals = (frequency === 'YEARLY' && !weeks) || frequency === 'MONTHLY';
  const numbers = frequency === 'MONTHLY' ? [1, 2, 5, -1, -2] : [1, 2, 5, -1, 20];
  add(0.4, 'BYDAY', () =>
    some(
      3,
      () => `${ordinals && random.chance(0.5) ? random.pick(numbers) : ''}${random.pick(weekdays)}`,
    ),
  );
  add(0.2, 'BYHOUR', () => some(2, () => random.between(0, 23)));
  add(0.2, 'BYMINUTE', () => some(2, () => random.between(0, 59)));
  add(0.15, 'BYSECOND', () => some(2, () => random.between(0, 59)));
  if (parts.some((part) => part.startsWith('BY')))
    add(0.2, 'BYSETPOS', () => some(2, () => random.pick([1, 2, 3, -1, -2])));
  add(0.3, 'WKST', () => random.pick(weekdays));
  const two = (value: number): string => String(value).padStart(2, '0');
  const date = `${random.between(1995, 2030)}${two(random.between(1, 12))}${two(random.between(1, 28))}`;
  return {
    start: `${date}T${two(random.between(0, 23))}${random.pick(['00', '30', '17'])}00`,
    rule: parts.join(';'),
  };
}
