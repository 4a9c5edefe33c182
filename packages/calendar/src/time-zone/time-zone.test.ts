import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Random } from '@riad/octets/testing/random';
import { componentsOf, propertyOf } from '../document/document.ts';
import { formatComponent } from '../document/serialise.ts';
import { octets, read, seconds, text, zone } from '../testing/objects.ts';
import { formatUtc } from '../values/date-time.ts';
import { generateTimeZone } from './generate.ts';
import { ianaZone } from './iana.ts';
import { resolveTimeZone } from './resolve.ts';
import { formatTimeZoneDocument, readTimeZoneDocument } from './time-zone-document.ts';
import { evaluateTimeZone } from './vtimezone.ts';
import { windowsZones } from './windows-names.ts';
import { utc, type Zone } from './zone.ts';

const names = Intl.supportedValuesOf('timeZone');

/** What Temporal says of the same local time, whose "compatible" is the rule of RFC 5545 §3.3.5. */
function expected(local: number, id: string): number {
  const plain = new Temporal.ZonedDateTime(BigInt(local) * 1_000_000_000n, 'UTC').toPlainDateTime();
  return plain.toZonedDateTime(id, { disambiguation: 'compatible' }).epochMilliseconds / 1000;
}

describe('Z1 gaps and folds (RFC 5545 §3.3.5)', () => {
  for (const [id, local, instant] of [
    ['Europe/Berlin', '20260329T015959', '20260329T005959Z'],
    ['Europe/Berlin', '20260329T023000', '20260329T013000Z'], // 02:30 is 03:30 of summer
    ['Europe/Berlin', '20260329T030000', '20260329T010000Z'],
    ['Europe/Berlin', '20261025T023000', '20261025T003000Z'], // the first of two
    ['Europe/Berlin', '20261025T030000', '20261025T020000Z'],
    ['America/New_York', '20260308T023000', '20260308T073000Z'],
    ['America/New_York', '20261101T013000', '20261101T053000Z'],
    ['Australia/Lord_Howe', '20261004T021500', '20261003T154500Z'], // half an hour
    ['Pacific/Apia', '20111230T120000', '20111230T220000Z'], // a day that was not
    ['Asia/Kolkata', '20260101T000000', '20251231T183000Z'],
    ['UTC', '20260101T000000', '20260101T000000Z'],
    ['Europe/Berlin', '21260701T120000', '21260701T100000Z'],
    ['Europe/Berlin', '98260701T120000', '98260701T100000Z'],
  ] as const) {
    test(`${id} ${local}`, () =>
      assert.equal(formatUtc(zone(id).instantOf(seconds(local))), instant));
  }
  test('as Temporal in every zone, at random and around every change', () => {
    const random = new Random();
    for (const id of names) {
      const own = zone(id);
      for (let i = 0; i < 5; i++) {
        const local = random.between(-3_000_000_000, 6_000_000_000);
        assert.equal(own.instantOf(local), expected(local, id), `${id} ${local}`);
      }
    }
    for (const id of [
      'Europe/Dublin',
      'Africa/Casablanca',
      'America/Caracas',
      'Asia/Gaza',
      'Pacific/Kiritimati',
      'America/St_Johns',
    ]) {
      const own = zone(id);
      for (
        let at = own.nextTransition(-2_000_000_000);
        at !== undefined;
        at = own.nextTransition(at)
      ) {
        for (const around of [-5400, -1, 0, 1800, 5400]) {
          const local: number = at + own.offsetAt(at) + around;
          assert.equal(own.instantOf(local), expected(local, id), `${id} ${local}`);
        }
      }
    }
  });
});

describe('names', () => {
  test('IANA, in any case and by alias; nothing else', () => {
    assert.equal(ianaZone('europe/berlin')?.id, 'Europe/Berlin');
    assert.equal(ianaZone('US/Eastern')?.offsetAt(0), -18_000);
    for (const name of [
      '',
      'Europe/Atlantis',
      '+01:00',
      'W. Europe Standard Time',
      'x'.repeat(500),
    ]) {
      assert.equal(ianaZone(name), undefined);
    }
  });
  test('Z3 every name of Windows is one of a zone that exists', () => {
    for (const [name, id] of Object.entries(windowsZones)) {
      assert.ok(ianaZone(id), `${name}: ${id}`);
    }
  });
  for (const [tzid, id, by] of [
    ['Europe/Berlin', 'Europe/Berlin', 'iana'],
    ['W. Europe Standard Time', 'Europe/Berlin', 'other-name'],
    ['"Europe/Berlin"', 'Europe/Berlin', 'other-name'],
    [' Europe/Berlin ', 'Europe/Berlin', 'iana'],
    ['/freeassociation.sourceforge.net/Europe/Berlin', 'Europe/Berlin', 'other-name'],
    ['/mozilla.org/20071231_1/America/Indiana/Knox', 'America/Indiana/Knox', 'other-name'],
    ['/citadel.org/20190914_1/America/New_York', 'America/New_York', 'other-name'],
    ['GMT+0100', '+0100', 'other-name'],
    ['UTC-5', '-0500', 'other-name'],
    ['GMT', 'GMT', 'iana'],
    ['Customized Time Zone', 'UTC', 'fallback'],
  ] as const) {
    test(`Z3 ${tzid}`, () => {
      const found = resolveTimeZone(tzid, undefined, utc);
      assert.deepEqual([found.zone.id, found.by], [id, by]);
      assert.equal(found.note === undefined, by === 'iana');
    });
  }
});

const berlin = `
BEGIN:VTIMEZONE
TZID:Somewhere
BEGIN:DAYLIGHT
DTSTART:19810329T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:19961027T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
END:STANDARD
END:VTIMEZONE`;

function evaluate(components: string): Zone {
  const object = read(octets(`BEGIN:VCALENDAR\n${components.trim()}\nEND:VCALENDAR`));
  const result = evaluateTimeZone(object.calendar.components[0]!);
  assert.ok(result.ok, result.ok ? '' : result.error.message);
  return result.value;
}

describe('Z3 embedded VTIMEZONE (RFC 5545 §3.6.5)', () => {
  test('rules without end', () => {
    const own = evaluate(berlin);
    for (let at = seconds('19970101T000000Z'); at < seconds('20600101T000000Z'); at += 86_400 * 9) {
      assert.equal(own.offsetAt(at), zone('Europe/Berlin').offsetAt(at), formatUtc(at));
    }
    assert.equal(own.offsetAt(seconds('22000701T000000Z')), 7200);
    assert.equal(own.offsetAt(seconds('97000701T000000Z')), 7200);
  });
  test('the example of §3.6.5: New York with UNTIL in UTC', () => {
    const observance = (
      kind: string,
      start: string,
      from: string,
      to: string,
      rule: string,
    ): string =>
      `BEGIN:${kind}\nDTSTART:${start}\n${rule}\nTZOFFSETFROM:${from}\nTZOFFSETTO:${to}\nEND:${kind}\n`;
    const own = evaluate(
      `BEGIN:VTIMEZONE\nTZID:New York\n${[
        observance(
          'DAYLIGHT',
          '19670430T020000',
          '-0500',
          '-0400',
          'RRULE:FREQ=YEARLY;BYMONTH=4;BYDAY=-1SU;UNTIL=19730429T070000Z',
        ),
        observance(
          'STANDARD',
          '19671029T020000',
          '-0400',
          '-0500',
          'RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU;UNTIL=20061029T060000Z',
        ),
        observance('DAYLIGHT', '19740106T020000', '-0500', '-0400', 'RDATE:19750223T020000'),
        observance(
          'DAYLIGHT',
          '19760425T020000',
          '-0500',
          '-0400',
          'RRULE:FREQ=YEARLY;BYMONTH=4;BYDAY=-1SU;UNTIL=19860427T070000Z',
        ),
        observance(
          'DAYLIGHT',
          '19870405T020000',
          '-0500',
          '-0400',
          'RRULE:FREQ=YEARLY;BYMONTH=4;BYDAY=1SU;UNTIL=20060402T070000Z',
        ),
        observance(
          'DAYLIGHT',
          '20070311T020000',
          '-0500',
          '-0400',
          'RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU',
        ),
        observance(
          'STANDARD',
          '20071104T020000',
          '-0400',
          '-0500',
          'RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU',
        ),
      ].join('')}END:VTIMEZONE`,
    );
    const newYork = zone('America/New_York');
    for (
      let at = newYork.nextTransition(seconds('19680101T000000Z'));
      at !== undefined && at < seconds('20400101T000000Z');
      at = newYork.nextTransition(at)
    ) {
      for (const around of [-1, 0, 86_400]) {
        assert.equal(
          own.offsetAt(at + around),
          newYork.offsetAt(at + around),
          formatUtc(at + around),
        );
      }
    }
  });
  test('one observance, offsets alone, and before the first onset', () => {
    const own = evaluate(
      'BEGIN:VTIMEZONE\nTZID:x\nBEGIN:STANDARD\nDTSTART:20000101T000000\nTZOFFSETFROM:+0300\nTZOFFSETTO:+0430\nEND:STANDARD\nEND:VTIMEZONE',
    );
    assert.equal(own.offsetAt(0), 10_800);
    assert.equal(own.offsetAt(seconds('20010101T000000Z')), 16_200);
  });
  test('rules since 1601, as Exchange writes them', () => {
    const observance = (
      kind: string,
      start: string,
      from: string,
      to: string,
      rule: string,
    ): string =>
      `BEGIN:${kind}\nDTSTART:${start}\nTZOFFSETFROM:${from}\nTZOFFSETTO:${to}\nRRULE:FREQ=YEARLY;INTERVAL=1;${rule}\nEND:${kind}\n`;
    const own = evaluate(
      `BEGIN:VTIMEZONE\nTZID:Customized Time Zone\n${observance('STANDARD', '16010101T030000', '+0200', '+0100', 'BYDAY=-1SU;BYMONTH=10')}${observance('DAYLIGHT', '16010101T020000', '+0100', '+0200', 'BYDAY=-1SU;BYMONTH=3')}END:VTIMEZONE`,
    );
    for (let at = seconds('20000101T000000Z'); at < seconds('20600101T000000Z'); at += 86_400 * 9) {
      assert.equal(own.offsetAt(at), zone('Europe/Berlin').offsetAt(at), formatUtc(at));
    }
    assert.equal(own.offsetAt(seconds('99000701T000000Z')), 7200);
  });
  test('what cannot be evaluated says so', () => {
    for (const [value, message] of [
      ['BEGIN:VTIMEZONE\nEND:VTIMEZONE', /TZID is missing/],
      ['BEGIN:VTIMEZONE\nTZID:x\nEND:VTIMEZONE', /neither STANDARD nor DAYLIGHT/],
      [
        'BEGIN:VTIMEZONE\nTZID:x\nBEGIN:STANDARD\nDTSTART:x\nEND:STANDARD\nEND:VTIMEZONE',
        /needs DTSTART/,
      ],
      [berlin.trim().replace('FREQ=YEARLY', 'FREQ=SECONDLY'), /too many onsets/],
      [berlin.trim().replace('FREQ=YEARLY', 'FREQ=NEVER'), /RRULE with FREQ=NEVER/],
    ] as const) {
      const object = read(octets(`BEGIN:VCALENDAR\n${value}\nEND:VCALENDAR`));
      const result = evaluateTimeZone(object.calendar.components[0]!);
      assert.match(result.ok ? 'evaluated' : result.error.message, message);
    }
  });
  test('is used for an unknown TZID, and not for one that IANA knows', () => {
    const object = read(
      octets(
        `BEGIN:VCALENDAR\n${berlin.trim()}\n${berlin.trim().replace('Somewhere', 'Asia/Tokyo')}\nEND:VCALENDAR`,
      ),
    );
    const own = resolveTimeZone('Somewhere', object.calendar, utc);
    assert.deepEqual([own.by, own.zone.offsetAt(seconds('20260701T000000Z'))], ['vtimezone', 7200]);
    const tokyo = resolveTimeZone('Asia/Tokyo', object.calendar, utc);
    assert.deepEqual([tokyo.by, tokyo.zone.offsetAt(0)], ['iana', 32_400]);
  });
});

describe('generated VTIMEZONEs', () => {
  test('Europe/Berlin from 2026', () => {
    const made = generateTimeZone(
      zone('Europe/Berlin'),
      'Europe/Berlin',
      seconds('20260101T000000Z'),
    );
    assert.equal(
      text(formatComponent(made)).replaceAll('\r\n', '\n'),
      `BEGIN:VTIMEZONE
TZID:Europe/Berlin
BEGIN:STANDARD
DTSTART:20251026T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
TZNAME:+01
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:20260329T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
TZNAME:+02
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:20261025T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
TZNAME:+01
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
END:STANDARD
END:VTIMEZONE
`,
    );
  });
  test('of every zone are evaluated to the same offsets', () => {
    for (const from of [0, seconds('20260101T000000Z')]) {
      for (const id of names) {
        const own = zone(id);
        const made = evaluateTimeZone(generateTimeZone(own, id, from));
        assert.ok(made.ok, id);
        for (let at = from; at < 4_000_000_000; at += 86_400 * 29 + 5 * 3600) {
          assert.equal(made.value.offsetAt(at), own.offsetAt(at), `${id} ${formatUtc(at)}`);
        }
        for (
          let at = own.nextTransition(from);
          at !== undefined && at < 2_000_000_000;
          at = own.nextTransition(at)
        ) {
          assert.equal(made.value.offsetAt(at), own.offsetAt(at), `${id} ${formatUtc(at)}`);
          assert.equal(made.value.offsetAt(at - 1), own.offsetAt(at - 1), `${id} ${formatUtc(at)}`);
        }
      }
    }
  });
  test('each name is the offset that holds then, as the tz database writes those without one of their own', () => {
    const namesOf = (id: string): string[] => {
      const made = generateTimeZone(zone(id), id, seconds('20260101T000000Z'));
      return [...componentsOf(made, 'STANDARD'), ...componentsOf(made, 'DAYLIGHT')].map(
        (component) => propertyOf(component, 'TZNAME')?.value ?? 'none',
      );
    };
    assert.deepEqual(namesOf('Asia/Kolkata'), ['+0530']);
    assert.deepEqual(namesOf('UTC'), ['+00']);
    assert.deepEqual([...new Set(namesOf('America/St_Johns'))].sort(), ['-0230', '-0330']);
  });
  test('have STANDARD alone where clocks do not change', () => {
    const made = generateTimeZone(zone('Asia/Tokyo'), 'Asia/Tokyo', seconds('20260101T000000Z'));
    assert.equal(componentsOf(made, 'STANDARD').length, 1);
    assert.equal(componentsOf(made, 'DAYLIGHT').length, 0);
  });
});

describe('M19 M20 CALDAV:calendar-timezone', () => {
  test('exactly one VTIMEZONE that can be evaluated', () => {
    const read = (components: string) =>
      readTimeZoneDocument(
        octets(`BEGIN:VCALENDAR\nVERSION:2.0\n${components.trim()}\nEND:VCALENDAR`),
      );
    const found = read(berlin);
    assert.ok(found.ok);
    assert.deepEqual(
      [found.tzid, found.zone.offsetAt(seconds('20260701T000000Z')), found.standardId],
      ['Somewhere', 7200, undefined],
    );
    for (const components of [
      'X-A:1',
      `${berlin}${berlin}`,
      `${berlin}\nBEGIN:VEVENT\nEND:VEVENT`,
      'BEGIN:VTIMEZONE\nTZID:x\nEND:VTIMEZONE',
    ]) {
      assert.equal(read(components).ok, false);
    }
    assert.equal(readTimeZoneDocument(octets('x')).ok, false);
  });
  test('M20 T28 by name, and back; an unknown name is none', () => {
    const made = formatTimeZoneDocument('europe/berlin', '-//Riad//EN');
    const found = readTimeZoneDocument(made!);
    assert.ok(found.ok);
    assert.deepEqual([found.tzid, found.standardId], ['Europe/Berlin', 'Europe/Berlin']);
    assert.equal(formatTimeZoneDocument('Europe/Atlantis', 'x'), undefined);
  });
});
