/**
 * A file into a calendar or address book: first it is said what is new, changed, the same or wrong; then it is
 * one change, by the rules of any other, that can be undone as one.
 */
import { createHash } from 'node:crypto';
import type { CalendarStorage } from '@riad/calendar-store/options';
import { CommandError } from '@riad/runtime/service';
import { blobId } from '@riad/store/blob';
import { DavError } from '@riad/webdav/dav-error';
import type { Engine } from '@riad/webdav/engine';
import { writeGoalStates } from '@riad/webdav/resources/goal-states';
import { provideHomes } from '@riad/webdav/resources/provide-homes';
import { eachOf } from '@riad/webdav/storage/pages';
import type { Actor, Path, View } from '@riad/webdav/storage/storage';
import { describeObject } from '../described-object.ts';
import { type ImportItem, itemsOf } from './import-items.ts';
import { isSameObject } from './same-object.ts';
import { isZip } from './zip.ts';

export type ImportReport = {
  readonly new: readonly string[];
  readonly changed: readonly string[];
  readonly same: number;
  /** With the line of the file, or the entry of a zip file. */
  readonly wrong: readonly string[];
  /** What was mended or left out on the way. */
  readonly notes: readonly string[];
  /** Of each list, with what is not told. */
  readonly totals: { readonly new: number; readonly changed: number; readonly wrong: number };
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

/** Lines of each list that are told; what is wrong is told as far as anybody may read it. */
const maxTold = 100;
const maxWrongTold = 10_000;

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
  const { items, notes, wrong } = await itemsOf(octets, {
    ...options,
    kind: collection.kind,
    pause: engine.pause,
  });
  const report = { new: [] as string[], changed: [] as string[], same: 0, wrong: [...wrong] };
  const goals: { path: Path; octets: Uint8Array; contentType: string }[] = [];
  const contentType = collection.kind === 'calendar' ? 'text/calendar' : 'text/vcard';
  const zipped = isZip(octets);
  const seen = new Set<string>();
  const names = new Set<string>();
  for (const item of items) {
    await engine.pause();
    const { uid, octets: content, from } = item;
    const facts = describeObject(content, collection.kind);
    if (facts === undefined || seen.has(uid)) {
      report.wrong.push(
        facts === undefined
          ? `${from}: ${uid}: it cannot be stored`
          : `${from}: ${uid}: it was there already`,
      );
      continue;
    }
    seen.add(uid);
    if (collection.components !== undefined && !collection.components.includes(facts.component)) {
      report.wrong.push(`${from}: ${uid}: ${facts.component} is not for this calendar`);
      continue;
    }
    let existing: Path | undefined;
    let same = false;
    for await (const member of eachOf(view.candidates(path, { uid }))) {
      existing = member.path;
      same = member.etag === blobId(content);
      const before = same ? undefined : await view.content(member);
      same ||= before !== undefined && isSameObject(collection.kind, before, content);
    }
    if (same) {
      report.same++;
      continue;
    }
    (existing === undefined ? report.new : report.changed).push(zipped ? `${from}: ${uid}` : uid);
    const target = existing ?? [...path, await freeName(view, path, item, names, contentType)];
    names.add(target.at(-1)!);
    goals.push({ path: target, octets: content, contentType });
  }
  const told = {
    new: report.new.slice(0, maxTold),
    changed: report.changed.slice(0, maxTold),
    same: report.same,
    wrong: report.wrong.slice(0, maxWrongTold),
    notes: notes.slice(0, maxTold),
    totals: {
      new: report.new.length,
      changed: report.changed.length,
      wrong: report.wrong.length,
    },
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

/** Its own where it had one that nothing here has, else one made of its UID. */
async function freeName(
  view: View,
  path: Path,
  { uid, name }: ImportItem,
  taken: ReadonlySet<string>,
  contentType: string,
): Promise<string> {
  const isFree =
    name !== undefined &&
    isPlainName(name) &&
    !taken.has(name) &&
    (await view.resource([...path, name])) === undefined;
  return isFree ? name : `${nameOf(uid)}.${contentType === 'text/vcard' ? 'vcf' : 'ics'}`;
}

/** One that a URL can have. */
function isPlainName(name: string): boolean {
  return Buffer.byteLength(name) <= 200 && /^[^.\p{Cc}/\\][^\p{Cc}/\\]*$/u.test(name);
}

/** A UID may be anything; a name is a segment of a path. */
function nameOf(uid: string): string {
  return /^[A-Za-z0-9][A-Za-z0-9._@-]{0,150}$/.test(uid)
    ? uid
    : createHash('sha256').update(uid).digest('hex').slice(0, 40);
}
