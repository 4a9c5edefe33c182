/**
 * `npm run campaign -- calendar-objects [--runs=N]`: mutated calendar objects and cards through all that a
 * server does with them; 200,000 unless told otherwise. A throw, a document that does not come back octet
 * for octet, or half a second for one is a fault.
 */
import { compareCalendarObjects } from '@riad/calendar/change/difference';
import { describeChanges } from '@riad/calendar/change/sentences';
import { fromJcal, toJcal } from '@riad/calendar/conversion/jcal';
import { toJcard } from '@riad/calendar/conversion/jcard';
import { formatComponent } from '@riad/calendar/document/serialise';
import { busyPeriods } from '@riad/calendar/icalendar/busy';
import { shapeCalendarData } from '@riad/calendar/icalendar/calendar-data';
import { readCalendarObject } from '@riad/calendar/icalendar/calendar-object';
import { maskPrivate } from '@riad/calendar/icalendar/masking';
import { checkCalendarObject } from '@riad/calendar/icalendar/validation';
import { type ComponentFilter, matchesCalendarFilter } from '@riad/calendar/query/calendar-filter';
import { ianaZone } from '@riad/calendar/time-zone/iana';
import { readAddressObject } from '@riad/calendar/vcard/card';
import { convertCard } from '@riad/calendar/vcard/convert';
import { checkAddressObject } from '@riad/calendar/vcard/validation';
import { Random, seed } from '@riad/octets/testing/random';

const asked = process.argv.find((arg) => arg.startsWith('--runs='));
const runs = Number(asked?.slice('--runs='.length) ?? 200_000);
const slowMs = 500;

const calendars = [
  [
    'BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\nBEGIN:VTIMEZONE\nTZID:Home\nBEGIN:DAYLIGHT\nDTSTART:19810329T020000',
    'TZOFFSETFROM:+0100\nTZOFFSETTO:+0200\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\nEND:DAYLIGHT\nBEGIN:STANDARD',
    'DTSTART:19961027T030000\nTZOFFSETFROM:+0200\nTZOFFSETTO:+0100\nRRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU',
    'END:STANDARD\nEND:VTIMEZONE\nBEGIN:VEVENT\nUID:1\nDTSTAMP:20260101T000000Z\nDTSTART;TZID=Home:20260101T100000',
    'DTEND;TZID=Home:20260101T110000\nRRULE:FREQ=MONTHLY;BYDAY=1MO,-1FR;BYSETPOS=1;COUNT=20\nEXDATE;TZID=Home:20260202T100000',
    'RDATE;VALUE=PERIOD:20260110T100000Z/PT3H\nSUMMARY:a\\, b\nCLASS:PRIVATE\nATTENDEE;CN="a:b";PARTSTAT=DECLINED:mailto:a@x',
    'BEGIN:VALARM\nTRIGGER;RELATED=END:-P1DT2H\nREPEAT:2\nDURATION:PT5M\nEND:VALARM\nEND:VEVENT\nBEGIN:VEVENT\nUID:1',
    'RECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Home:20260302T100000\nDTSTART;TZID=Europe/Berlin:20260303T120000\nDURATION:P1D',
    'END:VEVENT\nEND:VCALENDAR',
  ].join('\n'),
  [
    'BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VTODO\nUID:1\nDTSTART;VALUE=DATE:20260101\nDUE;VALUE=DATE:20260103',
    'RRULE:RSCALE=HEBREW;FREQ=YEARLY;BYMONTH=5L;BYMONTHDAY=8;SKIP=FORWARD\nPRIORITY:5\nGEO:1.5;2\nEND:VTODO\nEND:VCALENDAR',
  ].join('\n'),
  'BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VFREEBUSY\nUID:1\nFREEBUSY;FBTYPE=BUSY:20260101T000000Z/PT1H,20260102T000000Z/20260102T010000Z\nEND:VFREEBUSY\nEND:VCALENDAR',
];
const cards = [
  'BEGIN:VCARD\nVERSION:3.0\nUID:1\nFN:Ann\nN:Doe;Ann;;;\nitem1.TEL;TYPE=home,pref:1\nPHOTO;ENCODING=b;TYPE=JPEG:QUJD\nBDAY;X-APPLE-OMIT-YEAR=1604:1604-04-12\nADR;TYPE=home:;;1;Town;;;\nLABEL;TYPE=home:x\nEND:VCARD',
  'BEGIN:VCARD\nVERSION:2.1\nUID:1\nN;CHARSET=UTF-8;QUOTED-PRINTABLE:M=C3=BC=\nller;J\nTEL;HOME;VOICE:1\nEND:VCARD',
  'BEGIN:VCARD\nVERSION:4.0\nUID:1\nFN:Ann\nTEL;VALUE=uri;PREF=1;TYPE="voice,home":tel:+1\nGEO:geo:1,2\nBDAY:--0412\nEND:VCARD',
];

const berlin = ianaZone('Europe/Berlin')!;
const range = { from: Date.UTC(2026, 0, 1) / 1000, to: Date.UTC(2026, 6, 1) / 1000 };
const query: ComponentFilter = {
  name: 'VCALENDAR',
  isNotDefined: false,
  timeRange: undefined,
  properties: [],
  components: ['VEVENT', 'VTODO', 'VFREEBUSY'].map((name) => ({
    name,
    isNotDefined: false,
    timeRange: range,
    properties: [],
    components: [],
  })),
};

function mutate(text: string, random: Random): Uint8Array {
  const octets = new TextEncoder().encode(`${text.replaceAll('\n', '\r\n')}\r\n`);
  const pieces: Uint8Array[] = [];
  let at = 0;
  for (let i = random.between(1, 4); i > 0; i--) {
    const from = random.between(at, octets.length);
    pieces.push(octets.subarray(at, from));
    // A piece of the same document elsewhere, odd octets, or nothing in the place of what stood there.
    const what = random.below(3);
    const start = random.below(octets.length);
    if (what === 0) pieces.push(octets.subarray(start, start + random.between(1, 40)));
    if (what === 1) pieces.push(random.octets(1));
    at = Math.min(octets.length, from + random.pick([0, 1, 1, 2, 20]));
  }
  pieces.push(octets.subarray(at));
  return new Uint8Array(pieces.flatMap((piece) => Array.from(piece)));
}

function throughCalendar(octets: Uint8Array): void {
  checkCalendarObject(octets, { maxInstances: 1000 });
  const read = readCalendarObject(octets);
  if (!read.ok) return;
  const object = read.value;
  matchesCalendarFilter(object, query, berlin);
  shapeCalendarData(object, { expand: range, maxInstances: 1000 }, berlin);
  shapeCalendarData(
    object,
    { limitRecurrenceSet: range, limitFreeBusySet: range, timeZones: 'complete' },
    berlin,
  );
  busyPeriods(object, range, { floating: berlin });
  maskPrivate(object);
  const back = fromJcal(toJcal(object.calendar));
  if (!back.ok) throw new Error('jCal does not come back');
  const again = readCalendarObject(formatComponent(back.value));
  if (again.ok) describeChanges(compareCalendarObjects(object, again.value));
}

function throughCard(octets: Uint8Array): void {
  checkAddressObject(octets);
  const read = readAddressObject(octets);
  if (!read.ok) return;
  for (const version of ['3.0', '4.0'] as const) {
    const converted = readAddressObject(convertCard(read.value, version));
    if (!converted.ok) throw new Error(`as ${version} it does not parse`);
  }
  toJcard(read.value);
}

process.stdout.write(`seed ${seed}\n`);
const random = new Random();
let faults = 0;
for (let run = 0; run < runs && faults < 20; run++) {
  const isCard = run % 3 === 2;
  const octets = mutate(random.pick(isCard ? cards : calendars), random);
  const started = performance.now();
  try {
    if (isCard) throughCard(octets);
    else throughCalendar(octets);
  } catch (error) {
    faults++;
    process.stdout.write(`${String(error)}\n${JSON.stringify(new TextDecoder().decode(octets))}\n`);
  }
  const tookMs = performance.now() - started;
  if (tookMs > slowMs) {
    faults++;
    process.stdout.write(
      `${tookMs.toFixed(0)} ms\n${JSON.stringify(new TextDecoder().decode(octets))}\n`,
    );
  }
}
process.stdout.write(`${runs} documents, ${faults} faults\n`);
if (faults > 0) process.exitCode = 1;
