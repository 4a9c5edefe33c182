/**
 * What a crash has left half done between a text (or a transfer) that is kept and the journal is done at
 * the restart: the text is kept first, and the record that it was read follows. A disk that is full keeps
 * nobody from serving: what cannot be written is told, acted upon, and tried again at the next restart.
 */
import { canonicalName, formatName, parseName } from '@riad/dns/name';
import { isNewerSerial, nextSerial } from '@riad/dns/serial';
import type { ZoneChange } from '@riad/dns-server/zone-history/zone-change';
import type { JournalRecord } from './journal-record.ts';
import type { LastGoodTexts } from './last-good-texts.ts';
import type { JournalEntry, ZoneJournal } from './zone-journal.ts';
import type { ZoneState } from './zone-state.ts';

/** What the journal says at a glance. */
export type Survey = {
  /** The last time that each zone was read whole, and the serial it had from then on, if it is known. */
  readonly readWhole: Map<string, Place>;
  /** The last record of each zone, besides `confirmed`. */
  readonly last: ReadonlyMap<string, Place>;
  /** Texts whose reading is there. */
  readonly readings: ReadonlySet<string>;
};

type Place = { readonly sequence: number; readonly serial: number | undefined };

/** In a record of a reading: what the text says. RFC 2136 §3.6 reserves this serial, and none is raised to it. */
const unknownSerial = 0;

export function surveyJournal(journal: ZoneJournal, texts: LastGoodTexts): Survey {
  const readWhole = new Map<string, Place>();
  const last = new Map<string, Place>();
  const readings = new Set<string>();
  for (const { sequence, payload, record } of journal.entries()) {
    journal.found(sequence, payload.length);
    if (record.kind === 'confirmed') continue;
    const zone = zoneKey(record.zone);
    const place = { sequence, serial: serialAfter(record) };
    last.set(zone, place);
    if (record.kind !== 'whole') continue;
    readWhole.set(zone, place);
    if (texts.entryOf(zone)?.reading?.sequence === sequence) readings.add(zone);
  }
  return { readWhole, last, readings };
}

function serialAfter(record: JournalRecord): number | undefined {
  if ('change' in record) return record.change.toSerial;
  return record.kind === 'whole' && record.serial !== unknownSerial ? record.serial : undefined;
}

/**
 * Writes the readings that the journal misses, and adds them to the survey. Returns those that cannot be
 * written, with the numbers that they would have.
 */
export function settleKept(state: ZoneState, survey: Survey): JournalEntry[] {
  const { texts, kept, journal, complaints } = state;
  const unwritten: JournalEntry[] = [];
  const settle = (zone: string, serial: number | undefined): number => {
    const record = reading(zone, serial);
    const written = trying(complaints, `the reading of ${zone} is not in the journal`, () =>
      journal.append([record]),
    );
    const sequence = written?.[0]?.sequence ?? journal.lastSequence + unwritten.length + 1;
    if (written === undefined) unwritten.push({ sequence, record, payload: new Uint8Array(0) });
    survey.readWhole.set(zone, { sequence, serial });
    return sequence;
  };
  for (const zone of texts.zones()) settleText(state, survey, zone, settle);
  for (const zone of kept.zones()) {
    if ((kept.sequenceOf(zone) ?? 0) <= journal.lastSequence) continue;
    const sequence = settle(zone, undefined);
    if (sequence === kept.sequenceOf(zone)) continue;
    trying(complaints, `what is kept of ${zone} is not noted`, () => kept.renumber(zone, sequence));
  }
  return unwritten;
}

/**
 * A crash came before the record of a text, or the disk refused the record and then to take the text
 * back. What changed the zone meanwhile is not in the text, and is done again. Where the journal is lost,
 * its numbers begin anew, and the texts are told so.
 */
function settleText(
  { texts, journal, complaints }: ZoneState,
  survey: Survey,
  zone: string,
  settle: (zone: string, serial: number | undefined) => number,
): void {
  const { sequence: has, reading } = texts.entryOf(zone)!;
  if (reading === undefined && has <= journal.lastSequence) return;
  const place = reading?.sequence ?? has;
  // What is older than the journal has been there.
  const isThere = place < journal.firstSequence || survey.readings.has(zone);
  if (isThere && Math.max(has, place) <= journal.lastSequence) return;
  const last = survey.last.get(zone);
  const surely = Math.min(has, place - 1);
  const sequence = settle(zone, settledSerial(reading, last));
  const isBehind = last !== undefined && last.sequence > surely;
  const hasNow = isBehind ? surely : sequence;
  if (hasNow === has && sequence === reading?.sequence) return;
  const serial = survey.readWhole.get(zone)!.serial ?? unknownSerial;
  trying(complaints, `the text of ${zone} is not noted`, () =>
    texts.renumber(zone, hasNow, { sequence, serial }),
  );
}

/** That of the reading was chosen when the zone was as it was then. */
function settledSerial(reading: Place | undefined, last: Place | undefined): number | undefined {
  if (reading?.serial === undefined || last?.serial === undefined) return reading?.serial;
  const stale = last.sequence >= reading.sequence && !isNewerSerial(reading.serial, last.serial);
  return stale ? nextSerial(last.serial) : reading.serial;
}

/** Writes to the journal what is to be written into the texts: a crash has torn it off, or it was settled. */
export function noteRaised(
  { journal, complaints }: ZoneState,
  raised: ReadonlyMap<string, ZoneChange>,
  changedAt: Map<string, number>,
): void {
  for (const [zone, change] of raised) {
    const record = { kind: 'edit', zone: parseName(zone), author: nobody, change } as const;
    const written = trying(complaints, `the serial of ${zone} is not in the journal`, () =>
      journal.append([record]),
    );
    if (written !== undefined) changedAt.set(zone, written[0]!.sequence);
  }
}

/** It was wanted before the crash; when is not known. */
const nobody = { key: '', address: '', timeSeconds: 0 };

function reading(zone: string, serial: number | undefined): JournalRecord {
  return {
    kind: 'whole',
    zone: parseName(zone),
    author: nobody,
    serial: serial ?? unknownSerial,
  };
}

/** Adds to the complaints what the disk or the journal says; then undefined. */
export function trying<Result>(
  complaints: string[],
  what: string,
  work: () => Result,
): Result | undefined {
  try {
    return work();
  } catch (error) {
    const { code = '', syscall } = error as NodeJS.ErrnoException;
    if (syscall === undefined && !code.startsWith('journal.')) throw error;
    complaints.push(`${what}: ${(error as Error).message}`);
    return undefined;
  }
}

export function zoneKey(name: Uint8Array): string {
  return formatName(canonicalName(name));
}
