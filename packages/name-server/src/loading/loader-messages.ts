/** What the service's main thread and its loader thread say to each other. */
import type { AddressRanges } from '@riad/dns-server/access/address-ranges';
import type { RingKey } from '@riad/dns-server/access/key-ring';
import type { AccessRules } from '@riad/dns-server/access/rights';
import type { AnswerPlaces } from '@riad/dns-server/answer/answer-options';
import type { Catalog } from '@riad/dns-server/catalog/read-catalog';
import type { ZoneRecord } from '@riad/dns-server/zone-image/zone-commit';
import type { LoadFault } from '@riad/dns-server/zone-loading/load-zone';
import type { UpdateReply } from '../updating/passed-updates.ts';
import type { LogLine } from '../updating/thread-log.ts';
import type { UpdateSource } from '../updating/update-taking.ts';
import type { JournalRecord } from './journal-record.ts';
import type { ActedUpon, ChangeAuthor } from './journal-record-head.ts';
import type { WrittenText } from './last-good-texts.ts';
import type { TransferCommand, TransferResult } from './zone-copies.ts';

export type LoaderData = {
  readonly buffer: SharedArrayBuffer;
  /** Octets at the end of the buffer that are not the image's. */
  readonly tailOctets: number;
  readonly stateDirectory: string;
  /** Files of zones begin at the root, as those of some other servers do. */
  readonly rootOrigin: boolean;
  /** A changed zone gets a newer serial if its text brings none. */
  readonly raiseSerial: boolean;
  /** Where updates come from, if they are taken at all, and the octet at which they are counted. */
  readonly updates:
    | { readonly sources: readonly UpdateSource[]; readonly counts: number }
    | undefined;
  /** `NativeStart.memory`: to be closed before the thread is terminated. */
  readonly nativeStart: SharedArrayBuffer;
};

export type ZoneCommand =
  /** Read a zone's file and serve it, if it is good. */
  | {
      readonly type: 'load';
      readonly zone: string;
      readonly path: string;
      readonly confirmed: boolean;
    }
  | { readonly type: 'remove'; readonly zone: string }
  | TransferCommand
  /** Answer for a zone with SERVFAIL only, or as usual again. */
  | { readonly type: 'withhold'; readonly zone: string; readonly withheld: boolean }
  /** Answer for a zone with SERVFAIL until it comes. */
  | { readonly type: 'expect'; readonly zone: string }
  /** What a hosted zone says as a catalog (RFC 9432). */
  | { readonly type: 'catalog'; readonly zone: string }
  /** Which hosted zones are catalogs and came from no file: those were made here. */
  | { readonly type: 'made-catalogs' }
  /** What of the journal the zone's text has not. */
  | { readonly type: 'pending'; readonly zone: string }
  /** What the journal has of a zone was written into its text, which lies in the folder of last good texts. */
  | { readonly type: 'written'; readonly zone: string; readonly text: WrittenText };

/** What updates are judged by. */
export type UpdateCommand =
  /** Who may do what, from now on. No update is taken before the first of these. */
  | {
      readonly type: 'access';
      readonly keys: readonly RingKey[];
      readonly rules: AccessRules;
    }
  /** A zone takes no updates for a reason, or takes them again. */
  | { readonly type: 'freeze'; readonly zone: string; readonly because: string | undefined };

export type LoaderRequest =
  | { readonly id: number; readonly command: ZoneCommand | UpdateCommand }
  /** As `packUpdates` makes them. */
  | { readonly updates: Uint8Array };

export type UpdateResult = {
  readonly kind: 'updated';
  readonly rcode: number;
  /** The zone's new serial; undefined when nothing changed. */
  readonly serial: number | undefined;
  readonly sentence?: string;
  readonly extendedError?: number;
};

export type PendingChanges = {
  readonly kind: 'pending';
  /**
   * In order, as `packChanges` makes them; none when the text has all, or there is none. A reading of the
   * whole text is among them, for it says what came before it.
   */
  readonly changes: Uint8Array;
  /** Of the last of them. */
  readonly sequence: number;
  /** The text they are to be written into. */
  readonly text: { readonly octets: number; readonly crc32: number };
  readonly regular: boolean;
};

export type ZoneResult =
  | { readonly kind: 'noted' }
  | PendingChanges
  | TransferResult
  | {
      readonly kind: 'catalog';
      readonly catalog: Catalog | undefined;
      /** It came from a file, and not by a transfer. */
      readonly fromText: boolean;
    }
  | { readonly kind: 'made-catalogs'; readonly zones: readonly string[] }
  | { readonly kind: 'unchanged'; readonly zone: ServedZone }
  | {
      readonly kind: 'served';
      readonly how: 'whole' | 'edited';
      readonly zone: ServedZone;
      readonly milliseconds: number;
      readonly warnings: readonly LoadFault[];
    }
  | { readonly kind: 'held'; readonly lostRecords: number; readonly ofRecords: number }
  | { readonly kind: 'refused'; readonly faults: readonly LoadFault[] }
  | { readonly kind: 'removed' }
  | { readonly kind: 'not-hosted' };

/** A zone in force. */
export type ServedZone = {
  /** Presentation form, lower case, with the final dot. */
  readonly name: string;
  readonly serial: number;
  readonly records: number;
  readonly names: number;
  readonly signed: 'no' | 'nsec' | 'nsec3';
  /** Answered for with SERVFAIL only. */
  readonly withheld: boolean;
};

/** A change that is in the journal and served. */
export type ServedChange = {
  readonly zone: string;
  readonly sequence: number;
  readonly kind: JournalRecord['kind'];
  readonly author: ChangeAuthor;
  /** As octets of `encodeZoneChange`; undefined where only the result is known. */
  readonly change: Uint8Array | undefined;
  readonly request: ActedUpon | undefined;
  /** With `confirmed`. */
  readonly confirmed?: { readonly serial: number; readonly expireSeconds: number | undefined };
};

/** What secondaries are told of a zone as it is now. */
export type ZoneNews = {
  readonly zone: ServedZone;
  readonly soa: ZoneRecord;
  /** The journal has changes that its text has not. */
  readonly pending: boolean;
  /** Addresses of its name servers except the primary, as far as our own data has them. */
  readonly nameServers: readonly string[];
};

export type LoaderReply =
  | {
      readonly type: 'ready';
      readonly zones: readonly ServedZone[];
      readonly from: 'snapshot' | 'texts' | 'nothing';
      readonly complaints: readonly string[];
    }
  | { readonly type: 'result'; readonly id: number; readonly result: ZoneResult }
  | { readonly type: 'updated'; readonly replies: readonly UpdateReply[] }
  | { readonly type: 'log'; readonly line: LogLine }
  /** All `changes` of the start have been told. */
  | { readonly type: 'caught-up' }
  | { readonly type: 'complaint'; readonly text: string }
  /** From the journal at the start, oldest first; `news` only for zones that have changed now. */
  | {
      readonly type: 'changes';
      /** As `packChanges` makes them. */
      readonly changes: Uint8Array;
      readonly news: readonly ZoneNews[];
    }
  /** What the owner of a served zone will hardly have meant; `first`: one such sentence. */
  | {
      readonly type: 'warnings';
      readonly zone: string;
      readonly count: number;
      readonly first: string | undefined;
    }
  | { readonly type: 'memory'; readonly usedOctets: number };

export type AnswerWorkerData = {
  readonly buffer: SharedArrayBuffer;
  readonly places: AnswerPlaces;
  readonly settings: AnswerSettings;
  /** Updates are for the thread that owns the zones, and not for the main thread. */
  readonly takesUpdates: boolean;
};

export type AnswerSettings = {
  readonly identity: string;
  readonly version: string;
  readonly maxUdpOctets: number;
  readonly keepaliveUnits: number;
  readonly rateLimit: {
    readonly responsesPerSecond: number;
    readonly slip: number;
    readonly ipv4PrefixBits: number;
    readonly ipv6PrefixBits: number;
  };
  /** Who may ask; undefined: everybody. */
  readonly askers: AddressRanges | undefined;
  /** 16 octets. */
  readonly cookieSecret: Uint8Array;
};
