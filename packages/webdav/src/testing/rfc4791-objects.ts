/** A calendar that holds the objects of RFC 4791, appendix B. */
import assert from 'node:assert/strict';
import { appendixB } from '@riad/calendar/testing/rfc4791-appendix-b';
import { House, namespaces } from './house.ts';

export const bernard = '/calendars/ann/bernard/';

/** A calendar that takes everything, with the eight objects. */
export async function bernardsHouse(
  names: readonly string[] = Object.keys(appendixB),
): Promise<House> {
  const house = new House();
  assert.equal((await house.ask('MKCALENDAR', bernard)).status, 201);
  for (const name of names) {
    const { status, text } = await house.ask('PUT', bernard + name, { body: appendixB[name]! });
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
