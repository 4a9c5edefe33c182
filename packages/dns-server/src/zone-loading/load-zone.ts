/**
 * Brings a zone's text into the image: the part that was edited as a commit, or all of it. A text with
 * faults changes nothing, and one that would take away much of a large zone waits for a confirmation.
 */
import type { Name } from '@riad/dns/name';
import { formatName } from '@riad/dns/name';
import { readZoneFile } from '@riad/dns/zonefile/reader';
import type { ReaderState } from '@riad/dns/zonefile/reader-state';
import type { Sha1 } from '../zone-image/denial-index.ts';
import { zoneVersion } from '../zone-image/layout.ts';
import { ZoneBuilder } from '../zone-image/zone-builder.ts';
import { commitChanges } from '../zone-image/zone-commit.ts';
import type { ZoneImage } from '../zone-image/zone-image.ts';
import { countLoss, type Loss } from './zone-loss.ts';
import { checkpointEveryOctets, textDifference, type ZoneText } from './zone-text.ts';

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
};

export type LoadOutcome =
  | { readonly kind: 'unchanged' }
  | {
      readonly kind: 'loaded';
      readonly how: 'whole' | 'edited';
      readonly text: ZoneText;
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
  return loadWhole(image, request, sha1);
}

/** Tries to read only what was edited; undefined when all has to be read. */
function loadEdited(
  image: ZoneImage,
  request: LoadRequest,
  before: ZoneText,
  sha1: Sha1,
): LoadOutcome | undefined {
  const { apexName, text, file } = request;
  const difference = textDifference(before, text, file, apexName);
  if (difference.kind === 'same') return { kind: 'unchanged' };
  if (difference.kind === 'unknown') return undefined;
  // Errors are reported with those of the whole file.
  if (difference.kind === 'faults') return undefined;
  const { removals, additions, checkpoints } = difference;
  const records = image.writer.words[image.zoneOf(apexName) * 2 + zoneVersion.records]!;
  const lost = removals.length - additions.length;
  if (!request.confirmed && records >= guardedRecords && lost > records * heldLossShare)
    return undefined;
  const outcome = commitChanges(image, apexName, removals, additions, sha1);
  if (!outcome.ok) return undefined;
  // What an edit does to records that stand in the file more than once only the whole file tells.
  if (outcome.irregular > 0 || outcome.removed !== removals.length) return undefined;
  return {
    kind: 'loaded',
    how: 'edited',
    text: { octets: text, checkpoints, regular: true, includes: false },
    warnings: [],
  };
}

function loadWhole(image: ZoneImage, request: LoadRequest, sha1: Sha1): LoadOutcome {
  const { apexName, text, file } = request;
  const checkpoints: ReaderState[] = [];
  const warnings: LoadFault[] = [];
  let includes = false;
  // A line of a zone file has some 24 octets or more.
  const builder = new ZoneBuilder(image, apexName, Math.ceil(text.length / 24), sha1);
  let zone = 0;
  try {
    const errors = readZoneFile(
      text,
      {
        file,
        origin: apexName,
        checkpointEveryOctets,
        checkpoint: (state) => checkpoints.push(state),
        include: (path) => {
          includes = true;
          return request.include(path);
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
  image.publish(apexName, zone, true);
  const regular = !includes && builder.irregular === 0;
  return {
    kind: 'loaded',
    how: 'whole',
    text: { octets: text, checkpoints, regular, includes },
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
