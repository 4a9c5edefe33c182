/** Overridden instances (RFC 5545 §3.8.4.4, RFC 4791 §4.1, §7.4). */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { propertyOf } from '../document/document.ts';
import { calendar, event, read, seconds } from '../testing/objects.ts';
import { utc } from '../time-zone/zone.ts';
import { formatUtc } from '../values/date-time.ts';
import { clockOf } from './calendar-object.ts';
import { instanceSource, listInstances } from './instances.ts';

/** `start title` of each instance in January 2026. */
function shown(...components: readonly string[]): string[] {
  const object = read(calendar(components.map((properties) => event(properties)).join('\n')));
  const list = listInstances(
    instanceSource(object, clockOf(object, utc)),
    seconds('20260101T000000Z'),
    seconds('20260201T000000Z'),
  );
  assert.ok(list.type === 'instances');
  return list.instances.map(
    ({ startSeconds, component }) =>
      `${formatUtc(startSeconds).slice(6, 13)} ${propertyOf(component, 'SUMMARY')?.value}`,
  );
}

const master = 'DTSTART:20260105T100000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=5\nSUMMARY:a';

describe('overrides', () => {
  test('T25 one that is moved counts where it is now', () => {
    assert.deepEqual(
      shown(master, 'RECURRENCE-ID:20260106T100000Z\nDTSTART:20260120T080000Z\nSUMMARY:b'),
      ['05T1000 a', '07T1000 a', '08T1000 a', '09T1000 a', '20T0800 b'],
    );
  });
  test('an override whose RECURRENCE-ID is not in the set still counts', () => {
    assert.deepEqual(
      shown(master, 'RECURRENCE-ID:20260106T110000Z\nDTSTART:20260106T110000Z\nSUMMARY:b').length,
      6,
    );
  });
  test('EXDATE and an override for the same slot: the override counts', () => {
    assert.deepEqual(
      shown(
        `${master}\nEXDATE:20260106T100000Z`,
        'RECURRENCE-ID:20260106T100000Z\nDTSTART:20260106T120000Z\nSUMMARY:b',
      )[1],
      '06T1200 b',
    );
  });
  test('M13 overrides without master', () => {
    assert.deepEqual(
      shown(
        'RECURRENCE-ID:20260106T100000Z\nDTSTART:20260106T120000Z\nSUMMARY:b',
        'RECURRENCE-ID:20260108T100000Z\nDTSTART:20260108T120000Z\nSUMMARY:c',
      ),
      ['06T1200 b', '08T1200 c'],
    );
  });
  test('RECURRENCE-ID in another zone, and as a date', () => {
    const moved = 'DTSTART:20260120T080000Z\nSUMMARY:b';
    assert.equal(
      shown(master, `RECURRENCE-ID;TZID=Europe/Berlin:20260106T110000\n${moved}`).length,
      5,
    );
    assert.equal(shown(master, `RECURRENCE-ID;VALUE=DATE:20260106\n${moved}`).length, 5);
  });
  test('an event that does not recur, with an override of itself', () => {
    assert.deepEqual(
      shown(
        'DTSTART:20260105T100000Z\nSUMMARY:a',
        'RECURRENCE-ID:20260105T100000Z\nDTSTART:20260107T100000Z\nSUMMARY:b',
      ),
      ['07T1000 b'],
    );
  });
});

describe('R6 RANGE=THISANDFUTURE', () => {
  test('of an event that does not recur is itself, once', () => {
    const moved =
      'RECURRENCE-ID;RANGE=THISANDFUTURE:20260105T100000Z\nDTSTART:20260107T100000Z\nSUMMARY:b';
    assert.deepEqual(shown('DTSTART:20260105T100000Z\nSUMMARY:a', moved), ['07T1000 b']);
  });
  const later =
    'RECURRENCE-ID;RANGE=THISANDFUTURE:20260107T100000Z\nDTSTART:20260107T120000Z\nDURATION:PT2H\nSUMMARY:b';
  test('shifts later ones by the same difference, with its properties', () => {
    assert.deepEqual(shown(master, later), [
      '05T1000 a',
      '06T1000 a',
      '07T1200 b',
      '08T1200 b',
      '09T1200 b',
    ]);
  });
  test('but not those with components of their own', () => {
    assert.deepEqual(
      shown(master, later, 'RECURRENCE-ID:20260108T100000Z\nDTSTART:20260108T090000Z\nSUMMARY:c'),
      ['05T1000 a', '06T1000 a', '07T1200 b', '08T0900 c', '09T1200 b'],
    );
  });
  test('the next one takes over', () => {
    assert.deepEqual(
      shown(
        master,
        later,
        'RECURRENCE-ID;RANGE=THISANDFUTURE:20260109T100000Z\nDTSTART:20260110T100000Z\nSUMMARY:c',
      ),
      ['05T1000 a', '06T1000 a', '07T1200 b', '08T1200 b', '10T1000 c'],
    );
  });
  test('moves by days over the ends of a search', () => {
    const far = 'DTSTART:20251201T100000Z\nRRULE:FREQ=DAILY;COUNT=30\nSUMMARY:a';
    // The 30 December is moved to the 20 January.
    const found = shown(
      far,
      'RECURRENCE-ID;RANGE=THISANDFUTURE:20251229T100000Z\nDTSTART:20260119T100000Z\nSUMMARY:b',
    );
    assert.deepEqual(found, ['19T1000 b', '20T1000 b']);
  });
  test('by the wall clock of the series', () => {
    const zoned =
      'DTSTART;TZID=Europe/Berlin:20260320T100000\nRRULE:FREQ=WEEKLY;COUNT=3\nSUMMARY:a';
    const object = read(
      calendar(
        `${event(zoned)}\n${event('RECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Europe/Berlin:20260327T100000\nDTSTART;TZID=Europe/Berlin:20260327T110000\nSUMMARY:b')}`,
      ),
    );
    const list = listInstances(
      instanceSource(object, clockOf(object, utc)),
      0,
      seconds('20270101T000000Z'),
    );
    assert.ok(list.type === 'instances');
    assert.deepEqual(
      list.instances.map(({ startSeconds }) => formatUtc(startSeconds)),
      ['20260320T090000Z', '20260327T100000Z', '20260403T090000Z'],
    );
  });
});
