/**
 * What an answering thread counts: words in shared memory that only it writes and anybody reads. They
 * wrap at 2^32; who adds them up takes differences.
 */
export const counter = {
  queriesUdp: 0,
  queriesTcp: 1,
  queriesTls: 2,
  dropped: 3,
  truncated: 4,
  rateDropped: 5,
  rateTruncated: 6,
  edns: 7,
  dnssecOk: 8,
  cookies: 9,
  validCookies: 10,
  /** Answers by RCODE: 24 words from here, the last for all above. */
  rcodes: 16,
} as const;

export const countedRcodes = 24;
export const counterWords: number = counter.rcodes + countedRcodes;
