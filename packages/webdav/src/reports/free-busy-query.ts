/** `C:free-busy-query` (RFC 4791 §7.10): when somebody is busy, and nothing of why. */
import {
  busyPeriods,
  formatFreeBusy,
  mergePeriods,
  unavailablePeriods,
} from '@riad/calendar/icalendar/busy';
import type { CalendarObject } from '@riad/calendar/icalendar/calendar-object';
import type { FreeBusyPeriod } from '@riad/calendar/icalendar/free-busy-periods';
import type { TimeRange } from '@riad/calendar/icalendar/time-range';
import type { Zone } from '@riad/calendar/time-zone/zone';
import { Right } from '../acl/privilege.ts';
import { parseObject, tooMuch } from '../caldav/calendar-data.ts';
import { zoneOfCalendar } from '../caldav/calendar-zone.ts';
import { parseTimeRange } from '../caldav/parse-time-range.ts';
import type { Context } from '../context.ts';
import { DavError } from '../dav-error.ts';
import type { Exchange } from '../exchange.ts';
import { elementOf } from '../properties/kept-element.ts';
import type { DavResponse } from '../request.ts';
import { eachOf } from '../storage/pages.ts';
import { storedNode } from '../tree/find-node.ts';
import type { CollectionNode, Node } from '../tree/node.ts';
import { childOf, type Element } from '../xml/element.ts';
import { CALDAV } from '../xml/namespaces.ts';
import { candidatesIn } from './collection-members.ts';

/** Five years: nobody plans a meeting further ahead, and each instance in it is worked out. */
export const maxFreeBusySeconds = 157_680_000;
/** Periods of one answer before they are merged. */
export const maxFreeBusyPeriods = 20_000;

export async function freeBusyQuery(
  exchange: Exchange,
  node: Node,
  root: Element,
): Promise<DavResponse> {
  const { context, request } = exchange;
  const range = rangeIn(root);
  const periods: FreeBusyPeriod[] = [];
  let searched = 0;
  for await (const calendar of calendarsOf(context, node)) {
    searched++;
    periods.push(...(await busyIn(context, calendar, range)));
    if (periods.length > maxFreeBusyPeriods) throw tooMuch();
  }
  // Who may see nothing is not told whether there is something (§7.10).
  if (searched === 0) throw new DavError(404);
  return {
    status: 200,
    headers: { 'Content-Type': 'text/calendar; charset=utf-8', 'Cache-Control': 'no-store' },
    body: formatFreeBusy(mergePeriods(periods), range, {
      productId: '-//Riad//Calendar//EN',
      uid: `free-busy-${request.requestId}`,
      stampSeconds: context.nowSeconds,
    }),
  };
}

function rangeIn(root: Element): TimeRange {
  const element = childOf(root, CALDAV, 'time-range');
  const range = element && parseTimeRange(element);
  if (range === undefined || !Number.isFinite(range.from) || !Number.isFinite(range.to)) {
    throw new DavError(400, { sentence: 'C:time-range has start and end, in UTC.' });
  }
  if (range.to - range.from > maxFreeBusySeconds) throw tooMuch();
  return range;
}

/** The calendar itself, or those of a home, as far as busy times may be seen. */
async function* calendarsOf(context: Context, node: Node): AsyncGenerator<CollectionNode, void> {
  if (node.type !== 'collection') return;
  const candidates = [node];
  if (node.resource.kind !== 'calendar') {
    candidates.length = 0;
    for await (const resource of eachOf(context.view.members(node.resource.path, 1000))) {
      const child = storedNode(resource.path, resource, undefined);
      if (child.type === 'collection' && child.resource.kind === 'calendar') candidates.push(child);
    }
  }
  for (const one of candidates) {
    if (((await context.access.of(one)) & Right.readFreeBusy) !== 0) yield one;
  }
}

async function busyIn(
  context: Context,
  calendar: CollectionNode,
  range: TimeRange,
): Promise<FreeBusyPeriod[]> {
  if (isTransparent(calendar)) return [];
  const { metadata, owner } = calendar.resource;
  const floating = zoneOfCalendar(context, metadata);
  const principal = await context.engine.directory.principal('user', owner);
  const ownerAddresses = new Set(
    principal?.emailAddresses.map((address) => `mailto:${address.toLowerCase()}`) ?? [],
  );
  const periods: FreeBusyPeriod[] = [];
  const availabilities: CalendarObject[] = [];
  const query = { fromSeconds: range.from, toSeconds: range.to };
  for await (const member of candidatesIn(context, calendar, query, Right.readFreeBusy)) {
    await context.engine.pause();
    const octets = await context.view.content(member.resource);
    const object = octets && parseObject(octets);
    if (object === undefined) continue;
    if (object.kind === 'VAVAILABILITY') availabilities.push(object);
    else periods.push(...take(busyPeriods(object, range, { floating, ownerAddresses })));
    if (periods.length > maxFreeBusyPeriods) throw tooMuch();
  }
  if (availabilities.length === 0) return periods;
  return [...periods, ...unavailable(availabilities, range, floating)];
}

function unavailable(
  objects: readonly CalendarObject[],
  range: TimeRange,
  floating: Zone,
): readonly FreeBusyPeriod[] {
  return take(unavailablePeriods(objects, range, floating));
}

function take(busy: ReturnType<typeof busyPeriods>): readonly FreeBusyPeriod[] {
  if (busy.type === 'too-much-work') throw tooMuch();
  return busy.periods;
}

/** RFC 6638 §9.1: what lies in it keeps nobody busy. */
function isTransparent({ resource }: CollectionNode): boolean {
  const kept = resource.metadata.properties.find(
    ({ namespace, name }) => namespace === CALDAV && name === 'schedule-calendar-transp',
  );
  const element = kept && elementOf(kept);
  return element !== undefined && childOf(element, CALDAV, 'transparent') !== undefined;
}
