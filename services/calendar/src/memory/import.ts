/**
 * A file into a calendar or address book: first it is said what is new, changed, the same or wrong; then it is
 * one change, by the rules of any other, that can be undone as one.
 */
import { createHash, randomUUID } from 'node:crypto';
import type { Problem } from '@riad/calendar/codes';
import { splitCalendar, wrapComponents } from '@riad/calendar/conversion/calendar-file';
import { splitCards } from '@riad/calendar/conversion/card-file';
import { contactsFromCsv } from '@riad/calendar/conversion/csv-contacts';
import { eventsFromCsv } from '@riad/calendar/conversion/csv-events';
import { fromJcal } from '@riad/calendar/conversion/jcal';
import { fromJcard } from '@riad/calendar/conversion/jcard';
import type { Json } from '@riad/calendar/conversion/json-value';
import { formatComponent } from '@riad/calendar/document/serialise';
import type { CalendarStorage } from '@riad/calendar-store/options';
import { CommandError } from '@riad/runtime/service';
import { blobId } from '@riad/store/blob';
import { DavError } from '@riad/webdav/dav-error';
import type { Engine } from '@riad/webdav/engine';
import { writeGoalStates } from '@riad/webdav/resources/goal-states';
import { provideHomes } from '@riad/webdav/resources/provide-homes';
import { eachOf } from '@riad/webdav/storage/pages';
import type { Actor, Collection, Path } from '@riad/webdav/storage/storage';
import { describeObject } from '../described-object.ts';

export type ImportReport = {
  readonly new: readonly string[];
  readonly changed: readonly string[];
  readonly same: number;
  /** With the line of the file. */
  readonly wrong: readonly string[];
  /** What was mended or left out on the way. */
  readonly notes: readonly string[];
  /** Undefined: nothing was written. */
  readonly revision: string | undefined;
};

export type ImportOptions = {
  readonly user: string;
  readonly actor: Actor;
  readonly nowSeconds: number;
  readonly dryRun: boolean;
  readonly fileName: string;
  /** Of times in a table that names none. */
  readonly timeZone: string;
};

type Item = { readonly uid: string; readonly octets: Uint8Array; readonly line: number };

const productId = '-//Riad//Import//EN';
/** Lines of each list that are told. */
const maxTold = 100;

export async function importFile(
  parts: { readonly storage: CalendarStorage; readonly engine: Engine },
  path: Path,
  octets: Uint8Array,
  options: ImportOptions,
): Promise<ImportReport> {
  const { storage, engine } = parts;
  const { user, actor, nowSeconds, dryRun, fileName } = options;
  // Who moves in may import before logging in for the first time.
  await provideHomes(engine, path[1]!, actor);
  const view = await storage.view();
  const collection = await view.resource(path);
  if (collection?.type !== 'collection' || collection.kind === 'folder')
    throw new CommandError(`${path.join('/')} is no calendar or address book`);
  const { items, notes } = itemsOf(octets, fileName, collection, options);
  const report = { new: [] as string[], changed: [] as string[], same: 0, wrong: [] as string[] };
  const goals: { path: Path; octets: Uint8Array; contentType: string }[] = [];
  const contentType = collection.kind === 'calendar' ? 'text/calendar' : 'text/vcard';
  const seen = new Set<string>();
  for (const { uid, octets: content, line } of items) {
    const facts = describeObject(content, collection.kind);
    if (facts === undefined || seen.has(uid)) {
      report.wrong.push(
        facts === undefined
          ? `line ${line}: ${uid}: it cannot be stored`
          : `line ${line}: ${uid}: it was there already`,
      );
      continue;
    }
    seen.add(uid);
    if (collection.components !== undefined && !collection.components.includes(facts.component)) {
      report.wrong.push(`line ${line}: ${uid}: ${facts.component} is not for this calendar`);
      continue;
    }
    let existing: Path | undefined;
    let same = false;
    for await (const member of eachOf(view.candidates(path, { uid }))) {
      existing = member.path;
      same = member.etag === blobId(content);
    }
    if (same) {
      report.same++;
      continue;
    }
    (existing === undefined ? report.new : report.changed).push(uid);
    goals.push({
      path: existing ?? [...path, `${nameOf(uid)}.${contentType === 'text/vcard' ? 'vcf' : 'ics'}`],
      octets: content,
      contentType,
    });
  }
  const told = {
    new: report.new.slice(0, maxTold),
    changed: report.changed.slice(0, maxTold),
    same: report.same,
    wrong: report.wrong.slice(0, maxTold),
    notes: notes.slice(0, maxTold),
  };
  if (dryRun || goals.length === 0) return { ...told, revision: undefined };
  const summary = `${path.at(-1)}: ${report.new.length} new and ${report.changed.length} changed from ${fileName}`;
  try {
    await writeGoalStates(engine, { goals, user, actor, summary, nowSeconds });
  } catch (error) {
    if (error instanceof DavError)
      throw new CommandError(`not imported: ${error.sentence || error.message}`);
    throw error;
  }
  return { ...told, revision: storage.store.head };
}

function itemsOf(
  octets: Uint8Array,
  fileName: string,
  { kind }: Collection,
  { nowSeconds, timeZone }: Pick<ImportOptions, 'nowSeconds' | 'timeZone'>,
): { items: readonly Item[]; notes: string[] } {
  const makeUid = (): string => randomUUID();
  const text = Buffer.from(octets).toString('utf8');
  const csv = /\.csv$/i.test(fileName);
  const json = /^\s*\[/.test(text.slice(0, 100));
  const fail = (problems: readonly Problem[]): never => {
    throw new CommandError(
      problems
        .slice(0, 10)
        .map(sentenceOf)
        .map((sentence) => `${fileName}:${sentence}`)
        .join('\n'),
    );
  };
  if (kind === 'calendar') {
    let source = octets;
    const notes: string[] = [];
    if (csv) {
      const read = eventsFromCsv(text, { makeUid, stampSeconds: nowSeconds, tzid: timeZone });
      if (!read.ok) return fail([read.error]);
      notes.push(...read.value.problems.map(sentenceOf));
      source = wrapComponents(read.value.components, productId);
    } else if (json) {
      const read = fromJcal(JSON.parse(text) as Json);
      if (!read.ok) return fail([read.error]);
      source = formatComponent(read.value);
    }
    const split = splitCalendar(source, makeUid);
    if (!split.ok) return fail(split.error);
    return {
      items: split.value.objects,
      notes: [...notes, ...split.value.notes.map(sentenceOf)],
    };
  }
  let source = octets;
  const notes: string[] = [];
  if (csv) {
    const read = contactsFromCsv(text, { makeUid });
    if (!read.ok) return fail([read.error]);
    notes.push(...read.value.problems.map(sentenceOf));
    source = Buffer.concat(read.value.cards.map((card) => formatComponent(card)));
  } else if (json) {
    const list = JSON.parse(text) as Json[];
    const cards = Array.isArray(list[0]) ? list : [list];
    source = Buffer.concat(
      cards.map((card) => {
        const read = fromJcard(card as Json);
        return read.ok ? formatComponent(read.value) : fail([read.error]);
      }),
    );
  }
  const split = splitCards(source, makeUid);
  if (!split.ok) return fail(split.error);
  return { items: split.value.cards, notes: [...notes, ...split.value.notes.map(sentenceOf)] };
}

function sentenceOf({ line, column, message }: Problem): string {
  return `${line}:${column}: ${message}`;
}

/** A UID may be anything; a name is a segment of a path. */
function nameOf(uid: string): string {
  return /^[A-Za-z0-9][A-Za-z0-9._@-]{0,150}$/.test(uid)
    ? uid
    : createHash('sha256').update(uid).digest('hex').slice(0, 40);
}
