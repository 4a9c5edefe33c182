/** What the service's main thread and its loader thread say to each other. */
import type { AnswerPlaces } from '@riad/dns-server/answer/answer-options';
import type { LoadFault } from '@riad/dns-server/zone-loading/load-zone';

export type LoaderData = {
  readonly buffer: SharedArrayBuffer;
  /** Octets at the end of the buffer that are not the image's. */
  readonly tailOctets: number;
  readonly stateDirectory: string;
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
  | {
      readonly type: 'change';
      readonly zone: string;
      readonly removals: readonly WireRecord[];
      readonly additions: readonly WireRecord[];
    };

export type WireRecord = {
  readonly owner: Uint8Array;
  readonly type: number;
  readonly ttlSeconds: number;
  readonly rdata: Uint8Array;
};

export type LoaderRequest = { readonly id: number; readonly command: ZoneCommand };

export type ZoneResult =
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
};

export type LoaderReply =
  | {
      readonly type: 'ready';
      readonly zones: readonly ServedZone[];
      readonly from: 'snapshot' | 'texts' | 'nothing';
      readonly complaints: readonly string[];
    }
  | { readonly type: 'result'; readonly id: number; readonly result: ZoneResult }
  | { readonly type: 'complaint'; readonly text: string }
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
  /** 16 octets. */
  readonly cookieSecret: Uint8Array;
};
