import type { AddressRanges } from '../access/address-ranges.ts';
import type { RateLimitOptions } from './rate-limit.ts';

/** What the operator may set; all of it has a default that is good in production. */
export type AnswerOptions = {
  /** Largest answer over UDP, in octets; RFC 9715 §3 recommends at most 1400, 1232 fits every path. */
  readonly maxUdpOctets: number;
  /** Sent to who asks for it (RFC 5001); empty: not sent. */
  readonly nsid: Uint8Array;
  /** Answer to `version.bind` and `version.server`; empty: refused. */
  readonly versionText: Uint8Array;
  /** What `edns-tcp-keepalive` advertises, in units of 100 ms (RFC 7828 §3.1). */
  readonly keepaliveUnits: number;
  readonly rateLimit: RateLimitOptions;
  /** Who may ask; undefined: everybody. */
  readonly askers: AddressRanges | undefined;
};

/** Where in the arena an answering thread has what is its own, and what all share. */
export type AnswerPlaces = {
  /** Octet of `QueryState.scratchOctets`. */
  readonly scratch: number;
  /** First of `counterWords` words. */
  readonly counters: number;
  /** Word that holds the wall clock in seconds; somebody keeps it right. */
  readonly clock: number;
  /** First word of the table of rates. */
  readonly rates: number;
};
