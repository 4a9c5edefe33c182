/**
 * The state folder of a name server: the last good texts, the transfers that were kept, the journal of
 * all changes, and the snapshot. It is opened before anything else is known, so that a snapshot that
 * has all of it is served at once; what a crash has left unfinished, zone-restart.ts settles.
 */
import { join } from 'node:path';
import type { Arena } from '@riad/octets/arena';
import type { Disk } from '@riad/store/disk';
import { type Journal, openJournal } from '@riad/store/journal';
import { KeptTransfers } from './kept-transfers.ts';
import { LastGoodTexts } from './last-good-texts.ts';
import { type Restored, readSnapshot } from './snapshot-file.ts';
import type { ZoneJournal, ZoneJournalOptions } from './zone-journal.ts';

/** Small, for a new one is filled with zeros and synced while changes wait. */
const defaultSegmentOctets = 4 << 20;
/** Octets of changes kept for differences; some hundred thousand records. */
export const defaultHistoryOctets: number = 64 << 20;

export type ZoneStatePlaces = {
  readonly disk: Disk;
  readonly stateDirectory: string;
  /** What a snapshot is read into. */
  readonly arena: Arena;
  /** How much of it the image may use. */
  readonly capacityOctets: number;
  readonly journal?: ZoneJournalOptions;
};

export type OpenedZoneState = {
  readonly disk: Disk;
  readonly stateDirectory: string;
  readonly texts: LastGoodTexts;
  readonly kept: KeptTransfers;
  /** What its records say is nobody's business yet: the code that reads them takes long to load. */
  readonly openedJournal: Journal;
  readonly historyOctets: number;
  readonly snapshot: Restored;
  /** The snapshot has all that was served: it can be served before anything else is done. */
  readonly inStep: boolean;
  readonly complaints: string[];
};

export type ZoneState = OpenedZoneState & { readonly journal: ZoneJournal };

/** Throws JournalError, and what the disk throws. */
export function openZoneState(places: ZoneStatePlaces): OpenedZoneState {
  const { disk, stateDirectory, arena, capacityOctets } = places;
  const texts = new LastGoodTexts(disk, stateDirectory);
  const kept = new KeptTransfers(disk, stateDirectory);
  const {
    segmentOctets = defaultSegmentOctets,
    historyOctets = defaultHistoryOctets,
    ...options
  } = places.journal ?? {};
  const folder = join(stateDirectory, 'journal');
  const openedJournal = openJournal({ disk, folder, segmentOctets, ...options });
  const lastSequence = openedJournal.nextSequence - 1;
  const goesOnFrom = (sequence: number): boolean =>
    sequence <= lastSequence && sequence >= openedJournal.firstSequence - 1;
  const snapshot = readSnapshot(arena, capacityOctets, disk, stateDirectory, goesOnFrom);
  const complaints = texts.damaged ? ['the list of last good texts is damaged'] : [];
  if (kept.damaged) complaints.push('the list of zones that were transferred is damaged');
  // Nothing may be served that is older than what was served before.
  const inStep =
    snapshot.kind === 'restored' &&
    lastSequence === snapshot.sequence &&
    !texts.isAheadOf(lastSequence) &&
    !kept.isAheadOf(lastSequence);
  return {
    ...{ disk, stateDirectory, texts, kept, openedJournal, historyOctets },
    ...{ snapshot, inStep, complaints },
  };
}
