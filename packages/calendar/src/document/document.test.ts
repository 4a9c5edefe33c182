import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { makeLine } from '../syntax/content-line.ts';
import { octets, read, text } from '../testing/objects.ts';
import { makeComponent, parseDocument, propertyOf } from './document.ts';
import { type Edit, editDocument, setProperty } from './edit.ts';

const errors = (value: string, options: object = {}): unknown[] => {
  const parsed = parseDocument(octets(value), { syntax: 'icalendar', ...options });
  return parsed.ok ? [] : parsed.error.map(({ code, line }) => [code, line]);
};

describe('trees', () => {
  test('components nest; names are upper case', () => {
    const object = read(
      octets(
        'begin:vcalendar\nBEGIN:VEVENT\nuid:1\nBEGIN:VALARM\nEND:VALARM\nEND:VEVENT\nEND:VCALENDAR',
      ),
    );
    assert.equal(object.calendar.components[0]?.name, 'VEVENT');
    assert.equal(object.calendar.components[0]?.components[0]?.name, 'VALARM');
    assert.deepEqual(
      object.document.notes.map(({ code }) => code),
      ['tolerated.case'],
    );
  });
  for (const [why, value, expected, options] of [
    ['END of another component', 'BEGIN:A\nBEGIN:B\nEND:A', [['document.end', 3]]],
    ['END without BEGIN', 'END:A', [['document.end', 1]]],
    ['BEGIN without END', 'BEGIN:A\nBEGIN:B\nEND:B', [['document.unclosed', 1]]],
    ['a property outside', 'X:1\nBEGIN:A\nEND:A', [['document.stray', 1]]],
    ['nothing', 'x', [['line.colon', 1]]],
    ['a component without a name', 'BEGIN:\nEND:', [['line.name', 1]]],
    ['a component with a blank in its name', 'BEGIN:V EVENT\nEND:V EVENT', [['line.name', 1]]],
    ['too deep', `${'BEGIN:A\n'.repeat(9)}${'END:A\n'.repeat(9)}`, [['document.depth', 9]]],
    [
      'too many properties',
      'BEGIN:A\nX:1\nX:2\nEND:A',
      [['document.properties', 3]],
      { maxProperties: 1 },
    ],
    [
      'too many components',
      'BEGIN:A\nEND:A\nBEGIN:A\nEND:A',
      [['document.components', 3]],
      { maxComponents: 1 },
    ],
  ] as const) {
    test(`refused: ${why}`, () => assert.deepEqual(errors(value, options), expected));
  }
  test('an empty document', () => {
    const parsed = parseDocument(new Uint8Array(), { syntax: 'icalendar' });
    assert.deepEqual(parsed.ok ? [] : parsed.error.map(({ code }) => code), ['document.empty']);
  });
});

describe('edits leave every other octet', () => {
  const value = octets(
    'BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nSUMMARY:a\n  folded\nX-b:c\nBEGIN:VALARM\nEND:VALARM\nEND:VEVENT\nEND:VCALENDAR',
  );
  const object = read(value);
  const [event] = object.components;
  const edited = (edits: readonly Edit[]): string =>
    text(editDocument(object.document, edits)).replaceAll('\r\n', '|');

  test('none at all', () => assert.deepEqual(editDocument(object.document, []), value));
  test('replace, add, remove', () => {
    const edits: Edit[] = [
      ...setProperty(event!, 'SUMMARY', [makeLine('SUMMARY', 'b')]),
      ...setProperty(event!, 'LOCATION', [makeLine('LOCATION', 'here')]),
      ...setProperty(event!, 'UID', []),
    ];
    assert.equal(
      edited(edits),
      'BEGIN:VCALENDAR|BEGIN:VEVENT|SUMMARY:b|X-b:c|LOCATION:here|BEGIN:VALARM|END:VALARM|END:VEVENT|END:VCALENDAR|',
    );
  });
  test('components', () => {
    const edits: Edit[] = [
      { type: 'remove-component', component: event!.components[0]! },
      {
        type: 'add-component',
        parent: object.calendar,
        component: makeComponent('X-C', [makeLine('A', '1')]),
      },
    ];
    assert.equal(
      edited(edits),
      'BEGIN:VCALENDAR|BEGIN:VEVENT|UID:1|SUMMARY:a|  folded|X-b:c|END:VEVENT|BEGIN:X-C|A:1|END:X-C|END:VCALENDAR|',
    );
  });
  test('an edit inside a component that is removed is not made', () => {
    const edits: Edit[] = [
      { type: 'remove-component', component: event! },
      { type: 'replace', line: propertyOf(event!, 'UID')!, by: [makeLine('UID', '2')] },
    ];
    assert.equal(edited(edits), 'BEGIN:VCALENDAR|END:VCALENDAR|');
  });
});
