/** `C:calendar-multiget` (RFC 4791 §7.9). */
import { calendarDataIn, writeCalendarData } from '../caldav/calendar-data.ts';
import { zoneOfCalendar } from '../caldav/calendar-zone.ts';
import type { Exchange } from '../exchange.ts';
import { preferencesOf } from '../http/prefer.ts';
import { eachWritten, multistatus } from '../multistatus.ts';
import { isWithin } from '../path/url-path.ts';
import { propertyRequestOf } from '../properties/property-request.ts';
import { writeResponse } from '../properties/write-response.ts';
import type { DavResponse } from '../request.ts';
import { parentPath } from '../resources/write-plan.ts';
import type { Metadata, Path } from '../storage/storage.ts';
import type { MemberNode, Node } from '../tree/node.ts';
import type { Element } from '../xml/element.ts';
import { CALDAV } from '../xml/namespaces.ts';
import { calendarOf } from './collection-members.ts';
import { hrefsIn, type WantedMember, wantedMembers, writeMissing } from './multiget-members.ts';

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
  // Nearly always all lie in one calendar.
  let calendar: { readonly path: Path; readonly metadata: Metadata } | undefined;
  return multistatus(
    context.engine,
    (out) => {
      const write = ({ node: member, octets }: WantedMember): void | Promise<void> => {
        const { metadata } = calendar!;
        return writeResponse(out, context, member!, wanted, {
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
      };
      const writeOther = async (found: WantedMember, member: MemberNode): Promise<void> => {
        const { metadata } = await calendarOf(context, member);
        calendar = { path: parentPath(member.resource.path), metadata };
        await write(found);
      };
      const pages = wantedMembers(exchange, node, root, 'calendar', data !== undefined);
      return eachWritten(
        pages,
        (found) => {
          const { href, node: member, octets } = found;
          if (member === undefined || (data !== undefined && octets === undefined))
            return writeMissing(out, href);
          const { path } = member.resource;
          return calendar !== undefined &&
            path.length === calendar.path.length + 1 &&
            isWithin(path, calendar.path)
            ? write(found)
            : writeOther(found, member);
        },
        4,
      );
    },
    applied,
  );
}
