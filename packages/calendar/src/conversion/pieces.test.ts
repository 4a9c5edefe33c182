import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeUtf8 } from '@riad/octets/utf8';
import { linesOfPiece } from '../syntax/tokenizer.ts';
import { splitCalendar, splittingCalendar } from './calendar-file.ts';
import { splitCards, splittingCards } from './card-file.ts';

const event = (i: number): string =>
  `BEGIN:VEVENT\r\nUID:u${i}\r\nDTSTART;TZID=Here:20260101T100000\r\nSUMMARY:é ${i}\r\nEND:VEVENT\r\n`;
const zone =
  'BEGIN:VTIMEZONE\r\nTZID:Here\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0100\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n';
const calendar = (count: number): Uint8Array =>
  encodeUtf8(
    `BEGIN:VCALENDAR\r\nVERSION:2.0\r\n${zone}${Array.from({ length: count }, (_, i) => event(i)).join('')}END:VCALENDAR\r\n`,
  );
const cards = (count: number): Uint8Array =>
  encodeUtf8(
    Array.from(
      { length: count },
      (_, i) => `BEGIN:VCARD\r\nVERSION:4.0\r\nUID:u${i}\r\nFN:é ${i}\r\nEND:VCARD\r\n`,
    ).join(''),
  );
const noUid = (): string => assert.fail('all have one');

test('a file that is split in pieces is split as at once, in pieces as many as it has lines', () => {
  for (const [split, pieces, of] of [
    [splitCalendar, splittingCalendar, calendar],
    [splitCards, splittingCards, cards],
  ] as const) {
    const counts = [400, 800].map((count) => {
      const octets = of(count);
      const splitting = pieces(octets, noUid);
      for (let yielded = 0; ; yielded++) {
        const { done, value } = splitting.next();
        if (done !== true) continue;
        assert.deepEqual(value, split(octets, noUid));
        assert.ok(yielded >= (count * 5) / linesOfPiece, `${yielded} pauses`);
        return yielded;
      }
    });
    // Twice as many for twice the file: no part of it is done in one piece.
    assert.ok(Math.abs(counts[1]! - 2 * counts[0]!) <= 4, counts.join());
  }
});

test('a piece of one kind of work never grows: components are looked at sixteen at a time', () => {
  let made = 0;
  const octets = encodeUtf8(
    `BEGIN:VCALENDAR\r\nVERSION:2.0\r\n${'BEGIN:VTODO\r\nSUMMARY:x\r\nEND:VTODO\r\n'.repeat(300)}END:VCALENDAR\r\n`,
  );
  const splitting = splittingCalendar(octets, () => `made ${++made}`);
  let most = 0;
  for (let before = 0, done = false; !done; before = made) {
    done = splitting.next().done === true;
    most = Math.max(most, made - before);
  }
  assert.equal(made, 300);
  assert.ok(most <= 16, `${most} components`);
});
