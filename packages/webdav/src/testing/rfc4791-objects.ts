/** The calendar objects of RFC 4791, Appendix B, and a calendar that holds them. */
import assert from 'node:assert/strict';
import { calendarText, House, namespaces } from './house.ts';

const usEastern = `BEGIN:VTIMEZONE
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

function task(uid: string, lines: string): string {
  return `BEGIN:VTODO\nUID:${uid}\n${lines}\nBEGIN:VALARM\nACTION:AUDIO\nTRIGGER;RELATED=START:-PT10M\nEND:VALARM\nEND:VTODO`;
}

export const objects: Readonly<Record<string, string>> = {
  'abcd1.ics': calendarText(`${usEastern}
BEGIN:VEVENT
DTSTAMP:20060206T001102Z
DTSTART;TZID=US/Eastern:20060102T100000
DURATION:PT1H
SUMMARY:Event #1
Description:Go Steelers!
UID:74855313FA803DA593CD579A@example.com
END:VEVENT`),
  'abcd2.ics': calendarText(`${usEastern}
BEGIN:VEVENT
DTSTAMP:20060206T001121Z
DTSTART;TZID=US/Eastern:20060102T120000
DURATION:PT1H
RRULE:FREQ=DAILY;COUNT=5
SUMMARY:Event #2
UID:00959BC664CA650E933C892C@example.com
END:VEVENT
BEGIN:VEVENT
DTSTAMP:20060206T001121Z
DTSTART;TZID=US/Eastern:20060104T140000
DURATION:PT1H
RECURRENCE-ID;TZID=US/Eastern:20060104T120000
SUMMARY:Event #2 bis
UID:00959BC664CA650E933C892C@example.com
END:VEVENT
BEGIN:VEVENT
DTSTAMP:20060206T001121Z
DTSTART;TZID=US/Eastern:20060106T140000
DURATION:PT1H
RECURRENCE-ID;TZID=US/Eastern:20060106T120000
SUMMARY:Event #2 bis bis
UID:00959BC664CA650E933C892C@example.com
END:VEVENT`),
  'abcd3.ics': calendarText(`${usEastern}
BEGIN:VEVENT
ATTENDEE;PARTSTAT=ACCEPTED;ROLE=CHAIR:mailto:cyrus@example.com
ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:lisa@example.com
DTSTAMP:20060206T001220Z
DTSTART;TZID=US/Eastern:20060104T100000
DURATION:PT1H
LAST-MODIFIED:20060206T001330Z
ORGANIZER:mailto:cyrus@example.com
SEQUENCE:1
STATUS:TENTATIVE
SUMMARY:Event #3
UID:DC6C50A017428C5216A2F1CD@example.com
X-ABC-GUID:E1CX5Dr-0007ym-Hz@example.com
END:VEVENT`),
  'abcd4.ics': calendarText(
    task(
      'DDDEEB7915FA61233B861457@example.com',
      'DTSTAMP:20060205T235335Z\nDUE;VALUE=DATE:20060104\nSTATUS:NEEDS-ACTION\nSUMMARY:Task #1',
    ),
  ),
  'abcd5.ics': calendarText(
    task(
      'E10BA47467C5C69BB74E8720@example.com',
      'DTSTAMP:20060205T235300Z\nDUE;VALUE=DATE:20060106\nLAST-MODIFIED:20060205T235308Z\nSEQUENCE:1\nSTATUS:NEEDS-ACTION\nSUMMARY:Task #2',
    ),
  ),
  'abcd6.ics': calendarText(
    task(
      'E10BA47467C5C69BB74E8722@example.com',
      'COMPLETED:20051223T122322Z\nDTSTAMP:20060205T235400Z\nDUE;VALUE=DATE:20051225\nLAST-MODIFIED:20060205T235308Z\nSEQUENCE:1\nSTATUS:COMPLETED\nSUMMARY:Task #3',
    ),
  ),
  'abcd7.ics': calendarText(
    task(
      'E10BA47467C5C69BB74E8725@example.com',
      'DTSTAMP:20060205T235600Z\nDUE;VALUE=DATE:20060101\nLAST-MODIFIED:20060205T235308Z\nSEQUENCE:1\nSTATUS:CANCELLED\nSUMMARY:Task #4',
    ),
  ),
  'abcd8.ics': calendarText(`BEGIN:VFREEBUSY
ORGANIZER;CN="Bernard Desruisseaux":mailto:bernard@example.com
UID:76ef34-54a3d2@example.com
DTSTAMP:20050530T123421Z
DTSTART:20060101T000000Z
DTEND:20060108T000000Z
FREEBUSY:20050531T230000Z/20050601T010000Z
FREEBUSY;FBTYPE=BUSY-TENTATIVE:20060102T100000Z/20060102T120000Z
FREEBUSY:20060103T100000Z/20060103T120000Z
FREEBUSY:20060104T100000Z/20060104T120000Z
FREEBUSY;FBTYPE=BUSY-UNAVAILABLE:20060105T100000Z/20060105T120000Z
FREEBUSY:20060106T100000Z/20060106T120000Z
END:VFREEBUSY`),
};

export const bernard = '/calendars/ann/bernard/';

/** A calendar that takes everything, with the eight objects. */
export async function bernardsHouse(
  names: readonly string[] = Object.keys(objects),
): Promise<House> {
  const house = new House();
  assert.equal((await house.ask('MKCALENDAR', bernard)).status, 201);
  for (const name of names) {
    const { status, text } = await house.ask('PUT', bernard + name, { body: objects[name]! });
    assert.equal(status, 201, text);
  }
  return house;
}

/** A calendar-query with this filter inside VCALENDAR; names of what it finds. */
export function query(filter: string, prop = '<D:getetag/>', more = ''): string {
  return `<C:calendar-query ${namespaces}><D:prop>${prop}</D:prop><C:filter><C:comp-filter name="VCALENDAR">${filter}</C:comp-filter></C:filter>${more}</C:calendar-query>`;
}

export async function found(
  house: House,
  filter: string,
  calendar: string = bernard,
  more = '',
): Promise<string[]> {
  const answer = await house.list('REPORT', calendar, {
    headers: { Depth: '1' },
    body: query(filter, '<D:getetag/>', more),
  });
  return answer.hrefs.map((href) => href.slice(calendar.length));
}
