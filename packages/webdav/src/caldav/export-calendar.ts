/** Every object of a calendar as components of one VCALENDAR, each time zone once. */
import { propertyOf } from '@riad/calendar/document/document';
import { formatComponent, octetsOf } from '@riad/calendar/document/serialise';
import { makeLine } from '@riad/calendar/syntax/content-line';
import { formatLine } from '@riad/calendar/syntax/line-format';
import { encodeText } from '@riad/calendar/values/text';
import { octetsFromText } from '@riad/octets/ascii';
import type { Context } from '../context.ts';
import { candidatesIn } from '../reports/collection-members.ts';
import { displayNameOf } from '../resources/display-name.ts';
import { contentOf } from '../resources/representation.ts';
import type { CollectionNode } from '../tree/node.ts';
import { parseObject } from './calendar-data.ts';

export async function* exportCalendar(
  context: Context,
  node: CollectionNode,
): AsyncGenerator<Uint8Array, void> {
  yield octetsFromText('BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Riad//Calendar//EN\r\n');
  yield formatLine(makeLine('X-WR-CALNAME', encodeText(displayNameOf(node.resource))));
  const zones = new Set<string>();
  for await (const member of candidatesIn(context, node, {})) {
    const octets = await contentOf(context, member);
    const object = octets && parseObject(octets);
    for (const component of object?.calendar.components ?? []) {
      if (component.name === 'VTIMEZONE') {
        const tzid = propertyOf(component, 'TZID')?.value.trim() ?? '';
        if (zones.has(tzid)) continue;
        zones.add(tzid);
      }
      yield octetsOf(component) ?? formatComponent(component);
    }
  }
  yield octetsFromText('END:VCALENDAR\r\n');
}
