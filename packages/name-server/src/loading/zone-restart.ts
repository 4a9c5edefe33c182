/**
 * Brings the zones back after a restart: from the snapshot or the last good texts, and then from the
 * journal what came after. Changes are done once more on whatever is there, so that none is missing and
 * none is there twice.
 */

import { RecordTypeCode } from '@riad/dns/iana/record-types';
import { decodeMessage } from '@riad/dns/message';
import { type Name, parseName } from '@riad/dns/name';
import { serialOfSoa } from '@riad/dns/rdata/soa';
import {
  TransferIn,
  type TransferInOutcome,
  type TransferInRequest,
} from '@riad/dns-server/transfer/transfer-in';
import { ChangedContents, PublishedContents } from '@riad/dns-server/update/zone-contents';
import { serialChange, type ZoneChange } from '@riad/dns-server/zone-history/zone-change';
import type { Sha1 } from '@riad/dns-server/zone-image/denial-index';
import { commitChanges, type ZoneRecord } from '@riad/dns-server/zone-image/zone-commit';
import { ZoneImage } from '@riad/dns-server/zone-image/zone-image';
import { soaRecord } from '@riad/dns-server/zone-image/zone-records';
import { loadZone } from '@riad/dns-server/zone-loading/load-zone';
import type { ZoneText } from '@riad/dns-server/zone-loading/zone-text';
import { Arena } from '@riad/octets/arena';
import type { KeptTransfers } from './kept-transfers.ts';
import type { LastGoodTexts } from './last-good-texts.ts';
import { removeSnapshot } from './snapshot-file.ts';
import { type JournalEntry, ZoneJournal } from './zone-journal.ts';
import {
  noteRaised,
  type Survey,
  settleKept,
  surveyJournal,
  trying,
  zoneKey,
} from './zone-settling.ts';
import type { OpenedZoneState } from './zone-state.ts';

/** Places in the text of each zone from which reading can go on; the texts themselves are on disk. */
export type Checkpoints = Map<string, ZoneText['checkpoints']>;

export type RestoredZones = {
  readonly journal: ZoneJournal;
  readonly image: ZoneImage;
  readonly checkpoints: Checkpoints;
  /** Octets of changes that the journal has of a zone beyond its kept transfer. */
  readonly behind: Map<string, number>;
  /** Number of the last change of each zone. */
  readonly changedAt: Map<string, number>;
};

export type RestoreOptions = {
  /** The region that the state was opened with; its last `tailOctets` are not the image's. */
  readonly arena: Arena;
  readonly tailOctets: number;
  readonly originOf: (zone: string) => Uint8Array | undefined;
  readonly sha1: Sha1;
};

/** All zones as they were served, and all that was acknowledged. What is wrong is added to the state's complaints. */
export function restoreZones(opened: OpenedZoneState, options: RestoreOptions): RestoredZones {
  const state = { ...opened, journal: new ZoneJournal(opened.openedJournal, opened.historyOctets) };
  const { disk, stateDirectory, texts, kept, journal, snapshot, complaints } = state;
  const { arena, tailOctets, originOf, sha1 } = options;
  if (snapshot.kind === 'unusable') {
    complaints.push(`the snapshot is not used: ${snapshot.reason}`);
    removeSnapshot(disk, stateDirectory);
  }
  trying(complaints, 'what a crash has left lies still there', () =>
    texts.removeStrangers(journal.lastSequence),
  );
  const survey = surveyJournal(journal, texts);
  const unwritten = settleKept(state, survey);
  const { image, checkpoints } =
    snapshot.kind === 'restored'
      ? { image: snapshot.image, checkpoints: new Map() }
      : loadKept(Arena.format(arena, tailOctets), texts, kept, originOf, complaints, sha1);
  const behind = new Map<string, number>();
  const { readWhole } = survey;
  const common = { image, journal, texts, kept, behind, originOf, checkpoints, complaints, sha1 };
  const from = snapshot.kind === 'restored' ? snapshot.sequence : undefined;
  const { changedAt, raised } = replayJournal({ ...common, readWhole, unwritten, from });
  noteRaised(state, raised, changedAt);
  return { image, journal, checkpoints, behind, changedAt };
}

/** An image of the last good texts and the transfers that were kept. `arena` is empty; what is wrong with a text is added to `complaints`. */
function loadKept(
  arena: Arena,
  texts: LastGoodTexts,
  kept: KeptTransfers,
  originOf: (zone: string) => Uint8Array | undefined,
  complaints: string[],
  sha1: Sha1,
): { readonly image: ZoneImage; readonly checkpoints: Checkpoints } {
  const seed = new Int32Array(1);
  crypto.getRandomValues(seed);
  const image = ZoneImage.create(arena, seed[0]!);
  const checkpoints: Checkpoints = new Map();
  for (const { zone, text } of texts.readAll(complaints))
    loadText(image, zone, text, originOf(zone), checkpoints, complaints, sha1);
  for (const zone of kept.zones()) loadTransfer(image, zone, kept, complaints, sha1);
  return { image, checkpoints };
}

/** Takes a transfer once more, that was whole and good when it was kept. */
function loadTransfer(
  image: ZoneImage,
  zone: string,
  kept: KeptTransfers,
  complaints: string[],
  sha1: Sha1,
): void {
  const messages = kept.read(zone);
  if (messages === undefined) {
    complaints.push(`what was kept of ${zone} is missing or damaged`);
    return;
  }
  let transfer: TransferIn | undefined;
  let outcome: TransferInOutcome | undefined;
  for (const message of messages) {
    transfer ??= new TransferIn(image, keptRequest(parseName(zone), message), sha1);
    outcome = transfer.take(message);
  }
  if (outcome?.kind === 'zone') outcome.publish();
  else {
    transfer?.end();
    const why = outcome?.kind === 'fault' ? `: ${outcome.message}` : '';
    complaints.push(`what was kept of ${zone} cannot be loaded${why}`);
  }
}

/** What the messages are the answer to, which may have been IXFR. */
function keptRequest(zone: Name, message: Uint8Array): TransferInRequest {
  const id = (message[0]! << 8) | message[1]!;
  const asked = decodeMessage(message);
  const type = asked.ok ? asked.value.questions[0]?.type : undefined;
  const kind = type === RecordTypeCode.IXFR ? 'ixfr' : 'axfr';
  return { kind, zone, id, serial: undefined, transport: 'tcp' };
}

function loadText(
  image: ZoneImage,
  zone: string,
  text: Uint8Array,
  origin: Uint8Array | undefined,
  checkpoints: Checkpoints,
  complaints: string[],
  sha1: Sha1,
): void {
  const request = {
    apexName: parseName(zone),
    text,
    file: zone,
    before: undefined,
    include: () => undefined, // what is kept has no includes
    confirmed: true,
    ...(origin === undefined ? {} : { origin }),
  };
  try {
    const outcome = loadZone(image, request, sha1);
    if (outcome.kind === 'loaded') checkpoints.set(zone, outcome.text.checkpoints);
    else complaints.push(`the last good text of ${zone} cannot be loaded`);
  } catch (error) {
    if ((error as { code?: string }).code !== 'arena.full') throw error;
    complaints.push(`the last good text of ${zone} cannot be loaded: ${(error as Error).message}`);
  }
}

type Replay = {
  readonly image: ZoneImage;
  readonly journal: ZoneJournal;
  readonly texts: LastGoodTexts;
  readonly kept: KeptTransfers;
  /** Takes the octets of changes of each zone that its kept transfer has not. */
  readonly behind: Map<string, number>;
  readonly originOf: (zone: string) => Uint8Array | undefined;
  readonly checkpoints: Checkpoints;
  readonly complaints: string[];
  readonly sha1: Sha1;
  readonly readWhole: Survey['readWhole'];
  /** What follows the journal and could not be written. */
  readonly unwritten: readonly JournalEntry[];
  /** The snapshot's number; undefined when all zones come from their texts, each of which has a number of its own. */
  readonly from: number | undefined;
};

type Replayed = {
  /** Number of the last change of each zone. */
  readonly changedAt: Map<string, number>;
  /** Serials that texts were given and that no record says besides that of their reading. */
  readonly raised: Map<string, ZoneChange>;
};

/** Does what the journal has behind `from`. */
function replayJournal(replay: Replay): Replayed {
  const { image, journal, texts, kept, behind, complaints, sha1, readWhole, from } = replay;
  const written = journal.lastSequence;
  const keptSequence = (zone: string): number =>
    texts.sequenceOf(zone) ?? kept.sequenceOf(zone) ?? 0;
  const changedAt = new Map<string, number>();
  const raised = new Map<string, ZoneChange>();
  const readAt = (zone: string): number => readWhole.get(zone)?.sequence ?? 0;
  const fromText = (zone: string): boolean => from === undefined || readAt(zone) > from;
  if (from !== undefined)
    for (const zone of readWhole.keys()) if (fromText(zone)) loadAgain(replay, zone);
  const change = (sequence: number, zone: string, wanted: ZoneChange, soaToo: boolean): void => {
    const apexName = parseName(zone);
    if (image.zoneOf(apexName) === 0) return;
    const problem = doAgain(image, apexName, wanted, soaToo, sha1);
    if (problem !== undefined)
      complaints.push(`change ${sequence} of ${zone} cannot be done again: ${problem}`);
  };
  const redo = ({ sequence, payload, record }: JournalEntry): void => {
    const zone = zoneKey(record.zone);
    if (record.kind === 'confirmed') return;
    if (sequence <= written) changedAt.set(zone, sequence);
    if (sequence > keptSequence(zone)) behind.set(zone, (behind.get(zone) ?? 0) + payload.length);
    if (record.kind === 'whole') {
      const isText = texts.sequenceOf(zone) !== undefined && fromText(zone);
      if (!isText || sequence !== readAt(zone) || sequence < keptSequence(zone)) return;
      const raise = raiseOf(image, record.zone, readWhole.get(zone)?.serial);
      if (raise === undefined) return;
      raised.set(zone, raise);
      change(sequence, zone, raise, true);
      return;
    }
    if ('change' in record) raised.delete(zone); // it says a serial of its own
    if (sequence <= (fromText(zone) ? keptSequence(zone) : (from ?? 0))) return;
    if (record.kind === 'removed') {
      image.remove(record.zone);
      // A crash came in between.
      trying(complaints, `what is kept of ${zone} cannot be taken away`, () => {
        texts.forget(zone);
        kept.forget(zone);
      });
      behind.delete(zone);
      changedAt.delete(zone);
      raised.delete(zone);
      return;
    }
    const inText = fromText(zone) && sequence < readAt(zone);
    // Edits of a text that was read whole later are in it, or have been taken back. So is the SOA.
    if (inText && record.kind === 'edit') return;
    const soaToo = !inText || readWhole.get(zone)?.serial === undefined;
    change(sequence, zone, record.change, soaToo);
  };
  for (const entry of journal.entries()) redo(entry);
  for (const entry of replay.unwritten) redo(entry);
  return { changedAt, raised };
}

/** What gives a zone that serial; undefined when it has it, or it is not known. */
function raiseOf(
  image: ZoneImage,
  apexName: Name,
  serial: number | undefined,
): ZoneChange | undefined {
  const zone = image.zoneOf(apexName);
  if (zone === 0 || serial === undefined) return undefined;
  const soa = soaRecord(image, zone);
  return serialOfSoa(soa.rdata) === serial ? undefined : serialChange(soa, serial);
}

/** A zone that was read whole after the snapshot was taken begins from its text. */
function loadAgain(replay: Replay, zone: string): void {
  const { image, texts, kept, originOf, checkpoints, complaints, sha1 } = replay;
  if (kept.sequenceOf(zone) !== undefined) {
    loadTransfer(image, zone, kept, complaints, sha1);
    return;
  }
  const text = texts.read(zone);
  if (text !== undefined)
    loadText(image, zone, text, originOf(zone), checkpoints, complaints, sha1);
  else if (texts.sequenceOf(zone) !== undefined)
    complaints.push(`the last good text of ${zone} is missing or damaged`);
}

/** Returns why it is not possible, if it is not. */
function doAgain(
  image: ZoneImage,
  zone: Uint8Array,
  { removals, additions }: ZoneChange,
  soaToo: boolean,
  sha1: Sha1,
): string | undefined {
  const draft = new ChangedContents(new PublishedContents(image, image.zoneOf(zone)));
  const isDone = ({ type }: ZoneRecord): boolean => soaToo || type !== RecordTypeCode.SOA;
  for (const { owner, type, rdata } of removals.filter(isDone))
    draft.draftOf(owner).remove(type, rdata);
  for (const record of additions.filter(isDone)) {
    const at = draft.draftOf(record.owner);
    if (record.type === RecordTypeCode.SOA) at.removeWhere(({ type }) => type === record.type);
    at.add(record);
  }
  const change = draft.differences();
  if (change.removals.length === 0 && change.additions.length === 0) return undefined;
  const outcome = commitChanges(image, zone, change.removals, change.additions, sha1);
  return outcome.ok ? undefined : outcome.message;
}
