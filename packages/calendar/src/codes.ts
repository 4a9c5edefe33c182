/**
 * Every code this package gives for what it refuses or only tolerates, with one sentence each. Codes
 * under `tolerated.` stand in notes: the document was taken as it is.
 */
export const codes = {
  'document.octets': 'the document is larger than the limit',
  'document.lines': 'the document has more lines than the limit',
  'document.depth': 'components are nested deeper than the limit',
  'document.properties': 'the document has more properties than the limit',
  'document.components': 'the document has more components than the limit',
  'document.empty': 'there is no component',
  'document.end': 'END without a matching BEGIN',
  'document.unclosed': 'BEGIN without a matching END',
  'document.stray': 'a property outside every component',
  'line.fold': 'a continuation line with nothing before it',
  'line.name': 'a line must begin with a name of letters, digits and dashes',
  'line.colon': 'a line must have a colon before its value',
  'line.parameter': 'a parameter is NAME=VALUE',
  'line.quote': 'a quoted parameter value does not end',
  'line.control': 'a control character, which neither iCalendar nor XML can carry',
  'line.utf8': 'not UTF-8',
  'line.parameters': 'a line has more parameters than the limit',
  'value.date': 'a date is YYYYMMDD and one that exists',
  'value.date-time': 'a date-time is YYYYMMDDTHHMMSS, with Z for UTC, and one that exists',
  'value.duration': 'a duration is like P1DT2H30M, P2W or -PT15M',
  'value.period': 'a period is START/END or START/DURATION',
  'value.utc-offset': 'a UTC offset is +HHMM or -HHMM',
  'value.rule': 'a recurrence rule is malformed',
  'value.rscale': 'a recurrence rule in a calendar that is not supported',
  'value.zone': 'a time zone that cannot be evaluated',
  'object.kind': 'not the kind of document that is stored here',
  'object.version': 'VERSION is missing or another than the one that is read here',
  'object.method': 'a stored object has no METHOD',
  'object.component': 'an object has components of one kind, and at least one',
  'object.uid': 'all components of an object have the same UID, and have one',
  'object.start': 'a component that recurs, or is an event, needs DTSTART',
  'object.twice': 'two components for the same instance',
  'object.calendar': 'a calendar scale other than GREGORIAN',
  'card.version': 'a version of vCard that is not read here',
  'card.name': 'a vCard needs FN, or N',
  'filter.nesting': 'a component that cannot stand there',
  'filter.time-range': 'a time range that is empty, open on both sides, or where none can be',
  'filter.combination': 'is-not-defined stands with other conditions',
  'filter.name': 'a component, property or parameter that cannot be searched',
  'filter.collation': 'a collation that is not supported',
  'json.shape': 'not jCal and not jCard',
  'csv.quote': 'a quoted field does not end, or something follows it',
  'csv.columns': 'the header line names no column that is known',
  'csv.rows': 'more rows than the limit',
  'csv.date': 'a date or time that is not understood',
  'tolerated.byte-order-mark': 'a byte order mark before the first line',
  'tolerated.bare-line-feed': 'lines that end in LF alone',
  'tolerated.blank-line': 'an empty line',
  'tolerated.trailing-blank': 'blanks after a name',
  'tolerated.end-of-file': 'the last line has no line break',
  'tolerated.name': 'a name with characters that no name should have',
  'tolerated.case': 'a component name in lower case',
  'tolerated.quote': 'a quotation mark inside a parameter value',
  'tolerated.bare-parameter': 'a parameter without a name, as in vCard 2.1',
  'tolerated.twice': 'a property that should stand once stands more often',
  'tolerated.missing': 'a property that should be there is not',
  'tolerated.value': 'a value that is not what its property should have',
  'tolerated.end': 'an end that is not after the start',
  'tolerated.zone-missing': 'a time zone without VTIMEZONE',
  'tolerated.zone-unused': 'a VTIMEZONE that nothing refers to',
  'tolerated.zone-differs': 'a VTIMEZONE that says otherwise than IANA does; IANA is followed',
  'tolerated.zone-name': 'a time zone that has another name elsewhere',
  'tolerated.zone-unknown': 'a time zone that nobody knows; the calendar’s is used',
  'tolerated.rule': 'a recurrence rule with parts that should not stand together',
} as const;

export type Code = keyof typeof codes;

/** What is wrong with a document, or was tolerated in it. Match on `code`; the message is for people. */
export type Problem = {
  readonly code: Code;
  /** Counted from 1; 0 where the document as a whole is meant. */
  readonly line: number;
  /** In octets of that line, counted from 1; 0 where the line as a whole is meant. */
  readonly column: number;
  readonly message: string;
};

export function problem(code: Code, line: number, column: number, detail?: string): Problem {
  const message = detail === undefined ? codes[code] : `${codes[code]}: ${detail}`;
  return { code, line, column, message };
}

/** `Line 3, column 14: a date is YYYYMMDD and one that exists: 20260230.` */
export function sentenceOf({ line, column, message }: Problem): string {
  const place = line === 0 ? '' : `Line ${line}${column === 0 ? '' : `, column ${column}`}: `;
  return `${place}${message}.`;
}

/** `3:14: a date is YYYYMMDD and one that exists: 20260230 (value.date)` */
export function formatProblem({ code, line, column, message }: Problem): string {
  const place = line === 0 ? '' : `${line}:${column === 0 ? '' : `${column}:`} `;
  return `${place}${message} (${code})`;
}
