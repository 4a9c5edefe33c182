import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatComponent } from '../document/serialise.ts';
import { shapeCalendarData } from '../icalendar/calendar-data.ts';
import { readCalendarObject } from '../icalendar/calendar-object.ts';
import { octets, text } from '../testing/objects.ts';
import { generateTimeZone, stretchOf } from './generate.ts';
import { ianaZone } from './iana.ts';
import { knownTimeZone, maxMadeNameCharacters, maxMadeTimeZones } from './known-time-zone.ts';
import { utc, type Zone } from './zone.ts';

const berlin = ianaZone('Europe/Berlin')!;
const year2026 = 1_767_225_600;
const day = 86_400;

test('what is remembered is what would be written, for all zones and times', () => {
  for (const id of ['UTC', ...Intl.supportedValuesOf('timeZone')]) {
    const zone = ianaZone(id)!;
    for (const at of timesAround(zone)) {
      const known = text(formatComponent(knownTimeZone(zone, id, at)));
      assert.equal(known, text(formatComponent(generateTimeZone(zone, id, at))), `${id} ${at}`);
    }
  }
});

/** At changes of the offset, just before and after them, and where two years without one end. */
function timesAround(zone: Zone): number[] {
  const times = [-4_500_000_000, -day, 0, 1, day / 2, year2026, 4_102_444_799, 4_102_444_800];
  let at: number | undefined = -2_500_000_000;
  for (let changes = 0; changes < 15; changes++) {
    at = zone.nextTransition(at);
    if (at === undefined) break;
    for (const moved of [-1, 0, 1, 3599, 3600, 7200, day, 731 * day, 732 * day, 733 * day]) {
      times.push(at + moved);
    }
    at += 300 * day * (changes % 7);
  }
  return times;
}

test('another time of the same stretch gives the same one, another stretch or name another', () => {
  const january = knownTimeZone(berlin, 'Europe/Berlin', year2026);
  assert.equal(knownTimeZone(berlin, 'Europe/Berlin', year2026 + 20 * day), january);
  assert.notEqual(stretchOf(berlin, year2026), stretchOf(berlin, year2026 + 180 * day));
  assert.notEqual(knownTimeZone(berlin, 'Europe/Berlin', year2026 + 180 * day), january);
  assert.notEqual(knownTimeZone(berlin, 'W. Europe Standard Time', year2026), january);
  assert.notEqual(knownTimeZone(ianaZone('Europe/Paris')!, 'Europe/Berlin', year2026), january);
});

test('a bounded number is remembered, under names of bounded length', () => {
  const first = knownTimeZone(berlin, 'first', year2026);
  assert.equal(knownTimeZone(berlin, 'first', year2026), first);
  for (let i = 0; i < maxMadeTimeZones; i++) knownTimeZone(berlin, `other ${i}`, year2026);
  const again = knownTimeZone(berlin, 'first', year2026);
  assert.notEqual(again, first);
  assert.deepEqual(formatComponent(again), formatComponent(first));
  const long = 'x'.repeat(maxMadeNameCharacters + 1);
  assert.notEqual(knownTimeZone(berlin, long, year2026), knownTimeZone(berlin, long, year2026));
});

test('objects that lack one get it octet for octet like the first of them', () => {
  const ask = (start: string): string => {
    const object = readCalendarObject(
      octets(`BEGIN:VCALENDAR
VERSION:2.0
PRODID:x
BEGIN:VEVENT
UID:1
DTSTAMP:20260101T000000Z
DTSTART;TZID=Europe/Berlin:${start}
END:VEVENT
END:VCALENDAR`),
    );
    assert.ok(object.ok);
    const data = shapeCalendarData(object.value, { timeZones: 'complete' }, utc);
    assert.ok(data.type === 'octets');
    return text(data.octets);
  };
  const first = ask('20260110T100000');
  assert.match(
    first,
    /BEGIN:VTIMEZONE\r\nTZID:Europe\/Berlin\r\nBEGIN:STANDARD\r\nDTSTART:20251026T/,
  );
  assert.equal(ask('20260111T100000').replace('20260111', '20260110'), first);
});
