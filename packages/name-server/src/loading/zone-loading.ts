/**
 * Brings zones into the image as they are asked for: from files, updates and transfers. Keeps the last
 * good text of each, the journal of all changes, and a snapshot of the whole.
 */
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { formatName, type Name, parseName, root } from '@riad/dns/name';
import { type Catalog, readCatalog } from '@riad/dns-server/catalog/read-catalog';
import type { ZoneChange } from '@riad/dns-server/zone-history/zone-change';
import type { ZoneRecord } from '@riad/dns-server/zone-image/zone-commit';
import type { ZoneImage } from '@riad/dns-server/zone-image/zone-image';
import { forEachRecord } from '@riad/dns-server/zone-image/zone-records';
import {
  type LoadedChange,
  type LoadFault,
  type LoadOutcome,
  loadZone,
} from '@riad/dns-server/zone-loading/load-zone';
import { printZone } from '@riad/dns-server/zone-loading/print-zone';
import type { ZoneText } from '@riad/dns-server/zone-loading/zone-text';
import { hmac } from '@riad/net/ciphers/hmac';
import type { Sha1 } from '@riad/net/ciphers/sha1';
import type { Disk } from '@riad/store/disk';
import type { Entry } from '@riad/store/journal';
import { packChanges } from './change-messages.ts';
import { readIncluded } from './included-file.ts';
import type { JournalRecord } from './journal-record.ts';
import type { ChangeAuthor } from './journal-record-head.ts';
import type { KeptTransfers } from './kept-transfers.ts';
import type { LastGoodTexts } from './last-good-texts.ts';
import type {
  LoaderReply,
  PendingChanges,
  UpdateResult,
  ZoneCommand,
  ZoneNews,
  ZoneResult,
} from './loader-messages.ts';
import { type JournalledChange, mayBePending, pendingChange } from './pending-change.ts';
import { servedZone, servedZones } from './served-zones.ts';
import { SnapshotSchedule } from './snapshot-schedule.ts';
import { WarningSchedule } from './warning-schedule.ts';
import { type TransferCommand, type TransferResult, ZoneCopies } from './zone-copies.ts';
import type { JournalEntry, ZoneJournal } from './zone-journal.ts';
import { zoneNews } from './zone-news.ts';
import type { Checkpoints } from './zone-restart.ts';
import { zoneKey } from './zone-settling.ts';
import { type UpdateJob, ZoneUpdates } from './zone-updates.ts';

/** What waits for readers to let go is looked at again after so long. */
const reclaimMs = 250;
/** Larger files are refused: their zone would not fit into memory anyway. */
export const maxZoneFileOctets: number = 2 ** 31 - 1;

/** What was published is told so much later at most: each telling wakes another thread. */
export const tellMs = 20;
/** … or when so much has gathered. */
const mostUntold = 256;

export type ZoneLoadingParts = {
  readonly image: ZoneImage;
  readonly disk: Disk;
  readonly stateDirectory: string;
  readonly texts: LastGoodTexts;
  readonly kept: KeptTransfers;
  /** Octets of changes that the journal has of a zone beyond its kept transfer. */
  readonly behind: Map<string, number>;
  readonly journal: ZoneJournal;
  readonly checkpoints: Checkpoints;
  /** Number of the last change of each zone. */
  readonly changedAt: Map<string, number>;
  readonly rootOrigin: boolean;
  readonly raiseSerial: boolean;
  readonly say: (reply: LoaderReply) => void;
  readonly sha1: Sha1;
  /** The file of a zone, whole. */
  readonly readZoneFile?: (path: string) => Uint8Array;
};

/** A change that the others have not heard of: its octets, and not the records that made them, which then die young. */
type Untold = Entry & { readonly zone: string; readonly changed: boolean };

/** Why a zone's text takes no changes. */
const fixedBecause = (text: ZoneText): string | undefined =>
  text.includes
    ? 'the zone’s file uses $INCLUDE, and what an update changes could not be written into it'
    : text.generates === true
      ? 'the zone’s file uses $GENERATE, and what an update changes could not be written into it'
      : undefined;

export class ZoneLoading {
  readonly image: ZoneImage;
  readonly #parts: ZoneLoadingParts;
  readonly #texts: LastGoodTexts;
  readonly #journal: ZoneJournal;
  readonly #checkpoints: Checkpoints;
  readonly #changedAt: Map<string, number>;
  readonly #sha1: Sha1;
  readonly #updates: ZoneUpdates;
  readonly #copies: ZoneCopies;
  readonly #snapshots: SnapshotSchedule;
  readonly #warnings: WarningSchedule;
  #reclaiming: NodeJS.Timeout | undefined;
  #untold: Untold[] = [];
  #telling: NodeJS.Timeout | undefined;

  constructor(parts: ZoneLoadingParts) {
    const { image, disk, texts, journal, checkpoints, changedAt, sha1, say, stateDirectory } =
      parts;
    this.image = image;
    this.#parts = parts;
    this.#texts = texts;
    this.#journal = journal;
    this.#checkpoints = checkpoints;
    this.#changedAt = changedAt;
    this.#sha1 = sha1;
    this.#updates = new ZoneUpdates({
      image,
      sha1,
      journal: () => journal,
      fixedBecause: (zone) => texts.fixedBecause(zone),
      published: (changes) => this.#published(changes),
    });
    this.#copies = new ZoneCopies({
      ...{ image, sha1, journal, kept: parts.kept, behind: parts.behind, hmac },
      published: (changes) => {
        this.#published(changes);
        if (changes.some(({ record }) => record.kind === 'whole')) this.#snapshots.soon();
      },
      complain: (text) => say({ type: 'complaint', text }),
    });
    this.#snapshots = new SnapshotSchedule(image, disk, stateDirectory, journal, say, () =>
      this.#oldestNeeded(),
    );
    this.#warnings = new WarningSchedule(texts, parts.rootOrigin ? root : undefined, say);
    if (checkpoints.size > 0) this.#snapshots.soon();
    image.expectNone();
  }

  perform(command: Exclude<ZoneCommand, { type: TransferCommand['type'] }>): ZoneResult {
    try {
      switch (command.type) {
        case 'load':
          return this.#load(command.zone, command.path, command.confirmed);
        case 'remove':
          return this.#remove(command.zone);
        case 'withhold':
          return this.#withhold(command.zone, command.withheld);
        case 'expect':
          return this.#expect(command.zone);
        case 'catalog':
          return this.#catalog(command.zone);
        case 'made-catalogs':
          return this.#madeCatalogs();
        case 'pending':
          return this.#pending(command.zone);
        default:
          this.#texts.take(command.zone, command.text);
          this.#checkpoints.delete(command.zone);
          return { kind: 'noted' };
      }
    } catch (error) {
      const code = (error as { code?: string }).code ?? 'internal';
      const known = code === 'arena.full' || code.startsWith('journal.') || isFileError(error);
      if (!known) throw error;
      const file = command.type === 'load' ? command.path : '';
      return {
        kind: 'refused',
        faults: [{ code, file, line: 0, column: 0, message: (error as Error).message }],
      };
    }
  }

  /** A piece of a transfer. */
  transfer(command: TransferCommand): TransferResult {
    return this.#copies.perform(command);
  }

  /** Updates that arrived together; the results in their order. `expected`: as for ZoneUpdates. */
  update(
    jobs: readonly UpdateJob[],
    expected?: (results: readonly UpdateResult[]) => void,
  ): UpdateResult[] {
    return this.#updates.perform(jobs, expected);
  }

  /** What the journal has, for who answers with differences and writes into files. */
  history(): Iterable<Entry> {
    return this.#journal.payloads();
  }

  /** What secondaries are told of all zones, so many at a time. */
  *news(piece: number): Generator<ZoneNews[]> {
    let news: ZoneNews[] = [];
    for (const { name } of servedZones(this.image)) {
      const found = this.#newsOf(parseName(name));
      if (found !== undefined) news.push(found);
      if (news.length < piece) continue;
      yield news;
      news = [];
    }
    if (news.length > 0) yield news;
  }

  /** The image to disk now, if no reader holds what a commit replaced. */
  saveSnapshot(): void {
    this.#snapshots.save();
  }

  /** Nothing is done later any more: for who goes on without a thread of its own that ends. */
  stop(): void {
    for (const timer of [this.#telling, this.#reclaiming]) clearTimeout(timer);
    this.#snapshots.stop();
    this.#warnings.stop();
  }

  #load(zone: string, path: string, confirmed: boolean): ZoneResult {
    const started = performance.now();
    const text = (this.#parts.readZoneFile ?? readFileSync)(path);
    const fault = (code: string, message: string): ZoneResult => ({
      kind: 'refused',
      faults: [{ code, file: path, line: 0, column: 0, message }],
    });
    if (text.length === 0) return fault('zone.empty-file', 'the file is empty');
    if (text.length > maxZoneFileOctets)
      return fault('zone.file-too-large', 'the file is too large');
    const apexName = parseName(zone);
    this.#texts.takeUnheard(zone, text);
    const before = this.#rememberedText(zone);
    if (!confirmed && before !== undefined && endsLine(before.octets) && !endsLine(text))
      return fault(
        'zone.cut-short',
        'the file ends in the middle of its last line, which the last good version did not: it looks cut short; if it is whole, end its last line',
      );
    const kept = this.#texts.sequenceOf(zone);
    const pending = kept !== undefined && (this.#changedAt.get(zone) ?? 0) > kept;
    const changes: JournalRecord[] = [];
    let journalled: readonly JournalEntry[] = [];
    const outcome = loadZone(
      this.image,
      {
        apexName,
        text,
        file: path,
        before,
        include: (name) => readIncluded(dirname(path), name),
        confirmed,
        raiseSerial: this.#parts.raiseSerial,
        ...(this.#parts.rootOrigin ? { origin: root } : {}),
        ...(pending ? { pending: () => this.#pendingOf(apexName, kept) } : {}),
        beforePublish: (change) => {
          changes.push(...recordsOf(apexName, change));
          // What is published has to be in the journal, and the text of a whole zone beside it.
          journalled =
            change.how === 'edited'
              ? this.#journal.append(changes)
              : this.#keepWhole(zone, change, changes, pending ? kept : undefined);
        },
      },
      this.#sha1,
    );
    if (outcome.kind === 'refused') return { kind: 'refused', faults: outcome.faults.map(plain) };
    if (outcome.kind === 'held') return { kind: 'held', ...outcome.loss };
    const served = servedZone(this.image, this.image.zoneOf(apexName));
    if (outcome.kind !== 'unchanged') this.#warnings.changed(zone, text.length);
    else this.#warnings.seen(zone, text.length);
    if (outcome.kind === 'unchanged') return { kind: 'unchanged', zone: served };
    // All hear of it first: it is served, even if the disk does not take the text.
    this.#published(journalled);
    if (outcome.how === 'whole') this.#snapshots.soon();
    else this.#keepEdited(zone, outcome, changes.length, pending ? kept : undefined);
    // The text itself is on disk; only its states are worth their memory.
    this.#checkpoints.set(zone, outcome.text.checkpoints);
    release(text);
    if (before !== undefined) release(before.octets);
    return {
      kind: 'served',
      how: outcome.how,
      zone: served,
      milliseconds: Math.round((performance.now() - started) * 10) / 10,
      warnings: outcome.warnings.map(plain),
    };
  }

  /**
   * Keeps the text of a zone that was read whole, and writes to the journal that it was. After a crash in
   * between the text says which record that was to be. `behind`: the number up to which the text has all,
   * if it is behind.
   */
  #keepWhole(
    zone: string,
    { text, serial, zone: built }: Extract<LoadedChange, { how: 'whole' }>,
    changes: readonly JournalRecord[],
    behind: number | undefined,
  ): readonly JournalEntry[] {
    const octets = text.includes ? printZone(this.image, parseName(zone), built) : text.octets;
    const regular = text.includes || text.regular;
    const reading = { sequence: this.#journal.lastSequence + 1, serial };
    // What a text does not say has to have a higher number than it, so that it is done again.
    const sequence = behind ?? reading.sequence;
    // What came by a transfer gives way to a file of the same name; a restart would take it for the newer one.
    this.#copies.forget(zone);
    const fixed = fixedBecause(text);
    const replaced = this.#texts.keep(zone, { octets, regular, fixed, sequence, reading });
    let written: readonly JournalEntry[];
    try {
      written = this.#journal.append(changes);
    } catch (error) {
      replaced.takeBack();
      throw error;
    }
    replaced.settle();
    return written;
  }

  /** Keeps the text of a zone whose changes are in the journal already: so many of them are its own. */
  #keepEdited(
    zone: string,
    { text, inStep }: Extract<LoadOutcome, { kind: 'loaded' }>,
    changes: number,
    behind: number | undefined,
  ): void {
    const { lastSequence } = this.#journal;
    const sequence = behind ?? (inStep ? lastSequence : lastSequence - changes);
    const { octets, regular } = text;
    this.#texts.keep(zone, { octets, regular, fixed: fixedBecause(text), sequence }).settle();
  }

  #isPending(zone: string): boolean {
    const text = this.#texts.entryOf(zone);
    // What includes other files was kept printed, and is not what the file says.
    if (text === undefined || text.fixed?.includes('$INCLUDE') === true) return false;
    return (this.#changedAt.get(zone) ?? 0) > text.sequence;
  }

  #pending(zone: string): PendingChanges {
    const text = this.#texts.entryOf(zone);
    let changes: Entry[] = [];
    if (text !== undefined && this.#isPending(zone)) {
      let wholeOnly = true;
      for (const entry of this.#journal.octetsOf(parseName(zone), text.sequence + 1)) {
        if (!mayBePending(entry)) continue;
        wholeOnly &&= entry.kind === 'whole';
        changes.push(entry);
      }
      if (wholeOnly) changes = [];
    }
    return {
      kind: 'pending',
      changes: packChanges(changes),
      sequence: changes.at(-1)?.sequence ?? 0,
      text: { octets: text?.octets ?? 0, crc32: text?.crc32 ?? 0 },
      regular: text?.regular ?? false,
    };
  }

  /** All that the zone has and its text has not, besides the SOA. */
  #pendingOf(apexName: Name, kept: number): Pick<ZoneChange, 'removals' | 'additions'> {
    const changes: JournalledChange[] = [];
    for (const { record } of this.#journal.entriesOf(apexName, kept + 1))
      if (mayBePending(record)) changes.push(record);
    return pendingChange(changes);
  }

  /** The text on disk that a zone was last loaded from, if all its records stand for themselves. */
  #rememberedText(zone: string): ZoneText | undefined {
    const octets = this.#texts.read(zone);
    return octets === undefined
      ? undefined
      : {
          octets,
          checkpoints: this.#checkpoints.get(zone) ?? [],
          regular: this.#texts.isRegular(zone),
          includes: false,
        };
  }

  #remove(zone: string): ZoneResult {
    const apexName = parseName(zone);
    this.#checkpoints.delete(zone);
    this.#warnings.forget(zone);
    const hosted = this.image.zoneOf(apexName) !== 0;
    if (hosted || this.#keptSequence(zone) !== undefined) {
      const record: JournalRecord = { kind: 'removed', zone: apexName, author: nobody() };
      const written = this.#journal.append([record]);
      this.image.remove(apexName);
      this.#published(written);
      this.#changedAt.delete(zone);
      // Last, for it may fail: a restart then does it.
      this.#texts.forget(zone);
      this.#copies.forget(zone);
    } else this.image.remove(apexName); // it may be expected
    return { kind: hosted ? 'removed' : 'not-hosted' };
  }

  #withhold(zone: string, withheld: boolean): ZoneResult {
    const hosted = this.image.withhold(parseName(zone), withheld);
    this.#scheduleReclaim();
    return { kind: hosted ? 'noted' : 'not-hosted' };
  }

  #expect(zone: string): ZoneResult {
    this.image.expect(parseName(zone));
    this.#scheduleReclaim();
    return { kind: 'noted' };
  }

  #catalog(zone: string): ZoneResult {
    const apexName = parseName(zone);
    const found = this.image.zoneOf(apexName);
    const fromText = this.#texts.entryOf(zone) !== undefined;
    if (found === 0) return { kind: 'catalog', catalog: undefined, fromText };
    return { kind: 'catalog', catalog: this.#readCatalog(apexName, found), fromText };
  }

  #madeCatalogs(): ZoneResult {
    const zones: string[] = [];
    for (const { name } of servedZones(this.image)) {
      if (this.#texts.entryOf(name) !== undefined) continue;
      const apexName = parseName(name);
      if (this.#readCatalog(apexName, this.image.zoneOf(apexName)).ok) zones.push(name);
    }
    return { kind: 'made-catalogs', zones };
  }

  #readCatalog(apexName: Name, zone: number): Catalog {
    const records: ZoneRecord[] = [];
    forEachRecord(this.image, zone, (record) => void records.push(record));
    return readCatalog(apexName, records);
  }

  /** Tells the others of changes that are in the journal and served: soon, and many together. */
  #published(changes: readonly JournalEntry[]): void {
    for (const { sequence, record, payload } of changes) {
      const zone = zoneKey(record.zone);
      const changed = record.kind !== 'confirmed'; // that changes nothing
      if (changed) this.#changedAt.set(zone, sequence);
      this.#untold.push({ sequence, payload, zone, changed });
    }
    if (this.#untold.length >= mostUntold) this.tell();
    else this.#telling ??= setTimeout(() => this.tell(), tellMs);
    this.#snapshots.changed(changes.length);
    this.#scheduleReclaim();
  }

  /** Tells at once what has not been told. */
  tell(): void {
    clearTimeout(this.#telling);
    this.#telling = undefined;
    if (this.#untold.length === 0) return;
    const changes = this.#untold;
    this.#untold = [];
    const news: ZoneNews[] = [];
    const zones = new Set(changes.filter(({ changed }) => changed).map(({ zone }) => zone));
    for (const zone of zones) {
      const found = this.#newsOf(parseName(zone));
      if (found !== undefined) news.push(found);
    }
    this.#parts.say({ type: 'changes', changes: packChanges(changes), news });
  }

  #newsOf(apexName: Name): ZoneNews | undefined {
    return zoneNews(this.image, apexName, this.#isPending(formatName(apexName)));
  }

  /** The oldest number that a restart without a snapshot would need. */
  #oldestNeeded(): number {
    let oldest = this.#journal.lastSequence + 1;
    for (const [zone, changed] of this.#changedAt) {
      const kept = this.#keptSequence(zone);
      if (kept !== undefined && changed > kept) oldest = Math.min(oldest, kept + 1);
    }
    return oldest;
  }

  /** What of the journal the zone's text or its transfer has. */
  #keptSequence(zone: string): number | undefined {
    return this.#texts.sequenceOf(zone) ?? this.#parts.kept.sequenceOf(zone);
  }

  #scheduleReclaim(): void {
    if (this.#reclaiming !== undefined) return;
    this.#reclaiming = setTimeout(() => {
      this.#reclaiming = undefined;
      if (!this.image.reclaim()) this.#scheduleReclaim();
    }, reclaimMs);
  }
}

function nobody(): ChangeAuthor {
  return { key: '', address: '', timeSeconds: Math.floor(Date.now() / 1000) };
}

function recordsOf(zone: Name, loaded: LoadedChange): JournalRecord[] {
  const author = nobody();
  if (loaded.how === 'edited') return [{ kind: 'edit', zone, author, change: loaded.change }];
  const whole: JournalRecord = { kind: 'whole', zone, author, serial: loaded.serial };
  const { raised } = loaded;
  return raised === undefined ? [whole] : [whole, { kind: 'edit', zone, author, change: raised }];
}

/** Errors lose their fields on the way to another thread. */
function plain({ code, file, line, column, message }: LoadFault): LoadFault {
  return { code, file, line, column, message };
}

function endsLine(text: Uint8Array): boolean {
  return text.length === 0 || text[text.length - 1] === 0x0a;
}

function isFileError(error: unknown): boolean {
  return typeof (error as NodeJS.ErrnoException).syscall === 'string';
}

/** Gives the memory of a large text back at once, without waiting for a collection. */
function release(octets: Uint8Array): void {
  const { buffer: own } = octets;
  if (
    own instanceof ArrayBuffer &&
    own.byteLength === octets.byteLength &&
    own.byteLength > 1 << 20
  )
    own.transfer(0);
}
