/**
 * Brings a zone's text into the image: the part that was edited as a commit, or all of it. A text with
 * faults changes nothing, and one that would take away much of a large zone waits for a confirmation.
 */

import { formatName, type Name } from '@riad/dns/name';
import { serialOfSoa, soaWithSerial } from '@riad/dns/rdata/soa';
import { isNewerSerial, nextSerial } from '@riad/dns/serial';
import { readZoneFile } from '@riad/dns/zonefile/reader';
import type { ReaderState } from '@riad/dns/zonefile/reader-state';
import { equalOctets } from '@riad/octets/ascii';
import { ChangedContents, PublishedContents, type ZoneContents } from '../update/zone-contents.ts';
import { serialChange, type ZoneChange } from '../zone-history/zone-change.ts';
import type { Sha1 } from '../zone-image/denial-index.ts';
import { zoneVersion } from '../zone-image/layout.ts';
import { ZoneBuilder } from '../zone-image/zone-builder.ts';
import { prepareChanges, type ZoneRecord } from '../zone-image/zone-commit.ts';
import type { ZoneImage } from '../zone-image/zone-image.ts';
import { soaRecord } from '../zone-image/zone-records.ts';
import { editZoneText } from './edit-zone-text.ts';
import { countLoss, type Loss } from './zone-loss.ts';
import { checkpointEveryOctets, textDifference, type ZoneText } from './zone-text.ts';

const typeSoa = 6;

/** A zone counts as large, and is guarded, from this many records on. */
export const guardedRecords = 50;
/** More than this share of a large zone is not taken away without a confirmation. */
export const heldLossShare = 0.2;

/** What is wrong, as people read it: `file:line:column: sentence`. */
export type LoadFault = {
  readonly code: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
};

export type LoadRequest = {
  readonly apexName: Name;
  readonly text: Uint8Array;
  /** The file's name, for complaints. */
  readonly file: string;
  /** What the zone in force was made of, if that is known. */
  readonly before: ZoneText | undefined;
  readonly include: (path: string) => Uint8Array | undefined;
  /** The operator has confirmed that much may go. */
  readonly confirmed: boolean;
  /** What the text's first line is relative to: the zone's name unless given. */
  readonly origin?: Name;
  /** A changed zone gets a newer serial if its text does not bring one (RFC 1982 §3.2). */
  readonly raiseSerial?: boolean;
  /**
   * Present when the zone in force has changes that `before` has not: then what was edited is brought
   * into it. Gives those changes as one, without the SOA.
   */
  readonly pending?: () => Pick<ZoneChange, 'removals' | 'additions'>;
  /** Hears what will be published, before it is; what it throws keeps that from happening. */
  readonly beforePublish?: (published: LoadedChange) => void;
};

export type LoadedChange =
  | { readonly how: 'edited'; readonly change: ZoneChange }
  | {
      readonly how: 'whole';
      /** What will be served. */
      readonly serial: number;
      /** What was changed on top of the text, to give it a newer serial. */
      readonly raised: ZoneChange | undefined;
      /** As in the outcome. */
      readonly text: ZoneText;
      /** The zone as built. */
      readonly zone: number;
    };

export type LoadOutcome =
  | { readonly kind: 'unchanged' }
  | {
      readonly kind: 'loaded';
      readonly how: 'whole' | 'edited';
      readonly text: ZoneText;
      /** The zone is just what the text says. */
      readonly inStep: boolean;
      readonly warnings: readonly LoadFault[];
    }
  | { readonly kind: 'held'; readonly loss: Loss }
  | { readonly kind: 'refused'; readonly faults: readonly LoadFault[] };

/** Loads one zone. Throws ArenaFull when shared memory does not suffice; then nothing has changed. */
export function loadZone(image: ZoneImage, request: LoadRequest, sha1: Sha1): LoadOutcome {
  const { before } = request;
  if (before !== undefined && image.zoneOf(request.apexName) !== 0) {
    const edited = loadEdited(image, request, before, sha1);
    if (edited !== undefined) return edited;
  }
  return request.pending === undefined
    ? loadWhole(image, request, sha1)
    : loadWithPending(image, request, request.pending(), sha1);
}

/** Reads all of a text after what it has not yet is written into it. */
function loadWithPending(
  image: ZoneImage,
  request: LoadRequest,
  pending: Pick<ZoneChange, 'removals' | 'additions'>,
  sha1: Sha1,
): LoadOutcome {
  const { text, file, apexName, origin = apexName } = request;
  const edit = editZoneText(text, file, origin, pending);
  // What is wrong with the text is told as for any other.
  if (!edit.ok) {
    return faultsOf(image, request, sha1) ?? unmergeable(file, edit.sentence);
  }
  const merged = { ...request, text: edit.text, raiseSerial: true };
  const outcome = loadWhole(image, merged, sha1, undefined, (read) => ({
    ...read,
    octets: text,
    checkpoints: [],
    regular: false,
  }));
  return outcome.kind === 'loaded' ? { ...outcome, inStep: false } : outcome;
}

/** Reads the same text with a serial after the one in force. `soa`: what it says itself. */
function loadRaised(
  image: ZoneImage,
  request: LoadRequest,
  sha1: Sha1,
  soa: ZoneRecord,
  served: number,
  original: Original,
): LoadOutcome {
  const { text, file, apexName, origin = apexName } = request;
  const raised = serialChange(soa, nextSerial(served));
  const edit = editZoneText(text, file, origin, raised);
  // Where the SOA stands in an included file, its serial is its author's business.
  if (!edit.ok)
    return loadWhole(image, { ...request, raiseSerial: false }, sha1, undefined, original);
  return loadWhole(image, { ...request, text: edit.text }, sha1, raised, (read) =>
    original({ ...read, octets: text, checkpoints: [] }),
  );
}

/** Looks whether a text is refused by itself. */
function faultsOf(image: ZoneImage, request: LoadRequest, sha1: Sha1): LoadOutcome | undefined {
  const onlyLook = new Error('the text is only looked at');
  const beforePublish = (): never => {
    throw onlyLook;
  };
  try {
    const outcome = loadWhole(image, { ...request, raiseSerial: false, beforePublish }, sha1);
    return outcome.kind === 'refused' ? outcome : undefined;
  } catch (error) {
    if (error !== onlyLook) throw error;
    return undefined;
  }
}

/** Tries to read only what was edited; undefined when all has to be read. */
function loadEdited(
  image: ZoneImage,
  request: LoadRequest,
  before: ZoneText,
  sha1: Sha1,
): LoadOutcome | undefined {
  const { apexName, text, file } = request;
  const pending = request.pending !== undefined;
  const difference = textDifference(before, text, file, request.origin ?? apexName);
  if (difference.kind === 'same') return { kind: 'unchanged' };
  if (difference.kind === 'unknown') return undefined;
  // Errors are reported with those of the whole file.
  if (difference.kind === 'faults') return undefined;
  const { removals, additions, checkpoints } = difference;
  const zone = image.zoneOf(apexName);
  const records = image.writer.words[zone * 2 + zoneVersion.records]!;
  const lost = removals.length - additions.length;
  if (!request.confirmed && records >= guardedRecords && lost > records * heldLossShare)
    return undefined;
  const contents = new PublishedContents(image, zone);
  const edit = changeOfEdit(contents, apexName, removals, additions, request);
  if (edit === undefined) return undefined;
  const { change } = edit;
  const edited = (regular: boolean): LoadOutcome => ({
    kind: 'loaded',
    how: 'edited',
    text: { octets: text, checkpoints, regular, includes: false },
    inStep: !pending && !edit.raised,
    warnings: [],
  });
  if (change === undefined) return edited(!pending);
  const commit = prepareChanges(image, apexName, change.removals, change.additions, sha1);
  if (!commit.ok) return pending ? unmergeable(file, commit.message) : undefined;
  // What an edit does to records that stand in the file more than once only the whole file tells.
  if (commit.irregular > 0 || commit.removed !== change.removals.length) {
    commit.discard();
    return undefined;
  }
  try {
    request.beforePublish?.({ how: 'edited', change });
  } catch (error) {
    commit.discard();
    throw error;
  }
  commit.publish();
  return edited(!pending);
}

type Edit = { readonly change: ZoneChange | undefined; readonly raised: boolean };

/** What an edit of the text does to the zone in force; undefined when that cannot be told. */
function changeOfEdit(
  contents: ZoneContents,
  apexName: Name,
  removals: readonly ZoneRecord[],
  additions: readonly ZoneRecord[],
  request: LoadRequest,
): Edit | undefined {
  const pending = request.pending !== undefined;
  const { raiseSerial = false } = request;
  const soa = soaOf(contents, apexName);
  if (soa === undefined) return undefined;
  const written = additions.find(({ type }) => type === typeSoa) ?? soa;
  const stale = !isNewerSerial(serialOfSoa(written.rdata), serialOfSoa(soa.rdata));
  const others = pending
    ? mergedDifference(contents, removals, additions)
    : { removals: removals.filter(notSoa), additions: additions.filter(notSoa) };
  const changed =
    others.removals.length + others.additions.length > 0 || !sameBesidesSerial(written, soa);
  const raised = stale && changed && (raiseSerial || pending);
  const wanted = raised || (stale && pending) ? withSerial(written, soa, changed) : written;
  if (!changed && serialOfSoa(wanted.rdata) === serialOfSoa(soa.rdata)) {
    return { change: undefined, raised: serialOfSoa(written.rdata) !== serialOfSoa(soa.rdata) };
  }
  const change = {
    fromSerial: serialOfSoa(soa.rdata),
    toSerial: serialOfSoa(wanted.rdata),
    removals: [soa, ...others.removals],
    additions: [wanted, ...others.additions],
  };
  return { change, raised };
}

/** The edit on top of what the zone in force has besides its text: what is gone already, or there, does not count. */
function mergedDifference(
  contents: ZoneContents,
  removals: readonly ZoneRecord[],
  additions: readonly ZoneRecord[],
): { removals: ZoneRecord[]; additions: ZoneRecord[] } {
  const draft = new ChangedContents(contents);
  for (const { owner, type, rdata } of removals.filter(notSoa))
    draft.draftOf(owner).remove(type, rdata);
  for (const record of additions.filter(notSoa)) draft.draftOf(record.owner).add(record);
  return draft.differences();
}

function withSerial(written: ZoneRecord, soa: ZoneRecord, newer: boolean): ZoneRecord {
  const present = serialOfSoa(soa.rdata);
  return { ...written, rdata: soaWithSerial(written.rdata, newer ? nextSerial(present) : present) };
}

function sameBesidesSerial(a: ZoneRecord, b: ZoneRecord): boolean {
  return a.ttlSeconds === b.ttlSeconds && equalOctets(withSerial(a, b, false).rdata, b.rdata);
}

function soaOf(contents: ZoneContents, apexName: Name): ZoneRecord | undefined {
  for (const record of contents.at(apexName).values()) if (record.type === typeSoa) return record;
  return undefined;
}

function notSoa({ type }: ZoneRecord): boolean {
  return type !== typeSoa;
}

function unmergeable(file: string, message: string): LoadOutcome {
  const sentence = `the file cannot be brought together with what updates have changed meanwhile: ${message}`;
  const fault = { code: 'zone.unmergeable', file, line: 0, column: 0, message: sentence };
  return { kind: 'refused', faults: [fault] };
}

/** What a text that was read was made of, where something had been written into it first. */
type Original = (read: ZoneText) => ZoneText;

function loadWhole(
  image: ZoneImage,
  request: LoadRequest,
  sha1: Sha1,
  raised?: ZoneChange,
  original: Original = (read) => read,
): LoadOutcome {
  const { apexName, text, file, origin = apexName } = request;
  const checkpoints: ReaderState[] = [];
  const warnings: LoadFault[] = [];
  let includes = false;
  let generates = false;
  // A line of a zone file has some 24 octets or more.
  const builder = new ZoneBuilder(image, apexName, Math.ceil(text.length / 24), sha1);
  let zone = 0;
  try {
    const errors = readZoneFile(
      text,
      {
        file,
        origin,
        checkpointEveryOctets,
        checkpoint: (state) => checkpoints.push(state),
        include: (path) => {
          includes = true;
          return request.include(path);
        },
        generate: () => {
          generates = true;
        },
        warn: (warning) => {
          if (warnings.length < mostWarnings) warnings.push(warning);
        },
      },
      builder,
    );
    if (errors.length === 0) zone = builder.finish(image.nextVersion, 0);
    if (zone === 0) {
      builder.abandon();
      return {
        kind: 'refused',
        faults: [...errors, ...builder.faults.map((fault) => describe(fault, file))],
      };
    }
  } catch (error) {
    builder.abandon();
    throw error;
  }
  const present = image.zoneOf(apexName);
  if (present !== 0 && !request.confirmed) {
    const loss = countLoss(image, present, zone);
    if (loss.ofRecords >= guardedRecords && loss.lostRecords > loss.ofRecords * heldLossShare) {
      image.discard(zone);
      return { kind: 'held', loss };
    }
  }
  const serial = image.writer.words[zone * 2 + zoneVersion.serial]! >>> 0;
  const regular = !includes && builder.irregular === 0;
  const read = original({ octets: text, checkpoints, regular, includes, generates });
  if (present !== 0 && request.raiseSerial === true && raised === undefined) {
    const served = image.writer.words[present * 2 + zoneVersion.serial]! >>> 0;
    if (!isNewerSerial(serial, served)) {
      const soa = soaRecord(image, zone);
      image.discard(zone);
      return loadRaised(image, request, sha1, soa, served, original);
    }
  }
  try {
    request.beforePublish?.({ how: 'whole', serial, raised, text: read, zone });
  } catch (error) {
    image.discard(zone);
    throw error;
  }
  image.publish(apexName, zone, true);
  return {
    kind: 'loaded',
    how: 'whole',
    text: read,
    inStep: raised === undefined,
    warnings,
  };
}

export const mostWarnings = 100;

function describe(
  fault: { code: string; line: number; name: Uint8Array; message: string },
  file: string,
): LoadFault {
  return {
    code: fault.code,
    file,
    line: fault.line,
    column: 1,
    message: `${formatName(fault.name)}: ${fault.message}`,
  };
}
