/** The calendar of the examples in RFC 4791 §7.8 and §7.10, after its appendix B. */
import { octets } from './objects.ts';

const eastern = `BEGIN:VTIMEZONE
LAST-MODIFIED:20040110T032845Z
TZID:US/Eastern
BEGIN:DAYLIGHT
DTSTART:20000404T020000
RRULE:FREQ=YEARLY;BYDAY=1SU;BYMONTH=4
TZNAME:EDT
TZOFFSETFROM:-0500
TZOFFSETTO:-0400
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:20001026T020000
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
TZNAME:EST
TZOFFSETFROM:-0400
TZOFFSETTO:-0500
END:STANDARD
END:VTIMEZONE`;

function object(components: string, zone: boolean): Uint8Array {
  const parts = ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//Example Corp.//CalDAV Client//EN'];
  return octets([...parts, ...(zone ? [eastern] : []), components, 'END:VCALENDAR'].join('\n'));
}

function event(uid: string, properties: string): string {
  return `BEGIN:VEVENT\nDTSTAMP:20060206T001121Z\n${properties}\nUID:${uid}@example.com\nEND:VEVENT`;
}

function task(uid: string, properties: string): string {
  return `BEGIN:VTODO\nDTSTAMP:20060205T235335Z\n${properties}\nUID:${uid}@example.com\nEND:VTODO`;
}

const second = '00959BC664CA650E933C892C';

export const appendixB: Readonly<Record<string, Uint8Array>> = {
  'abcd1.ics': object(
    event(
      '74855313FA803DA593CD579A',
      'DTSTART;TZID=US/Eastern:20060102T100000\nDURATION:PT1H\nSUMMARY:Event #1\nDESCRIPTION:Go Steelers!',
    ),
    true,
  ),
  'abcd2.ics': object(
    [
      event(
        second,
        'DTSTART;TZID=US/Eastern:20060102T120000\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=5\nSUMMARY:Event #2',
      ),
      event(
        second,
        'DTSTART;TZID=US/Eastern:20060104T140000\nDURATION:PT1H\nRECURRENCE-ID;TZID=US/Eastern:20060104T120000\nSUMMARY:Event #2 bis',
      ),
      event(
        second,
        'DTSTART;TZID=US/Eastern:20060106T140000\nDURATION:PT1H\nRECURRENCE-ID;TZID=US/Eastern:20060106T120000\nSUMMARY:Event #2 bis bis',
      ),
    ].join('\n'),
    true,
  ),
  'abcd3.ics': object(
    event(
      'DC6C50A017428C5216A2F1CD',
      'ATTENDEE;PARTSTAT=ACCEPTED;ROLE=CHAIR:mailto:cyrus@example.com\nATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:lisa@example.com\nDTSTART;TZID=US/Eastern:20060104T100000\nDURATION:PT1H\nLAST-MODIFIED:20060206T001330Z\nORGANIZER:mailto:cyrus@example.com\nSEQUENCE:1\nSTATUS:TENTATIVE\nSUMMARY:Event #3\nX-ABC-GUID:E1CX5Dr-0007ym-Hz@example.com',
    ),
    true,
  ),
  'abcd4.ics': object(
    task(
      'DDDEEB7915FA61233B861457',
      'DUE;VALUE=DATE:20060104\nSTATUS:NEEDS-ACTION\nSUMMARY:Task #1\nBEGIN:VALARM\nACTION:AUDIO\nTRIGGER;RELATED=START:-PT10M\nEND:VALARM',
    ),
    false,
  ),
  'abcd5.ics': object(
    task(
      'E10BA47467C5C69BB74E8720',
      'DUE;VALUE=DATE:20060107\nSTATUS:NEEDS-ACTION\nSUMMARY:Task #2\nBEGIN:VALARM\nACTION:AUDIO\nTRIGGER;RELATED=START:-PT10M\nEND:VALARM',
    ),
    false,
  ),
  'abcd6.ics': object(
    task(
      'E10BA47467C5C69BB74E8722',
      'COMPLETED:20051223T122322Z\nDUE;VALUE=DATE:20051225\nLAST-MODIFIED:20060205T235308Z\nSTATUS:COMPLETED\nSUMMARY:Task #3',
    ),
    false,
  ),
  'abcd7.ics': object(
    task('E10BA47467C5C69BB74E8725', 'DUE;VALUE=DATE:20060101\nSTATUS:CANCELLED\nSUMMARY:Task #4'),
    false,
  ),
  'abcd8.ics': object(
    'BEGIN:VFREEBUSY\nORGANIZER;CN="Bernard Desruisseaux":mailto:bernard@example.com\nUID:76ef34-54a3d2@example.com\nDTSTAMP:20050530T123421Z\nDTSTART:20060101T000000Z\nDTEND:20060108T000000Z\nFREEBUSY:20050531T230000Z/20050601T010000Z\nFREEBUSY;FBTYPE=BUSY-TENTATIVE:20060102T100000Z/20060102T120000Z\nFREEBUSY:20060103T100000Z/20060103T120000Z\nFREEBUSY:20060104T100000Z/20060104T120000Z\nFREEBUSY;FBTYPE=BUSY-UNAVAILABLE:20060105T100000Z/20060105T120000Z\nFREEBUSY:20060106T100000Z/20060106T120000Z\nEND:VFREEBUSY',
    false,
  ),
};
