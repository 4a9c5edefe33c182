/**
 * One dynamic update of one zone (RFC 2136): judged and applied to contents that nobody sees yet. The
 * result is a change to be journalled and published, or the answer's code and nothing else.
 * Not here: whose update it is and what he may do, the journal, the image.
 */

import { ExtendedError } from '@riad/dns/iana/extended-errors';
import { Rcode } from '@riad/dns/iana/rcodes';
import { RecordTypeCode } from '@riad/dns/iana/record-types';
import type { ResourceRecord } from '@riad/dns/message';
import type { Name } from '@riad/dns/name';
import { serialOfSoa, soaWithSerial } from '@riad/dns/rdata/soa';
import { isNewerSerial, nextSerial } from '@riad/dns/serial';
import type { ZoneChange } from '../zone-history/zone-change.ts';
import type { ZoneRecord } from '../zone-image/zone-commit.ts';
import { judgePrerequisites } from './prerequisites.ts';
import { applyUpdates, prescan, signersTypes } from './update-section.ts';
import { ChangedContents, type ZoneContents } from './zone-contents.ts';

export type Update = {
  readonly apexName: Name;
  readonly prerequisites: readonly ResourceRecord[];
  readonly updates: readonly ResourceRecord[];
};

export type UpdateOutcome =
  /** `change` is undefined where all was so already: no new serial, nobody is told (RFC 2136 §3.6). */
  | {
      readonly rcode: 0;
      readonly change: ZoneChange | undefined;
      /** The zone as it will be, for the updates behind this one. */
      readonly contents: ZoneContents;
    }
  | {
      readonly rcode: number;
      readonly change: undefined;
      /** Extended error (RFC 8914) and the sentence that goes with it. */
      readonly extendedError?: number;
      readonly sentence: string;
    };

/** `signed`: the zone came with signatures, which nothing here could renew. */
export function evaluateUpdate(
  { apexName, prerequisites, updates }: Update,
  contents: ZoneContents,
  signed: boolean,
): UpdateOutcome {
  if (signed) {
    return {
      rcode: Rcode.REFUSED,
      change: undefined,
      extendedError: ExtendedError.NotSupported,
      sentence: 'the zone came signed, and this server cannot sign what an update would change',
    };
  }
  const judged = judgePrerequisites(prerequisites, apexName, contents);
  if (judged !== Rcode.NOERROR) return refusal(judged, 'a prerequisite does not hold');
  const scanned = prescan(updates, apexName);
  if (scanned !== Rcode.NOERROR)
    return refusal(scanned, 'the update section is not well formed, or leaves the zone');
  if (updates.some(({ type }) => signersTypes.has(type))) {
    return {
      ...refusal(Rcode.REFUSED, 'signatures and their chains are made by a signer, not by updates'),
      extendedError: ExtendedError.NotSupported,
    };
  }
  const draft = new ChangedContents(contents);
  const before = soaOf(contents, apexName);
  if (before === undefined) return refusal(Rcode.SERVFAIL, 'the zone has no SOA record');
  applyUpdates(updates, apexName, draft);
  const { removals, additions } = draft.differences();
  if (removals.length === 0 && additions.length === 0)
    return { rcode: 0, change: undefined, contents };
  const after = raiseSerial(draft, apexName, before); // which changes nothing but the SOA
  const change: ZoneChange = {
    fromSerial: serialOfSoa(before.rdata),
    toSerial: serialOfSoa(after.rdata),
    removals: [before, ...removals.filter(notSoa)],
    additions: [after, ...additions.filter(notSoa)],
  };
  return { rcode: 0, change, contents: draft };
}

function refusal(
  rcode: number,
  sentence: string,
): { rcode: number; change: undefined; sentence: string } {
  return { rcode, change: undefined, sentence };
}

function notSoa({ type }: ZoneRecord): boolean {
  return type !== RecordTypeCode.SOA;
}

function soaOf(contents: ZoneContents, apexName: Name): ZoneRecord | undefined {
  for (const record of contents.at(apexName).values())
    if (record.type === RecordTypeCode.SOA) return record;
  return undefined;
}

/** RFC 2136 §3.6: a change has a serial of its own, unless the update brought one. */
function raiseSerial(draft: ChangedContents, apexName: Name, before: ZoneRecord): ZoneRecord {
  const present = soaOf(draft, apexName)!;
  const serial = serialOfSoa(before.rdata);
  // Several SOAs of one message, each newer than the one before it, may go farther than to what is newer.
  if (isNewerSerial(serialOfSoa(present.rdata), serial)) return present;
  const raised = { ...present, rdata: soaWithSerial(present.rdata, nextSerial(serial)) };
  const apex = draft.draftOf(apexName);
  apex.removeWhere((record) => record.type === RecordTypeCode.SOA);
  apex.add(raised);
  return raised;
}
