/** The examples of RFC 5545 §3.8.5.3, in its order and under its titles: checklist R1. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { starts } from '../testing/objects.ts';
import { civilOf, dayOf } from '../values/civil.ts';
import { formatLocal } from '../values/date-time.ts';

/** `1997 Sep 2-30; 1997 Oct 1-25`: days at one time, or each at `times`. */
function days(text: string, times: readonly string[] = ['090000']): string[] {
  const months = [
    'Jan',
    'Feb',
    'Mar',
    'Apr',
    'May',
    'Jun',
    'Jul',
    'Aug',
    'Sep',
    'Oct',
    'Nov',
    'Dec',
  ];
  return text.split(';').flatMap((part) => {
    const [year, month, list = ''] = part.trim().split(' ');
    const number = months.indexOf(month!) + 1;
    return list.split(',').flatMap((item) => {
      const [from, to = from] = item.split('-').map(Number);
      const found: string[] = [];
      for (let day = from!; day <= to!; day++) {
        const date = formatLocal(dayOf(Number(year), number, day) * 86_400).slice(0, 9);
        found.push(...times.map((time) => `${date}${time}`));
      }
      return found;
    });
  });
}

/** Every so many days from a date to another, as the dots in the examples mean. */
function every(step: number, from: string, to: string): string[] {
  const parse = (date: string): number =>
    dayOf(Number(date.slice(0, 4)), Number(date.slice(4, 6)), Number(date.slice(6)));
  const found: string[] = [];
  for (let day = parse(from); day <= parse(to); day += step) {
    const { year, month, day: number } = civilOf(day);
    found.push(`${year}${String(month).padStart(2, '0')}${String(number).padStart(2, '0')}T090000`);
  }
  return found;
}

type Example = readonly [
  title: string,
  start: string,
  rules: string | readonly string[],
  expected: readonly string[],
  /** The rule goes on beyond what is listed. */
  endless?: 'endless',
];

const examples: readonly Example[] = [
  ['Daily for 10 occurrences', '19970902', 'FREQ=DAILY;COUNT=10', days('1997 Sep 2-11')],
  [
    'Daily until December 24, 1997',
    '19970902',
    'FREQ=DAILY;UNTIL=19971224T000000Z',
    days('1997 Sep 2-30; 1997 Oct 1-31; 1997 Nov 1-30; 1997 Dec 1-23'),
  ],
  [
    'Every other day - forever',
    '19970902',
    'FREQ=DAILY;INTERVAL=2',
    every(2, '19970902', '19971203'),
    'endless',
  ],
  [
    'Every 10 days, 5 occurrences',
    '19970902',
    'FREQ=DAILY;INTERVAL=10;COUNT=5',
    days('1997 Sep 2,12,22; 1997 Oct 2,12'),
  ],
  [
    'Every day in January, for 3 years',
    '19980101',
    [
      'FREQ=YEARLY;UNTIL=20000131T140000Z;BYMONTH=1;BYDAY=SU,MO,TU,WE,TH,FR,SA',
      'FREQ=DAILY;UNTIL=20000131T140000Z;BYMONTH=1',
    ],
    days('1998 Jan 1-31; 1999 Jan 1-31; 2000 Jan 1-31'),
  ],
  [
    'Weekly for 10 occurrences',
    '19970902',
    'FREQ=WEEKLY;COUNT=10',
    days('1997 Sep 2,9,16,23,30; 1997 Oct 7,14,21,28; 1997 Nov 4'),
  ],
  [
    'Weekly until December 24, 1997',
    '19970902',
    'FREQ=WEEKLY;UNTIL=19971224T000000Z',
    days('1997 Sep 2,9,16,23,30; 1997 Oct 7,14,21,28; 1997 Nov 4,11,18,25; 1997 Dec 2,9,16,23'),
  ],
  [
    'Every other week - forever',
    '19970902',
    'FREQ=WEEKLY;INTERVAL=2;WKST=SU',
    days(
      '1997 Sep 2,16,30; 1997 Oct 14,28; 1997 Nov 11,25; 1997 Dec 9,23; 1998 Jan 6,20; 1998 Feb 3,17',
    ),
    'endless',
  ],
  [
    'Weekly on Tuesday and Thursday for five weeks',
    '19970902',
    [
      'FREQ=WEEKLY;UNTIL=19971007T000000Z;WKST=SU;BYDAY=TU,TH',
      'FREQ=WEEKLY;COUNT=10;WKST=SU;BYDAY=TU,TH',
    ],
    days('1997 Sep 2,4,9,11,16,18,23,25,30; 1997 Oct 2'),
  ],
  [
    'Every other week on Monday, Wednesday, and Friday until December 24, 1997, starting on Monday, September 1, 1997',
    '19970901',
    'FREQ=WEEKLY;INTERVAL=2;UNTIL=19971224T000000Z;WKST=SU;BYDAY=MO,WE,FR',
    days(
      '1997 Sep 1,3,5,15,17,19,29; 1997 Oct 1,3,13,15,17,27,29,31; 1997 Nov 10,12,14,24,26,28; 1997 Dec 8,10,12,22',
    ),
  ],
  [
    'Every other week on Tuesday and Thursday, for 8 occurrences',
    '19970902',
    'FREQ=WEEKLY;INTERVAL=2;COUNT=8;WKST=SU;BYDAY=TU,TH',
    days('1997 Sep 2,4,16,18,30; 1997 Oct 2,14,16'),
  ],
  [
    'Monthly on the first Friday for 10 occurrences',
    '19970905',
    'FREQ=MONTHLY;COUNT=10;BYDAY=1FR',
    days(
      '1997 Sep 5; 1997 Oct 3; 1997 Nov 7; 1997 Dec 5; 1998 Jan 2; 1998 Feb 6; 1998 Mar 6; 1998 Apr 3; 1998 May 1; 1998 Jun 5',
    ),
  ],
  [
    'Monthly on the first Friday until December 24, 1997',
    '19970905',
    'FREQ=MONTHLY;UNTIL=19971224T000000Z;BYDAY=1FR',
    days('1997 Sep 5; 1997 Oct 3; 1997 Nov 7; 1997 Dec 5'),
  ],
  [
    'Every other month on the first and last Sunday of the month for 10 occurrences',
    '19970907',
    'FREQ=MONTHLY;INTERVAL=2;COUNT=10;BYDAY=1SU,-1SU',
    days('1997 Sep 7,28; 1997 Nov 2,30; 1998 Jan 4,25; 1998 Mar 1,29; 1998 May 3,31'),
  ],
  [
    'Monthly on the second-to-last Monday of the month for 6 months',
    '19970922',
    'FREQ=MONTHLY;COUNT=6;BYDAY=-2MO',
    days('1997 Sep 22; 1997 Oct 20; 1997 Nov 17; 1997 Dec 22; 1998 Jan 19; 1998 Feb 16'),
  ],
  [
    'Monthly on the third-to-the-last day of the month, forever',
    '19970928',
    'FREQ=MONTHLY;BYMONTHDAY=-3',
    days('1997 Sep 28; 1997 Oct 29; 1997 Nov 28; 1997 Dec 29; 1998 Jan 29; 1998 Feb 26'),
    'endless',
  ],
  [
    'Monthly on the 2nd and 15th of the month for 10 occurrences',
    '19970902',
    'FREQ=MONTHLY;COUNT=10;BYMONTHDAY=2,15',
    days('1997 Sep 2,15; 1997 Oct 2,15; 1997 Nov 2,15; 1997 Dec 2,15; 1998 Jan 2,15'),
  ],
  [
    'Monthly on the first and last day of the month for 10 occurrences',
    '19970930',
    'FREQ=MONTHLY;COUNT=10;BYMONTHDAY=1,-1',
    days('1997 Sep 30; 1997 Oct 1,31; 1997 Nov 1,30; 1997 Dec 1,31; 1998 Jan 1,31; 1998 Feb 1'),
  ],
  [
    'Every 18 months on the 10th thru 15th of the month for 10 occurrences',
    '19970910',
    'FREQ=MONTHLY;INTERVAL=18;COUNT=10;BYMONTHDAY=10,11,12,13,14,15',
    days('1997 Sep 10-15; 1999 Mar 10-13'),
  ],
  [
    'Every Tuesday, every other month',
    '19970902',
    'FREQ=MONTHLY;INTERVAL=2;BYDAY=TU',
    days('1997 Sep 2,9,16,23,30; 1997 Nov 4,11,18,25; 1998 Jan 6,13,20,27; 1998 Mar 3,10,17,24,31'),
    'endless',
  ],
  [
    'Yearly in June and July for 10 occurrences',
    '19970610',
    'FREQ=YEARLY;COUNT=10;BYMONTH=6,7',
    days(
      '1997 Jun 10; 1997 Jul 10; 1998 Jun 10; 1998 Jul 10; 1999 Jun 10; 1999 Jul 10; 2000 Jun 10; 2000 Jul 10; 2001 Jun 10; 2001 Jul 10',
    ),
  ],
  [
    'Every other year on January, February, and March for 10 occurrences',
    '19970310',
    'FREQ=YEARLY;INTERVAL=2;COUNT=10;BYMONTH=1,2,3',
    days(
      '1997 Mar 10; 1999 Jan 10; 1999 Feb 10; 1999 Mar 10; 2001 Jan 10; 2001 Feb 10; 2001 Mar 10; 2003 Jan 10; 2003 Feb 10; 2003 Mar 10',
    ),
  ],
  [
    'Every third year on the 1st, 100th, and 200th day for 10 occurrences',
    '19970101',
    'FREQ=YEARLY;INTERVAL=3;COUNT=10;BYYEARDAY=1,100,200',
    days(
      '1997 Jan 1; 1997 Apr 10; 1997 Jul 19; 2000 Jan 1; 2000 Apr 9; 2000 Jul 18; 2003 Jan 1; 2003 Apr 10; 2003 Jul 19; 2006 Jan 1',
    ),
  ],
  [
    'Every 20th Monday of the year, forever',
    '19970519',
    'FREQ=YEARLY;BYDAY=20MO',
    days('1997 May 19; 1998 May 18; 1999 May 17'),
    'endless',
  ],
  [
    'Monday of week number 20 (where the default start of the week is Monday), forever',
    '19970512',
    'FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO',
    days('1997 May 12; 1998 May 11; 1999 May 17'),
    'endless',
  ],
  [
    'Every Thursday in March, forever',
    '19970313',
    'FREQ=YEARLY;BYMONTH=3;BYDAY=TH',
    days('1997 Mar 13,20,27; 1998 Mar 5,12,19,26; 1999 Mar 4,11,18,25'),
    'endless',
  ],
  [
    'Every Thursday, but only during June, July, and August, forever',
    '19970605',
    'FREQ=YEARLY;BYDAY=TH;BYMONTH=6,7,8',
    days(
      '1997 Jun 5,12,19,26; 1997 Jul 3,10,17,24,31; 1997 Aug 7,14,21,28; 1998 Jun 4,11,18,25; 1998 Jul 2,9,16,23,30; 1998 Aug 6,13,20,27; 1999 Jun 3,10,17,24; 1999 Jul 1,8,15,22,29; 1999 Aug 5,12,19,26',
    ),
    'endless',
  ],
  [
    'Every Friday the 13th, forever (DTSTART is taken out by EXDATE)',
    '19970902',
    'FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13\nEXDATE;TZID=America/New_York:19970902T090000',
    days('1998 Feb 13; 1998 Mar 13; 1998 Nov 13; 1999 Aug 13; 2000 Oct 13'),
    'endless',
  ],
  [
    'The first Saturday that follows the first Sunday of the month, forever',
    '19970913',
    'FREQ=MONTHLY;BYDAY=SA;BYMONTHDAY=7,8,9,10,11,12,13',
    days(
      '1997 Sep 13; 1997 Oct 11; 1997 Nov 8; 1997 Dec 13; 1998 Jan 10; 1998 Feb 7; 1998 Mar 7; 1998 Apr 11; 1998 May 9; 1998 Jun 13',
    ),
    'endless',
  ],
  [
    'Every 4 years, the first Tuesday after a Monday in November, forever (U.S. Presidential Election day)',
    '19961105',
    'FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8',
    days('1996 Nov 5; 2000 Nov 7; 2004 Nov 2'),
    'endless',
  ],
  [
    'The third instance into the month of one of Tuesday, Wednesday, or Thursday, for the next 3 months',
    '19970904',
    'FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3',
    days('1997 Sep 4; 1997 Oct 7; 1997 Nov 6'),
  ],
  [
    'The second-to-last weekday of the month',
    '19970929',
    'FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2',
    days(
      '1997 Sep 29; 1997 Oct 30; 1997 Nov 27; 1997 Dec 30; 1998 Jan 29; 1998 Feb 26; 1998 Mar 30',
    ),
    'endless',
  ],
  [
    'Every 3 hours from 9:00 AM to 5:00 PM on a specific day',
    '19970902',
    'FREQ=HOURLY;INTERVAL=3;UNTIL=19970902T210000Z', // erratum 3883: 17:00 in New York is 21:00 UTC
    days('1997 Sep 2', ['090000', '120000', '150000']),
  ],
  [
    'Every 15 minutes for 6 occurrences',
    '19970902',
    'FREQ=MINUTELY;INTERVAL=15;COUNT=6',
    days('1997 Sep 2', ['090000', '091500', '093000', '094500', '100000', '101500']),
  ],
  [
    'Every hour and a half for 4 occurrences',
    '19970902',
    'FREQ=MINUTELY;INTERVAL=90;COUNT=4',
    days('1997 Sep 2', ['090000', '103000', '120000', '133000']),
  ],
  [
    'Every 20 minutes from 9:00 AM to 4:40 PM every day',
    '19970902',
    [
      'FREQ=DAILY;BYHOUR=9,10,11,12,13,14,15,16;BYMINUTE=0,20,40',
      'FREQ=MINUTELY;INTERVAL=20;BYHOUR=9,10,11,12,13,14,15,16',
    ],
    days(
      '1997 Sep 2-3',
      ['09', '10', '11', '12', '13', '14', '15', '16'].flatMap((hour) => [
        `${hour}0000`,
        `${hour}2000`,
        `${hour}4000`,
      ]),
    ),
    'endless',
  ],
  [
    'An example where the days generated makes a difference because of WKST: Monday',
    '19970805',
    'FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO',
    days('1997 Aug 5,10,19,24'),
  ],
  [
    '… changing only WKST from MO to SU, yields different results',
    '19970805',
    'FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU',
    days('1997 Aug 5,17,19,31'),
  ],
  [
    'An example where an invalid date (i.e., February 30) is ignored',
    '20070115',
    'FREQ=MONTHLY;BYMONTHDAY=15,30;COUNT=5',
    days('2007 Jan 15,30; 2007 Feb 15; 2007 Mar 15,30'),
  ],
];

describe('R1 RFC 5545 §3.8.5.3', () => {
  for (const [title, start, rules, expected, endless] of examples) {
    for (const rule of typeof rules === 'string' ? [rules] : rules) {
      test(rules === rule ? title : `${title}: ${rule}`, () => {
        const found = starts(
          `BEGIN:VEVENT\nUID:one\nDTSTART;TZID=America/New_York:${start}T090000\nRRULE:${rule}\nEND:VEVENT`,
          endless === undefined ? 1000 : expected.length,
        );
        assert.deepEqual(found, expected);
      });
    }
  }
});
