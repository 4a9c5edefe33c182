/** A calendar or address book as one file, now or as it was. */
import { mergeCalendar } from '@riad/calendar/conversion/calendar-file';
import { mergeCards } from '@riad/calendar/conversion/card-file';
import { contactsToCsv } from '@riad/calendar/conversion/csv-contacts';
import { eventsToCsv } from '@riad/calendar/conversion/csv-events';
import { toJcal } from '@riad/calendar/conversion/jcal';
import { toJcard } from '@riad/calendar/conversion/jcard';
import { parseDocument } from '@riad/calendar/document/document';
import { type CalendarObject, readCalendarObject } from '@riad/calendar/icalendar/calendar-object';
import { ianaZone } from '@riad/calendar/time-zone/iana';
import { type AddressObject, readAddressObject } from '@riad/calendar/vcard/card';
import type { Moment } from '@riad/calendar-store/history/calendar-history';
import type { CalendarStorage } from '@riad/calendar-store/options';
import { CommandError } from '@riad/runtime/service';
import { eachOf } from '@riad/webdav/storage/pages';
import type { Path } from '@riad/webdav/storage/storage';

export const exportFormats = ['ics', 'vcf', 'json', 'csv'] as const;
export type ExportFormat = (typeof exportFormats)[number];

export type Exported = { readonly octets: Uint8Array; readonly contentType: string };

const productId = '-//Riad//Calendar//EN';

export async function exportCollection(
  storage: CalendarStorage,
  path: Path,
  format: ExportFormat | undefined,
  moment: Moment | undefined,
  timeZone: string,
): Promise<Exported> {
  const [area] = path;
  const contents = await contentsOf(storage, path, moment);
  if (contents === undefined) throw new CommandError(`there is no ${path.join('/')}`);
  if (area === 'addressbooks') return exportCards(contents, format ?? 'vcf');
  return exportEvents(contents, format ?? 'ics', path.at(-1)!, timeZone);
}

async function contentsOf(
  storage: CalendarStorage,
  path: Path,
  moment: Moment | undefined,
): Promise<Uint8Array[] | undefined> {
  const contents: Uint8Array[] = [];
  if (moment === undefined) {
    const view = await storage.view();
    if ((await view.resource(path))?.type !== 'collection') return undefined;
    for await (const member of eachOf(view.members(path, Number.POSITIVE_INFINITY))) {
      const octets = member.type === 'member' ? await view.content(member) : undefined;
      if (octets !== undefined) contents.push(octets);
    }
    return contents;
  }
  const { history } = storage;
  const revision = history.revisionAt(moment);
  if (revision === undefined) return undefined;
  const members = await history.membersAt(path, revision);
  if (members.length === 0 && (await history.collectionAt(path, revision)) === undefined)
    return undefined;
  for (const { name } of members) {
    const octets = await history.contentAt([...path, name], revision);
    if (octets !== undefined) contents.push(octets);
  }
  return contents;
}

function exportEvents(
  contents: readonly Uint8Array[],
  format: ExportFormat,
  name: string,
  timeZone: string,
): Exported {
  const objects: CalendarObject[] = [];
  for (const octets of contents) {
    const read = readCalendarObject(octets);
    if (read.ok) objects.push(read.value);
  }
  if (format === 'csv')
    return {
      octets: Buffer.from(eventsToCsv(objects, ianaZone(timeZone)!)),
      contentType: 'text/csv; charset=utf-8',
    };
  const merged = mergeCalendar(objects, { productId, name });
  if (format === 'ics') return { octets: merged, contentType: 'text/calendar; charset=utf-8' };
  if (format !== 'json') throw new CommandError('a calendar is exported as ics, json or csv');
  const parsed = parseDocument(merged, { syntax: 'icalendar' });
  if (!parsed.ok) throw new CommandError('the calendar cannot be written as one');
  return {
    octets: Buffer.from(`${JSON.stringify(toJcal(parsed.value.components[0]!))}\n`),
    contentType: 'application/calendar+json; charset=utf-8', // RFC 7265 §3
  };
}

function exportCards(contents: readonly Uint8Array[], format: ExportFormat): Exported {
  const objects: AddressObject[] = [];
  for (const octets of contents) {
    const read = readAddressObject(octets);
    if (read.ok) objects.push(read.value);
  }
  switch (format) {
    case 'vcf':
      return { octets: mergeCards(objects), contentType: 'text/vcard; charset=utf-8' };
    case 'csv':
      return {
        octets: Buffer.from(contactsToCsv(objects)),
        contentType: 'text/csv; charset=utf-8',
      };
    case 'json':
      return {
        octets: Buffer.from(`${JSON.stringify(objects.map(toJcard))}\n`),
        contentType: 'application/vcard+json; charset=utf-8', // RFC 7095 §3
      };
    default:
      throw new CommandError('an address book is exported as vcf, json or csv');
  }
}
