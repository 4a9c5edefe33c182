/** `C:calendar-multiget` (RFC 4791 §7.9). */
import { calendarDataIn, writeCalendarData } from '../caldav/calendar-data.ts';
import { zoneOfCalendar } from '../caldav/calendar-zone.ts';
import type { Exchange } from '../exchange.ts';
import { preferencesOf } from '../http/prefer.ts';
import { multistatus } from '../multistatus.ts';
import { samePath } from '../path/url-path.ts';
import { propertyRequestOf } from '../properties/property-request.ts';
import { writeResponse } from '../properties/write-response.ts';
import type { DavResponse } from '../request.ts';
import { contentOf } from '../resources/representation.ts';
import { parentPath } from '../resources/write-plan.ts';
import type { Metadata, Path } from '../storage/storage.ts';
import type { Node } from '../tree/node.ts';
import type { Element } from '../xml/element.ts';
import { CALDAV } from '../xml/namespaces.ts';
import { calendarOf } from './collection-members.ts';
import { hrefsIn, wantedMembers, writeMissing } from './multiget-members.ts';

export async function calendarMultiget(
  exchange: Exchange,
  node: Node,
  root: Element,
): Promise<DavResponse> {
  const { context, request } = exchange;
  const wanted = propertyRequestOf(root) ?? { type: 'allprop', include: [] };
  const data = calendarDataIn(request, wanted);
  const { minimal, applied } = preferencesOf(request.headers);
  hrefsIn(root);
  return multistatus(
    context.engine,
    async function* responses(out) {
      // Nearly always all lie in one calendar.
      let calendar: { readonly path: Path; readonly metadata: Metadata } | undefined;
      for await (const { href, node: member } of wantedMembers(exchange, node, root, 'calendar')) {
        const octets =
          member && (data === undefined ? undefined : await contentOf(context, member));
        if (member === undefined || (data !== undefined && octets === undefined)) {
          writeMissing(out, href);
          yield 1;
          continue;
        }
        const path = parentPath(member.resource.path);
        if (calendar === undefined || !samePath(calendar.path, path))
          calendar = { path, metadata: (await calendarOf(context, member)).metadata };
        const { metadata } = calendar;
        await writeResponse(out, context, member, wanted, {
          minimal,
          special: {
            namespace: CALDAV,
            name: 'calendar-data',
            write: () => {
              if (data === undefined || octets === undefined) return false;
              const zone = zoneOfCalendar(context, metadata);
              return writeCalendarData(out, octets, undefined, data, zone);
            },
          },
        });
        yield 4;
      }
    },
    applied,
  );
}
