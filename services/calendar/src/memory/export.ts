/** A calendar or address book as one file, now or as it was; or all of a user’s, as a zip file. */
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
import { writeZip, type ZipEntry } from './zip.ts';

export const exportFormats = ['ics', 'vcf', 'json', 'csv', 'zip'] as const;
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
  if (path.length === 2) return exportUser(storage, path[1]!, format, moment, timeZone);
  const objects = await objectsOf(storage, path, moment);
  if (objects === undefined) throw new CommandError(`there is no ${path.join('/')}`);
  if (format === 'zip') return zipped(objects.map(named(path)), moment);
  const contents = objects.map(({ octets }) => octets);
  if (path[0] === 'addressbooks') return exportCards(contents, format ?? 'vcf');
  return exportEvents(contents, format ?? 'ics', path.at(-1)!, timeZone);
}

/** Each collection as one file, calendars and address books in folders of their own. */
async function exportUser(
  storage: CalendarStorage,
  user: string,
  format: ExportFormat | undefined,
  moment: Moment | undefined,
  timeZone: string,
): Promise<Exported> {
  if (format !== undefined && format !== 'zip')
    throw new CommandError(`all of ${user}’s collections are exported as zip`);
  const entries: ZipEntry[] = [];
  let homes = 0;
  for (const area of ['calendars', 'addressbooks']) {
    const names = await collectionsOf(storage, [area, user], moment);
    if (names !== undefined) homes++;
    for (const name of names ?? []) {
      const one = await exportCollection(storage, [area, user, name], undefined, moment, timeZone);
      const ending = area === 'calendars' ? 'ics' : 'vcf';
      entries.push({ name: `${area}/${entryName(name, ending)}`, octets: one.octets });
    }
  }
  if (homes === 0) throw new CommandError(`there is no home of ${user}`);
  return zipped(entries, moment);
}

async function collectionsOf(
  storage: CalendarStorage,
  home: Path,
  moment: Moment | undefined,
): Promise<string[] | undefined> {
  if (moment !== undefined) {
    const { history } = storage;
    const revision = history.revisionAt(moment);
    if (revision === undefined || (await history.collectionAt(home, revision)) === undefined)
      return undefined;
    return [...(await history.collectionsAt(home, revision))];
  }
  const view = await storage.view();
  if ((await view.resource(home)) === undefined) return undefined;
  const names: string[] = [];
  for await (const member of eachOf(view.members(home, Number.POSITIVE_INFINITY)))
    if (member.type === 'collection') names.push(member.path.at(-1)!);
  return names;
}

function named([area]: Path): (object: StoredObject) => ZipEntry {
  const ending = area === 'addressbooks' ? 'vcf' : 'ics';
  return ({ name, octets }) => ({ name: entryName(name, ending), octets });
}

/** Programs that unpack it know files by their endings, and take a backslash for a folder. */
function entryName(name: string, ending: string): string {
  const plain = name.replace(/[\\:]/g, '_');
  return plain.toLowerCase().endsWith(`.${ending}`) ? plain : `${plain}.${ending}`;
}

async function zipped(entries: readonly ZipEntry[], moment: Moment | undefined): Promise<Exported> {
  const time = moment instanceof Date ? moment : new Date();
  return { octets: await writeZip(entries, time), contentType: 'application/zip' };
}

type StoredObject = { readonly name: string; readonly octets: Uint8Array };

async function objectsOf(
  storage: CalendarStorage,
  path: Path,
  moment: Moment | undefined,
): Promise<StoredObject[] | undefined> {
  const objects: StoredObject[] = [];
  if (moment === undefined) {
    const view = await storage.view();
    if ((await view.resource(path))?.type !== 'collection') return undefined;
    for await (const member of eachOf(view.members(path, Number.POSITIVE_INFINITY))) {
      const octets = member.type === 'member' ? await view.content(member) : undefined;
      if (octets !== undefined) objects.push({ name: member.path.at(-1)!, octets });
    }
    return objects;
  }
  const { history } = storage;
  const revision = history.revisionAt(moment);
  if (revision === undefined) return undefined;
  const members = await history.membersAt(path, revision);
  if (members.length === 0 && (await history.collectionAt(path, revision)) === undefined)
    return undefined;
  for (const { name } of members) {
    const octets = await history.contentAt([...path, name], revision);
    if (octets !== undefined) objects.push({ name, octets });
  }
  return objects;
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
  if (format !== 'json') throw new CommandError('a calendar is exported as ics, json, csv or zip');
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
      throw new CommandError('an address book is exported as vcf, json, csv or zip');
  }
}
