/** A file as the objects that are in it: iCalendar, vCard, jCal, jCard, tables; or many of them in a zip file. */
import { randomUUID } from 'node:crypto';
import type { Problem } from '@riad/calendar/codes';
import { splittingCalendar, wrapComponents } from '@riad/calendar/conversion/calendar-file';
import { splittingCards } from '@riad/calendar/conversion/card-file';
import { contactsFromCsv } from '@riad/calendar/conversion/csv-contacts';
import { eventsFromCsv } from '@riad/calendar/conversion/csv-events';
import { fromJcal } from '@riad/calendar/conversion/jcal';
import { fromJcard } from '@riad/calendar/conversion/jcard';
import type { Json } from '@riad/calendar/conversion/json-value';
import { formatComponent } from '@riad/calendar/document/serialise';
import { inTurns } from '@riad/octets/pieces';
import { CommandError } from '@riad/runtime/service';
import type { Collection } from '@riad/webdav/storage/storage';
import { describeObject } from '../described-object.ts';
import { isZip, readZip } from './zip.ts';

export type ImportItem = {
  readonly uid: string;
  readonly octets: Uint8Array;
  /** `line 12`, or of a zip file the entry. */
  readonly from: string;
  /** What it was called where it comes from. */
  readonly name?: string;
};

export type ImportItems = {
  readonly items: readonly ImportItem[];
  /** What was mended or left out on the way. */
  readonly notes: string[];
  /** What could not be read, with where. */
  readonly wrong: string[];
};

type Origin = {
  readonly fileName: string;
  readonly kind: Collection['kind'];
  readonly nowSeconds: number;
  readonly timeZone: string;
  readonly pause: () => Promise<void>;
};

const productId = '-//Riad//Import//EN';

/** Rejects for a file that cannot be read; of a zip file each entry is for itself. */
export async function itemsOf(octets: Uint8Array, origin: Origin): Promise<ImportItems> {
  return isZip(octets) ? ofZip(octets, origin) : ofFile(octets, origin);
}

/** Folders mean nothing. An entry that is one object stays as it is, and keeps its name. */
async function ofZip(octets: Uint8Array, origin: Origin): Promise<ImportItems> {
  const { fileName, kind, pause } = origin;
  const items: ImportItem[] = [];
  const notes: string[] = [];
  const wrong: string[] = [];
  for await (const { name, octets: content } of readZip(octets, fileName)) {
    await pause();
    const ending = /\.([^./]+)$/.exec(name)?.[1]?.toLowerCase() ?? '';
    if (!endings[kind === 'calendar' ? 'calendar' : 'address-book'].has(ending)) {
      wrong.push(`${name}: nothing for ${kind === 'calendar' ? 'a calendar' : 'an address book'}`);
      continue;
    }
    const single = describeObject(content, kind);
    if (single !== undefined) {
      const base = name.slice(name.lastIndexOf('/') + 1);
      items.push({ uid: single.uid, octets: content, from: name, name: base });
      continue;
    }
    try {
      const found = await ofFile(content, { ...origin, fileName: name });
      items.push(...found.items.map((item) => ({ ...item, from: `${name}: ${item.from}` })));
      notes.push(...found.notes.map((note) => `${name}:${note}`));
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      wrong.push(error.message);
    }
  }
  return { items, notes, wrong };
}

const endings: Readonly<Record<'calendar' | 'address-book', ReadonlySet<string>>> = {
  calendar: new Set(['ics', 'ical', 'ifb', 'json', 'csv']),
  'address-book': new Set(['vcf', 'vcard', 'json', 'csv']),
};

async function ofFile(
  octets: Uint8Array,
  { fileName, kind, nowSeconds, timeZone, pause }: Origin,
): Promise<ImportItems> {
  const makeUid = (): string => randomUUID();
  const text = (from = octets): string => Buffer.from(from).toString('utf8');
  const csv = /\.csv$/i.test(fileName);
  const json = /^\s*\[/.test(text(octets.subarray(0, 100)));
  const fail = (problems: readonly Problem[]): never => {
    throw new CommandError(
      problems
        .slice(0, 10)
        .map(sentenceOf)
        .map((sentence) => `${fileName}:${sentence}`)
        .join('\n'),
    );
  };
  const parse = (): Json => {
    try {
      return JSON.parse(text()) as Json;
    } catch (error) {
      throw new CommandError(`${fileName}: ${(error as Error).message}`);
    }
  };
  const placed = <Item extends { readonly line: number }>(
    items: readonly Item[],
  ): (Item & { from: string })[] => items.map((item) => ({ ...item, from: `line ${item.line}` }));
  const notes: string[] = [];
  let source = octets;
  if (kind === 'calendar') {
    if (csv) {
      const read = eventsFromCsv(text(), { makeUid, stampSeconds: nowSeconds, tzid: timeZone });
      if (!read.ok) return fail([read.error]);
      notes.push(...read.value.problems.map(sentenceOf));
      source = wrapComponents(read.value.components, productId);
    } else if (json) {
      const read = fromJcal(parse());
      if (!read.ok) return fail([read.error]);
      source = formatComponent(read.value);
    }
    const split = await inTurns(splittingCalendar(source, makeUid), pause);
    if (!split.ok) return fail(split.error);
    notes.push(...split.value.notes.map(sentenceOf));
    return { items: placed(split.value.objects), notes, wrong: [] };
  }
  if (csv) {
    const read = contactsFromCsv(text(), { makeUid });
    if (!read.ok) return fail([read.error]);
    notes.push(...read.value.problems.map(sentenceOf));
    source = Buffer.concat(read.value.cards.map((card) => formatComponent(card)));
  } else if (json) {
    const list = parse() as Json[];
    const cards = Array.isArray(list[0]) ? list : [list];
    source = Buffer.concat(
      cards.map((card) => {
        const read = fromJcard(card as Json);
        return read.ok ? formatComponent(read.value) : fail([read.error]);
      }),
    );
  }
  const split = await inTurns(splittingCards(source, makeUid), pause);
  if (!split.ok) return fail(split.error);
  notes.push(...split.value.notes.map(sentenceOf));
  return { items: placed(split.value.cards), notes, wrong: [] };
}

function sentenceOf({ line, column, message }: Problem): string {
  return `${line}:${column}: ${message}`;
}
