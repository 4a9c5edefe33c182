/**
 * The journal of all zones of a server: the point from which on a change is not lost. Older changes
 * stay for secondaries that ask for differences, as long as there is room.
 */
import { equalNames } from '@riad/dns/name';
import type { Entry, Journal } from '@riad/store/journal';
import { decodeJournalRecord, encodeJournalRecord, type JournalRecord } from './journal-record.ts';
import { readRecordZone } from './journal-record-head.ts';

/** `payload`: the record as the journal has it. */
export type JournalEntry = Entry & { readonly record: JournalRecord };

export type ZoneJournalOptions = {
  readonly segmentOctets?: number;
  readonly historyOctets?: number;
  /** For salts. */
  readonly random?: (lengthOctets: number) => Uint8Array;
};

export class ZoneJournal {
  readonly #historyOctets: number;
  readonly #journal: Journal;
  /** Octets of payloads since the oldest that is kept, by sequence number: what `retain` decides by. */
  readonly #sizes: { readonly sequence: number; readonly octets: number }[] = [];
  #octets = 0;

  constructor(journal: Journal, historyOctets: number) {
    this.#historyOctets = historyOctets;
    this.#journal = journal;
  }

  /** Of the newest record; 0 without any. */
  get lastSequence(): number {
    return this.#journal.nextSequence - 1;
  }

  get firstSequence(): number {
    return this.#journal.firstSequence;
  }

  /**
   * On disk when it returns. Throws JournalError, and nothing is written. `meanwhile` runs while the disk writes; it
   * must not throw.
   */
  append(records: readonly JournalRecord[], meanwhile?: () => void): JournalEntry[] {
    const payloads = records.map(encodeJournalRecord);
    const first = this.#journal.appendGroupSync(payloads, meanwhile) - payloads.length + 1;
    return payloads.map((payload, i) => {
      this.#count(first + i, payload.length);
      return { sequence: first + i, record: records[i]!, payload };
    });
  }

  /** All records as the journal has them. */
  payloads(): Generator<Entry> {
    return this.#journal.entries();
  }

  /** From that sequence on. */
  *entries(from: number = this.firstSequence): Generator<JournalEntry> {
    for (const { sequence, payload } of this.#journal.entries(Math.max(from, this.firstSequence)))
      yield { sequence, record: decodeJournalRecord(payload), payload };
  }

  /** Those of one zone. */
  *entriesOf(zone: Uint8Array, from: number): Generator<JournalEntry> {
    for (const { sequence, payload } of this.octetsOf(zone, from))
      yield { sequence, record: decodeJournalRecord(payload), payload };
  }

  /** Those of one zone, as the journal has them. */
  *octetsOf(zone: Uint8Array, from: number): Generator<Entry & Pick<JournalRecord, 'kind'>> {
    for (const entry of this.#journal.entries(Math.max(from, this.firstSequence))) {
      const { kind, zone: its } = readRecordZone(entry.payload);
      if (equalNames(its, zone)) yield { sequence: entry.sequence, payload: entry.payload, kind };
    }
  }

  /** Frees what nobody needs: not above `needed`, and no more than leaves `historyOctets`. */
  retain(needed: number): void {
    let gone = 0;
    while (
      gone < this.#sizes.length &&
      this.#octets > this.#historyOctets &&
      this.#sizes[gone]!.sequence < needed
    )
      this.#octets -= this.#sizes[gone++]!.octets;
    if (gone === 0) return;
    this.#sizes.splice(0, gone);
    this.#journal.retain(this.#sizes[0]?.sequence ?? this.#journal.nextSequence);
  }

  /** Tells of a record that was there when the journal was opened. */
  found(sequence: number, octets: number): void {
    this.#count(sequence, octets);
  }

  #count(sequence: number, octets: number): void {
    this.#sizes.push({ sequence, octets });
    this.#octets += octets;
  }

  close(): Promise<void> {
    return this.#journal.close();
  }
}
