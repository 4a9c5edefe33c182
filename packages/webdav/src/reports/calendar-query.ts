/** `C:calendar-query` (RFC 4791 §7.8). */

import type { ComponentFilter } from '@riad/calendar/query/calendar-filter';
import { matchesCalendarFilter } from '@riad/calendar/query/calendar-filter';
import { defaultMaxSteps, makeBudget } from '@riad/calendar/recurrence/budget';
import type { Zone } from '@riad/calendar/time-zone/zone';
import { Right } from '../acl/privilege.ts';
import {
  calendarDataIn,
  parseObject,
  tooMuch,
  writeCalendarData,
} from '../caldav/calendar-data.ts';
import { requestedZone, zoneOfCalendar } from '../caldav/calendar-zone.ts';
import { candidateQueryOf } from '../caldav/candidate-query.ts';
import { parseCalendarFilter } from '../caldav/parse-calendar-filter.ts';
import { type Context, requireRights } from '../context.ts';
import type { Exchange } from '../exchange.ts';
import { type Depth, depthOf } from '../http/depth.ts';
import { preferencesOf } from '../http/prefer.ts';
import { multistatus } from '../multistatus.ts';
import { propertyRequestOf } from '../properties/property-request.ts';
import { writeResponse } from '../properties/write-response.ts';
import type { DavResponse } from '../request.ts';
import { contentOf } from '../resources/representation.ts';
import type { MemberNode, Node } from '../tree/node.ts';
import type { Element } from '../xml/element.ts';
import { CALDAV } from '../xml/namespaces.ts';
import { calendarOf, candidatesIn, collectionsIn } from './collection-members.ts';
import { endAtLimit } from './limited-responses.ts';

/** Steps of recurrence in one answer, each some tens of nanoseconds: a second in all, in small pieces. */
export const maxQuerySteps = 10_000_000;
/** Steps that take as long as one plain response. */
const stepsOfUnit = 50;

export async function calendarQuery(
  exchange: Exchange,
  node: Node,
  root: Element,
): Promise<DavResponse> {
  const { context, request } = exchange;
  await requireRights(context, node, Right.read);
  const wanted = propertyRequestOf(root) ?? { type: 'allprop', include: [] };
  const data = calendarDataIn(request, wanted);
  const filter = parseCalendarFilter(root);
  const ownZone = requestedZone(root);
  // Depth 0 reaches the resource itself: an object, or nothing of a calendar (§7.8).
  const depth = depthOf(request.headers, 0);
  const { minimal, applied } = preferencesOf(request.headers);
  let stepsLeft = maxQuerySteps;
  return multistatus(
    context.engine,
    (out) =>
      endAtLimit(out, node, async function* responses() {
        for await (const { member, zone } of candidates(context, node, filter, depth, ownZone)) {
          const octets = await contentOf(context, member);
          const object = octets && parseObject(octets);
          if (octets === undefined || object === undefined) {
            yield 2;
            continue;
          }
          const budget = makeBudget(Math.min(defaultMaxSteps, stepsLeft));
          const given = budget.stepsLeft;
          const match = matchesCalendarFilter(object, filter, zone, budget);
          const used = given - Math.max(0, budget.stepsLeft);
          stepsLeft -= used;
          if (stepsLeft <= 0) throw tooMuch();
          // An object that cannot be worked out in time may match: one that somebody has sent must not
          // keep all others from being found.
          if (match !== 'no') {
            await writeResponse(out, context, member, wanted, {
              minimal,
              special: {
                namespace: CALDAV,
                name: 'calendar-data',
                write: () =>
                  data !== undefined && writeCalendarData(out, octets, object, data, zone),
              },
            });
          }
          yield 20 + used / stepsOfUnit;
        }
      }),
    applied,
  );
}

type Candidate = { readonly member: MemberNode; readonly zone: Zone };

async function* candidates(
  context: Context,
  node: Node,
  filter: ComponentFilter,
  depth: Depth,
  ownZone: Zone | undefined,
): AsyncGenerator<Candidate, void> {
  if (node.type === 'member') {
    const calendar = await calendarOf(context, node);
    yield { member: node, zone: ownZone ?? zoneOfCalendar(context, calendar.metadata) };
    return;
  }
  const query = candidateQueryOf(filter);
  for await (const calendar of collectionsIn(context, node, 'calendar', depth)) {
    const zone = ownZone ?? zoneOfCalendar(context, calendar.resource.metadata);
    for await (const member of candidatesIn(context, calendar, query)) yield { member, zone };
  }
}
