/** The events of the measurement: the same for every server, with the number of results that each question has. */

const day = 86_400_000;
const begin = Date.UTC(2026, 0, 5);

/** Some 500 octets, an hour on one of 730 days; every 50th recurs each week. */
export function event(number: number, version: number = 0): string {
  const start = new Date(begin + (number % 730) * day + (8 + (number % 9)) * 3_600_000);
  const stamp = (date: Date): string => date.toISOString().replace(/[-:]|\.\d+/g, '');
  const end = new Date(start.getTime() + 3_600_000);
  return [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Riad//bench//EN',
    'BEGIN:VEVENT',
    `UID:${uid(number)}`,
    'DTSTAMP:20260101T000000Z',
    `DTSTART:${stamp(start)}`,
    `DTEND:${stamp(end)}`,
    ...(number % 50 === 0 ? ['RRULE:FREQ=WEEKLY;COUNT=20'] : []),
    `SUMMARY:Meeting number ${number} about the ${['garden', 'house', 'well', 'roof'][number % 4]}`,
    `DESCRIPTION:${'What has to be talked about and by whom. '.repeat(5)}`,
    `LOCATION:Room ${number % 37}`,
    `SEQUENCE:${version}`,
    'END:VEVENT',
    'END:VCALENDAR',
    '',
  ].join('\r\n');
}

export function uid(number: number): string {
  return `bench-${String(number).padStart(7, '0')}@riad.example`;
}

/** Of an event, as an import calls it, too. */
export function fileName(number: number): string {
  return `${uid(number)}.ics`;
}

export const week = { start: '20260706T000000Z', end: '20260713T000000Z' };

/** Of the first `count`, those with an instance in that week. */
export function inWeek(count: number): number {
  const from = Date.UTC(2026, 6, 6);
  const to = Date.UTC(2026, 6, 13);
  let found = 0;
  for (let number = 0; number < count; number++) {
    const start = begin + (number % 730) * day + (8 + (number % 9)) * 3_600_000;
    const instances = number % 50 === 0 ? 20 : 1;
    for (let i = 0; i < instances; i++) {
      const at = start + i * 7 * day;
      if (at < to && at + 3_600_000 > from) {
        found++;
        break;
      }
    }
  }
  return found;
}

export const word = 'number 123';

/** Of the first `count`, those whose summary has the word. */
export function withWord(count: number): number {
  let found = 0;
  for (let number = 0; number < count; number++) if (`number ${number} `.includes(word)) found++;
  return found;
}
