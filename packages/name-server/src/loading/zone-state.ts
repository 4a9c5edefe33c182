/**
 * The state folder of a name server: the last good texts, the transfers that were kept, the journal of
 * all changes, and the snapshot. It is opened before anything else is known, so that a snapshot that
 * has all of it is served at once; what a crash has left unfinished, zone-restart.ts settles.
 */
import type { Arena } from '@riad/octets/arena';
import type { Disk } from '@riad/store/disk';
import { KeptTransfers } from './kept-transfers.ts';
import { LastGoodTexts } from './last-good-texts.ts';
import { type Restored, readSnapshot } from './snapshot-file.ts';
import { ZoneJournal, type ZoneJournalOptions } from './zone-journal.ts';

export type ZoneStatePlaces = {
  readonly disk: Disk;
  readonly stateDirectory: string;
  /** What a snapshot is read into. */
  readonly arena: Arena;
  /** How much of it the image may use. */
  readonly capacityOctets: number;
  readonly journal?: Omit<ZoneJournalOptions, 'disk' | 'stateDirectory'>;
};

export type ZoneState = {
  readonly disk: Disk;
  readonly stateDirectory: string;
  readonly texts: LastGoodTexts;
  readonly kept: KeptTransfers;
  readonly journal: ZoneJournal;
  readonly snapshot: Restored;
  /** The snapshot has all that was served: it can be served before anything else is done. */
  readonly inStep: boolean;
  readonly complaints: string[];
};

/** Throws JournalError, and what the disk throws. */
export function openZoneState(places: ZoneStatePlaces): ZoneState {
  const { disk, stateDirectory, arena, capacityOctets } = places;
  const texts = new LastGoodTexts(disk, stateDirectory);
  const kept = new KeptTransfers(disk, stateDirectory);
  const journal = new ZoneJournal({ disk, stateDirectory, ...places.journal });
  const snapshot = readSnapshot(arena, capacityOctets, disk, stateDirectory, (sequence) =>
    journal.goesOnFrom(sequence),
  );
  const complaints = texts.damaged ? ['the list of last good texts is damaged'] : [];
  if (kept.damaged) complaints.push('the list of zones that were transferred is damaged');
  // Nothing may be served that is older than what was served before.
  const inStep =
    snapshot.kind === 'restored' &&
    journal.lastSequence === snapshot.sequence &&
    !texts.isAheadOf(journal.lastSequence) &&
    !kept.isAheadOf(journal.lastSequence);
  return { disk, stateDirectory, texts, kept, journal, snapshot, inStep, complaints };
}
