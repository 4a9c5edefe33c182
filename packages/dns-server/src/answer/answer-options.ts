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
};
