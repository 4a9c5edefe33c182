/**
 * Dynamic updates, a group at a time: all that have arrived are judged one after the other, each with
 * what the ones before it will have done; one write to the journal serves them all; then they are
 * published and answered. What cannot be published is found out before anything is written.
 */
import { ExtendedError } from '@riad/dns/iana/extended-errors';
import { Rcode } from '@riad/dns/iana/rcodes';
import type { ResourceRecord } from '@riad/dns/message';
import type { Name } from '@riad/dns/name';
import { evaluateUpdate, type UpdateOutcome } from '@riad/dns-server/update/update';
import { PublishedContents, type ZoneContents } from '@riad/dns-server/update/zone-contents';
import { condense, type ZoneChange } from '@riad/dns-server/zone-history/zone-change';
import type { Sha1 } from '@riad/dns-server/zone-image/denial-index';
import { zoneFlag, zoneVersion } from '@riad/dns-server/zone-image/layout';
import { type PreparedCommit, prepareChanges } from '@riad/dns-server/zone-image/zone-commit';
import type { ZoneImage } from '@riad/dns-server/zone-image/zone-image';
import type { JournalRecord } from './journal-record.ts';
import type { ActedUpon, ChangeAuthor } from './journal-record-head.ts';
import type { UpdateResult } from './loader-messages.ts';
import type { JournalEntry, ZoneJournal } from './zone-journal.ts';

export type UpdateJob = {
  /** Canonical presentation form of the zone that holds every name of the message. */
  readonly zone: string;
  readonly apexName: Name;
  /** RFC 2136 §2: what stands where other messages have answers and authorities. */
  readonly prerequisites: readonly ResourceRecord[];
  readonly updates: readonly ResourceRecord[];
  readonly author: ChangeAuthor;
  readonly request: ActedUpon | undefined;
};

type Judged = { readonly job: UpdateJob; readonly outcome: UpdateOutcome };

export type ZoneUpdatesParts = {
  readonly image: ZoneImage;
  readonly sha1: Sha1;
  readonly journal: () => Pick<ZoneJournal, 'append'>;
  /** Why the zone's text could not take a change, if it could not. */
  readonly fixedBecause: (zone: string) => string | undefined;
  /** Hears what is in the journal and served. */
  readonly published: (changes: readonly JournalEntry[]) => void;
};

export class ZoneUpdates {
  readonly #parts: ZoneUpdatesParts;

  constructor(parts: ZoneUpdatesParts) {
    this.#parts = parts;
  }

  /**
   * The results of a group, in its order. `expected` hears them while the disk writes, before they are true; it must
   * not throw.
   */
  perform(
    jobs: readonly UpdateJob[],
    expected?: (results: readonly UpdateResult[]) => void,
  ): UpdateResult[] {
    const judged = this.#judge(jobs);
    const prepared = this.#prepare(judged);
    if (prepared !== undefined) return this.#commit(judged, prepared, expected);
    // One of them cannot be served: alone, each fails or succeeds by itself.
    if (jobs.length > 1) return jobs.flatMap((job) => this.perform([job]));
    return [this.#unservable(judged[0]!)];
  }

  #judge(jobs: readonly UpdateJob[]): Judged[] {
    const { image, fixedBecause } = this.#parts;
    const contents = new Map<string, ZoneContents>();
    return jobs.map((job) => {
      const { apexName, prerequisites, updates } = job;
      const zone = image.zoneOf(apexName);
      const refuse = (rcode: number, sentence: string): Judged => ({
        job,
        outcome: { rcode, change: undefined, sentence },
      });
      if (zone === 0) return refuse(Rcode.NOTAUTH, 'the zone is not served here');
      const flags = image.writer.words[zone * 2 + zoneVersion.flags]!;
      const signed = (flags & (zoneFlag.nsec | zoneFlag.nsec3)) !== 0;
      const fixed = fixedBecause(job.zone);
      if (fixed !== undefined && !signed) {
        const outcome = { rcode: Rcode.REFUSED, change: undefined, sentence: fixed };
        return { job, outcome: { ...outcome, extendedError: ExtendedError.NotSupported } };
      }
      const before = contents.get(job.zone) ?? new PublishedContents(image, zone);
      const outcome = evaluateUpdate({ apexName, prerequisites, updates }, before, signed);
      if ('contents' in outcome) contents.set(job.zone, outcome.contents);
      return { job, outcome };
    });
  }

  /** The commits that publish all changes, one for each zone; undefined when one is impossible. */
  #prepare(judged: readonly Judged[]): PreparedCommit[] | undefined {
    const { image, sha1 } = this.#parts;
    const byZone = new Map<string, { apexName: Name; changes: ZoneChange[] }>();
    for (const { job, outcome } of judged) {
      if (outcome.change === undefined) continue;
      const { zone, apexName } = job;
      const known = byZone.get(zone);
      if (known === undefined) byZone.set(zone, { apexName, changes: [outcome.change] });
      else known.changes.push(outcome.change);
    }
    const prepared: PreparedCommit[] = [];
    for (const { apexName, changes } of byZone.values()) {
      const { removals, additions } = condense(changes);
      const ahead = prepared.length;
      const commit = prepareChanges(image, apexName, removals, additions, sha1, true, ahead);
      if (!commit.ok) {
        for (const other of prepared) other.discard();
        return undefined;
      }
      prepared.push(commit);
    }
    return prepared;
  }

  #commit(
    judged: readonly Judged[],
    prepared: readonly PreparedCommit[],
    expected: ((results: readonly UpdateResult[]) => void) | undefined,
  ): UpdateResult[] {
    const results = judged.map(resultOf);
    const records = judged.flatMap(({ job, outcome }): JournalRecord[] => {
      const { change } = outcome;
      const { apexName, author, request } = job;
      return change === undefined
        ? []
        : [{ kind: 'update', zone: apexName, author, change, request }];
    });
    if (records.length > 0) {
      let written: readonly JournalEntry[];
      try {
        written = this.#parts.journal().append(records, () => expected?.(results));
      } catch (error) {
        for (const commit of prepared) commit.discard();
        const sentence = (error as Error).message;
        // Some were judged by what the others would have done: none of it holds now.
        return judged.map(() => ({
          kind: 'updated',
          rcode: Rcode.SERVFAIL,
          serial: undefined,
          sentence,
        }));
      }
      for (const commit of prepared) commit.publish();
      this.#parts.published(written);
    }
    return results;
  }

  /** Says why the zone cannot be served with this update. */
  #unservable({ job: { apexName }, outcome }: Judged): UpdateResult {
    const { image, sha1 } = this.#parts;
    const { removals, additions } = outcome.change!;
    const commit = prepareChanges(image, apexName, removals, additions, sha1, true);
    if (commit.ok) commit.discard();
    const sentence = commit.ok ? 'the update could not be published' : commit.message;
    return { kind: 'updated', rcode: Rcode.SERVFAIL, serial: undefined, sentence };
  }
}

function resultOf({ outcome }: Judged): UpdateResult {
  const { rcode, change } = outcome;
  if (rcode === Rcode.NOERROR) return { kind: 'updated', rcode, serial: change?.toSerial };
  const { sentence, extendedError } = outcome as Extract<UpdateOutcome, { sentence: string }>;
  return {
    kind: 'updated',
    rcode,
    serial: undefined,
    sentence,
    ...(extendedError === undefined ? {} : { extendedError }),
  };
}
