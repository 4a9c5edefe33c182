/**
 * Takes transfers in: the messages of several at a time, each into a zone or a difference that nobody
 * sees before it has ended well, is in the journal and, if it came whole, lies in the state folder.
 */
import { RecordClass } from '@riad/dns/iana/classes';
import { RecordTypeCode } from '@riad/dns/iana/record-types';
import { formatName, type Name } from '@riad/dns/name';
import type { Hmac } from '@riad/dns/tsig/hmac';
import type { StreamStyle } from '@riad/dns/tsig/sign-stream';
import type { TransferEnd } from '@riad/dns-server/secondary/primary-messages';
import { prepareChange } from '@riad/dns-server/transfer/apply-change';
import { axfrOut } from '@riad/dns-server/transfer/axfr-out';
import { messageVerifier, type SignedWith } from '@riad/dns-server/transfer/stream-signature';
import {
  TransferIn,
  type TransferInOutcome,
  type TransferInRequest,
} from '@riad/dns-server/transfer/transfer-in';
import type { ZoneChange } from '@riad/dns-server/zone-history/zone-change';
import { zoneDifference } from '@riad/dns-server/zone-history/zone-difference';
import { octetsOfChange } from '@riad/dns-server/zone-history/zone-history';
import type { Sha1 } from '@riad/dns-server/zone-image/denial-index';
import { HeldVersions } from '@riad/dns-server/zone-image/held-versions';
import { zoneVersion } from '@riad/dns-server/zone-image/layout';
import type { ZoneImage } from '@riad/dns-server/zone-image/zone-image';
import { soaRecord } from '@riad/dns-server/zone-image/zone-records';
import type { UnixSeconds } from '@riad/octets/engine';
import type { JournalRecord } from './journal-record.ts';
import type { ChangeAuthor } from './journal-record-head.ts';
import type { KeptTransfers, TransferFile } from './kept-transfers.ts';
import type { ServedZone } from './loader-messages.ts';
import { servedZone } from './served-zones.ts';
import type { JournalEntry, ZoneJournal } from './zone-journal.ts';
import { defaultHistoryOctets } from './zone-state.ts';

/** Records of a difference between two whole zones that is worth keeping as one. */
export const maxDifferenceRecords = 20_000;
/** Changes that a transfer kept on disk may be behind, however small it is. */
export const leastBehindOctets: number = 256 << 10;
/** A few more than are begun at a time: those that were cancelled end a little later. */
export const maxOpenTransfers = 32;

/** What a transfer is told by and about. */
export type TransferStart = {
  readonly transfer: number;
  readonly request: TransferInRequest;
  /** The key of the query and the MAC it had; undefined: unsigned. */
  readonly signed: SignedWith | undefined;
  readonly style: StreamStyle;
  /** Address of the primary, for the journal. */
  readonly from: string;
};

export type TransferCommand =
  | ({ readonly type: 'transfer-begin' } & TransferStart)
  /** Messages in their order, as they came; `wallSeconds`: when. */
  | {
      readonly type: 'transfer-messages';
      readonly transfer: number;
      readonly messages: readonly Uint8Array[];
      readonly wallSeconds: UnixSeconds;
    }
  /** Nothing more comes. */
  | { readonly type: 'transfer-end'; readonly transfer: number };

export type TransferResult = {
  readonly kind: 'transfer';
  /** Records so far. */
  readonly records: number;
  /** Undefined: it goes on. */
  readonly outcome: TransferOutcome | undefined;
};

export type TransferOutcome =
  | (Extract<TransferEnd, { kind: 'fault' }> & { readonly message: string })
  | { readonly kind: 'use-tcp' }
  | (Extract<TransferInOutcome, { kind: 'up-to-date' }> & { readonly wallSeconds: UnixSeconds })
  /** Served, and durable. */
  | {
      readonly kind: 'zone' | 'changes';
      readonly zone: ServedZone;
      /** RDATA of the SOA now in force. */
      readonly soa: Uint8Array;
      readonly outside: number;
      readonly expireSeconds: number | undefined;
      readonly wallSeconds: UnixSeconds;
    };

export type ZoneCopiesParts = {
  readonly image: ZoneImage;
  readonly sha1: Sha1;
  readonly hmac: Hmac;
  readonly journal: ZoneJournal;
  readonly kept: KeptTransfers;
  /** Octets of changes that the journal has of a zone beyond what is kept of it. */
  readonly behind: Map<string, number>;
  /** Hears what is in the journal and served. */
  readonly published: (changes: readonly JournalEntry[]) => void;
  readonly complain: (text: string) => void;
};

type Open = {
  readonly start: TransferStart;
  readonly engine: TransferIn;
  /** Messages whose place is not decided yet. */
  early: Uint8Array[];
  file: TransferFile | undefined;
  wallSeconds: UnixSeconds;
};

export const codes = {
  'copy.disk': 'a zone that was transferred cannot be kept on disk',
  'copy.too-many': 'too many transfers are open at a time',
} as const;

export class ZoneCopies {
  readonly #parts: ZoneCopiesParts;
  readonly #open = new Map<number, Open>();
  readonly #holds: HeldVersions;

  constructor(parts: ZoneCopiesParts) {
    this.#parts = parts;
    this.#holds = new HeldVersions(parts.image.arena);
  }

  perform(command: TransferCommand): TransferResult {
    const { transfer } = command;
    if (command.type === 'transfer-begin') return this.#begin(command);
    const open = this.#open.get(transfer);
    // One that has ended already.
    if (open === undefined) return result(0, fault('transfer.cut-short', 'it is not under way'));
    if (command.type === 'transfer-end') return this.#end(open, open.engine.end());
    open.wallSeconds = command.wallSeconds;
    for (const message of command.messages) {
      const outcome = open.engine.take(message);
      const lost = outcome?.kind === 'fault' ? undefined : this.#write(open, message);
      if (lost !== undefined) {
        if (outcome?.kind === 'zone') outcome.discard();
        open.engine.end();
        return this.#end(open, lost);
      }
      if (outcome !== undefined) return this.#end(open, outcome);
    }
    return result(open.engine.records, undefined);
  }

  /** What lies on disk of a zone that goes. */
  forget(zone: string): void {
    this.#parts.kept.forget(zone);
    this.#parts.behind.delete(zone);
  }

  #begin(start: TransferStart): TransferResult {
    if (this.#open.size >= maxOpenTransfers)
      return result(0, fault('copy.too-many', codes['copy.too-many']));
    const { image, sha1, hmac } = this.#parts;
    const { request, signed, style } = start;
    const open: Open = {
      start,
      engine: new TransferIn(
        image,
        request,
        sha1,
        signed && messageVerifier(signed, () => open.wallSeconds, hmac, style),
      ),
      early: [],
      file: undefined,
      wallSeconds: 0 as UnixSeconds,
    };
    this.#open.set(start.transfer, open);
    return result(0, undefined);
  }

  /** Keeps a message, if a whole zone comes. Returns why not, if the disk does not take it. */
  #write(open: Open, message: Uint8Array): TransferOutcome | undefined {
    const { isWhole } = open.engine;
    if (isWhole === false) {
      open.early = [];
      return undefined;
    }
    open.early.push(message);
    if (isWhole === undefined) return undefined;
    try {
      open.file ??= this.#parts.kept.begin(formatName(open.start.request.zone).toLowerCase());
      for (const each of open.early) open.file.write(each);
      open.early = [];
      return undefined;
    } catch (error) {
      return fault('copy.disk', (error as Error).message);
    }
  }

  #end(open: Open, outcome: TransferInOutcome | TransferOutcome): TransferResult {
    const { records } = open.engine;
    this.#open.delete(open.start.transfer);
    const { wallSeconds } = open;
    try {
      if ('publish' in outcome) return result(records, this.#takeZone(open, outcome));
      if ('change' in outcome) return result(records, this.#takeChange(open, outcome));
      if (outcome.kind === 'up-to-date') return result(records, { ...outcome, wallSeconds });
      return result(records, outcome);
    } catch (error) {
      const { code } = error as { code?: string };
      if (code?.startsWith('journal.') !== true && !isFileError(error)) throw error;
      return result(records, fault('copy.disk', (error as Error).message));
    } finally {
      open.file?.abandon();
    }
  }

  #takeChange(
    open: Open,
    { change, outside, expireSeconds }: Extract<TransferInOutcome, { kind: 'changes' }>,
  ): TransferOutcome {
    const { image, sha1, journal } = this.#parts;
    const { zone } = open.start.request;
    if (octetsOfChange(change) > defaultHistoryOctets)
      return fault('transfer.changes', 'the difference is larger than what is kept of changes');
    const prepared = prepareChange(image, zone, change, sha1);
    if (!prepared.ok) return fault(prepared.code, prepared.message);
    const records = this.#records(open, expireSeconds, { change: prepared.change });
    let written: readonly JournalEntry[];
    try {
      written = journal.append(records);
    } catch (error) {
      prepared.discard();
      throw error;
    }
    prepared.publish();
    this.#changed(zone, prepared.change);
    this.#parts.published(written);
    return this.#taken('changes', open, outside, expireSeconds);
  }

  #takeZone(
    open: Open,
    transferred: Extract<TransferInOutcome, { kind: 'zone' }>,
  ): TransferOutcome {
    const { journal, kept } = this.#parts;
    const { zone } = open.start.request;
    const { outside, expireSeconds } = transferred;
    const change = this.#difference(zone, transferred.built);
    const records = this.#records(open, expireSeconds, change ?? { serial: transferred.serial });
    const name = formatName(zone).toLowerCase();
    let written: readonly JournalEntry[];
    try {
      // What is published has to be in the journal, and the messages of a whole zone beside it.
      const replaced =
        change === undefined
          ? kept.keep(name, writtenBy(open), journal.lastSequence + 1)
          : undefined;
      try {
        written = journal.append(records);
      } catch (error) {
        replaced?.takeBack();
        throw error;
      }
      replaced?.settle();
    } catch (error) {
      transferred.discard();
      throw error;
    }
    transferred.publish();
    if (change === undefined) this.#parts.behind.delete(name);
    else this.#changed(zone, change.change);
    this.#parts.published(written);
    return this.#taken('zone', open, outside, expireSeconds);
  }

  /** From the zone in force to one that came whole, where that is known to be the better thing to keep. */
  #difference(zone: Name, built: number): { readonly change: ZoneChange } | undefined {
    const { image, kept } = this.#parts;
    const before = image.zoneOf(zone);
    // Without something on disk that it can be done to again it would be of no use.
    if (before === 0 || kept.entryOf(formatName(zone).toLowerCase()) === undefined)
      return undefined;
    const most = image.writer.words[built * 2 + zoneVersion.records]! / 4;
    const change = zoneDifference(image, before, built, Math.min(most, maxDifferenceRecords));
    return change === undefined ? undefined : { change };
  }

  #records(
    { start, wallSeconds }: Open,
    expireSeconds: number | undefined,
    what: { readonly change: ZoneChange } | { readonly serial: number },
  ): JournalRecord[] {
    const { zone } = start.request;
    const { from, signed } = start;
    const key = signed === undefined ? '' : formatName(signed.key.name);
    const author: ChangeAuthor = { key, address: from, timeSeconds: wallSeconds };
    const serial = 'change' in what ? what.change.toSerial : what.serial;
    return [
      'change' in what
        ? { kind: 'transfer', zone, author, change: what.change }
        : { kind: 'whole', zone, author, serial },
      { kind: 'confirmed', zone, author, serial, expireSeconds },
    ];
  }

  #taken(
    kind: 'zone' | 'changes',
    { start, wallSeconds }: Open,
    outside: number,
    expireSeconds: number | undefined,
  ): TransferOutcome {
    const { image } = this.#parts;
    const zone = image.zoneOf(start.request.zone);
    const soa = soaRecord(image, zone).rdata;
    return { kind, zone: servedZone(image, zone), soa, outside, expireSeconds, wallSeconds };
  }

  /** Keeps the zone anew when doing its changes again would cost more than that. */
  #changed(zone: Name, change: ZoneChange): void {
    const { behind, kept, complain } = this.#parts;
    const name = formatName(zone).toLowerCase();
    const octets = (behind.get(name) ?? 0) + octetsOfChange(change);
    behind.set(name, octets);
    if (octets <= Math.max(leastBehindOctets, kept.entryOf(name)?.octets ?? 0)) return;
    let file: TransferFile | undefined;
    try {
      file = kept.begin(name);
      this.#writeZone(zone, file);
      kept.keep(name, file, this.#parts.journal.lastSequence).settle();
      behind.delete(name);
    } catch (error) {
      file?.abandon();
      complain(`${name} cannot be kept anew: ${(error as Error).message}`);
    }
  }

  /** The zone in force as messages. */
  #writeZone(zone: Name, file: TransferFile): void {
    const { image } = this.#parts;
    const question = new Uint8Array([...zone, ...[0, RecordTypeCode.AXFR], ...[0, RecordClass.IN]]);
    const held = this.#holds.hold(0);
    if (held === undefined) throw new RangeError('no version can be held');
    try {
      const query = { id: 0, recursionDesired: false, question, opt: undefined };
      for (const message of axfrOut(image.arena, held, image.zoneOf(zone), query))
        file.write(message);
    } finally {
      held.release();
    }
  }
}

function result(records: number, outcome: TransferOutcome | undefined): TransferResult {
  return { kind: 'transfer', records, outcome };
}

function fault(code: string, message: string): Extract<TransferOutcome, { kind: 'fault' }> {
  return { kind: 'fault', code, rcode: 0, message };
}

function writtenBy({ file }: Open): TransferFile {
  if (file === undefined) throw new RangeError('a whole zone without its messages');
  return file;
}

function isFileError(error: unknown): boolean {
  return typeof (error as NodeJS.ErrnoException).syscall === 'string';
}
