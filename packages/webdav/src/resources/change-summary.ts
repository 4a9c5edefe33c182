/** One line about a change, for people who read the history: `Work: "Lunch" moved from … to …`. */
import { summariseCalendarChange, summariseCardChange } from '@riad/calendar/change/sentences';
import type { CalendarObject } from '@riad/calendar/icalendar/calendar-object';
import type { AddressObject } from '@riad/calendar/vcard/card';
import { parseObject } from '../caldav/calendar-data.ts';
import { parseCard } from '../carddav/address-data.ts';
import type { Context } from '../context.ts';
import type { Collection, Member } from '../storage/storage.ts';
import { displayNameOf } from './display-name.ts';
import { nameOf } from './write-plan.ts';

/** Larger objects are not compared: reading both would take longer than the rest of the change. */
const maxComparedOctets = 65_536;

/** What has been read already, when it was checked. */
export type ParsedObject = {
  readonly calendarObject?: CalendarObject;
  readonly card?: AddressObject;
};

export async function summaryOf(
  context: Context,
  collection: Collection,
  name: string,
  before: Member | undefined,
  after: (ParsedObject & { readonly octets: Uint8Array }) | undefined,
): Promise<string> {
  const place = displayNameOf(collection);
  const verb = after === undefined ? 'removed' : before === undefined ? 'added' : 'changed';
  const plain = `${place}: ${name} ${verb}`;
  if (collection.kind === 'folder') return plain;
  const small = (before?.sizeOctets ?? 0) + (after?.octets.length ?? 0) <= maxComparedOctets;
  if (!small) return plain;
  const old = before && (await context.view.content(before));
  const text =
    collection.kind === 'calendar'
      ? summariseCalendarChange(old && parseObject(old), after?.calendarObject)
      : summariseCardChange(old && parseCard(old), after?.card);
  return `${place}: ${text}`;
}

/** Of a plan for a member that goes. */
export async function removalSummary(
  context: Context,
  collection: Collection | undefined,
  member: Member,
): Promise<string> {
  if (collection === undefined) return `${nameOf(member.path)} removed`;
  return summaryOf(context, collection, nameOf(member.path), member, undefined);
}
