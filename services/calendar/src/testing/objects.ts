/** Calendar objects for tests that look at what becomes of them, not at what they mean. */

export const icalendar = { 'content-type': 'text/calendar; charset=utf-8' };

export function event(uid: string, summary: string, more = ''): string {
  return `BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\nBEGIN:VEVENT\r\nUID:${uid}\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:20261201T100000Z\r\nDTEND:20261201T110000Z\r\nSUMMARY:${summary}\r\n${more}END:VEVENT\r\nEND:VCALENDAR\r\n`;
}
