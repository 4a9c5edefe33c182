/** What has become of something, for people: each change with who made it and what differs. */
import { compareCalendarObjects, compareCards } from '@riad/calendar/change/difference';
import {
  describeChanges,
  summariseCalendarChange,
  summariseCardChange,
} from '@riad/calendar/change/sentences';
import { readCalendarObject } from '@riad/calendar/icalendar/calendar-object';
import { readAddressObject } from '@riad/calendar/vcard/card';
import type { HistoryEntry } from '@riad/calendar-store/history/calendar-history';
import type { CalendarStorage } from '@riad/calendar-store/options';
import { formatHref } from '@riad/webdav/path/url-path';
import type { Path } from '@riad/webdav/storage/storage';

export type TimelineEntry = {
  readonly revision: string;
  /** ISO 8601. */
  readonly time: string;
  readonly user: string | undefined;
  readonly device: string | undefined;
  readonly path: string;
  readonly change: HistoryEntry['change'];
  readonly uid: string | undefined;
  /** `Lunch moved from Tue 1 Dec 2026 10:00 to …`; what the commit says where there is nothing to compare. */
  readonly summary: string;
  /** One for each thing that differs, what only programs keep for themselves left out. */
  readonly differences: readonly string[];
};

/** Entries whose octets are compared: each takes two reads of history. */
export const maxTimelineEntries = 1000;

export type TimelineQuery = {
  readonly path?: Path;
  readonly uid?: string;
  readonly user?: string;
  readonly device?: string;
  readonly sinceSeconds?: number;
  readonly limit?: number;
};

export async function timeline(
  storage: CalendarStorage,
  query: TimelineQuery,
): Promise<TimelineEntry[]> {
  const found = await entriesOf(storage, query);
  const entries: TimelineEntry[] = [];
  for (const entry of found) entries.push(await described(storage, entry));
  return entries;
}

async function entriesOf(
  { history }: CalendarStorage,
  { path, uid, user, device, sinceSeconds = 0, limit = 100 }: TimelineQuery,
): Promise<HistoryEntry[]> {
  const most = { limit: Math.min(limit, maxTimelineEntries) };
  if (path === undefined) {
    if (user === undefined) throw new RangeError('whose changes?');
    return history.ofActor(user, device, sinceSeconds, most);
  }
  const found =
    uid !== undefined
      ? history.ofUid(path, uid, most)
      : path.length === 3 // a calendar or address book, whether it is there or not
        ? history.ofCollection(path, most)
        : history.ofPath(path, most);
  return found.filter((entry) => {
    if (entry.timeSeconds < sinceSeconds) return false;
    if (user !== undefined && entry.user !== user) return false;
    return device === undefined || entry.device === device;
  });
}

async function described(storage: CalendarStorage, entry: HistoryEntry): Promise<TimelineEntry> {
  const { revision, timeSeconds, user, device, collection, name, change, uid } = entry;
  const path = [...collection, name];
  const { summary, differences } = await differencesOf(storage, entry, path);
  return {
    revision,
    time: new Date(timeSeconds * 1000).toISOString(),
    user,
    device,
    path: formatHref(path, change === 'make' || change === 'remove'),
    change,
    uid,
    summary,
    differences,
  };
}

async function differencesOf(
  { history, store }: CalendarStorage,
  { revision, change }: HistoryEntry,
  path: Path,
): Promise<{ summary: string; differences: readonly string[] }> {
  const said = async (): Promise<{ summary: string; differences: readonly string[] }> => ({
    summary: (await history.words(revision)).summary,
    differences: [],
  });
  if (change !== 'put' && change !== 'delete') return said();
  const [parent] = (await store.describe(revision)).parents;
  const before = parent === undefined ? undefined : await history.contentAt(path, parent);
  const after = await history.contentAt(path, revision);
  const [area] = path;
  if (area === 'calendars') {
    const [older, newer] = [before, after].map((octets) => {
      const read = octets && readCalendarObject(octets);
      return read?.ok === true ? read.value : undefined;
    });
    if (older === undefined && newer === undefined) return said();
    const differences =
      older === undefined || newer === undefined
        ? []
        : describeChanges(compareCalendarObjects(older, newer));
    return {
      summary: summariseCalendarChange(older, newer),
      differences: differences
        .filter(({ weight }) => weight !== 'bookkeeping')
        .map(({ text }) => text),
    };
  }
  if (area === 'addressbooks') {
    const [older, newer] = [before, after].map((octets) => {
      const read = octets && readAddressObject(octets);
      return read?.ok === true ? read.value : undefined;
    });
    if (older === undefined && newer === undefined) return said();
    const compared =
      older === undefined || newer === undefined ? undefined : compareCards(older.card, newer.card);
    return {
      summary: summariseCardChange(older, newer),
      differences:
        compared === undefined
          ? []
          : describeChanges([compared])
              .filter(({ weight }) => weight !== 'bookkeeping')
              .map(({ text }) => text),
    };
  }
  return said();
}
