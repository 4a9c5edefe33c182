/** Extended DNS error codes (RFC 8914 §4 and the IANA registry it opened). */
export const ExtendedError = {
  Other: 0,
  UnsupportedDnskeyAlgorithm: 1,
  UnsupportedDsDigestType: 2,
  StaleAnswer: 3,
  ForgedAnswer: 4,
  DnssecIndeterminate: 5,
  DnssecBogus: 6,
  SignatureExpired: 7,
  SignatureNotYetValid: 8,
  DnskeyMissing: 9,
  RrsigsMissing: 10,
  NoZoneKeyBitSet: 11,
  NsecMissing: 12,
  CachedError: 13,
  NotReady: 14,
  Blocked: 15,
  Censored: 16,
  Filtered: 17,
  Prohibited: 18,
  StaleNxdomainAnswer: 19,
  NotAuthoritative: 20,
  NotSupported: 21,
  NoReachableAuthority: 22,
  NetworkError: 23,
  InvalidData: 24,
  SignatureExpiredBeforeValid: 25,
  TooEarly: 26, // RFC 9250
  UnsupportedNsec3Iterations: 27, // RFC 9276
  UnableToConformToPolicy: 28,
  Synthesized: 29,
  InvalidQueryType: 30,
} as const;

const purposes: ReadonlyMap<number, string> = new Map(
  Object.entries(ExtendedError).map(([name, code]) => [code, words(name)]),
);

/** `StaleAnswer` as `Stale Answer`. */
function words(name: string): string {
  return name.replace(/(?<=[a-z0-9])(?=[A-Z])/g, ' ');
}

/** The purpose of a code in words; undefined for codes that are not registered. */
export function formatExtendedError(code: number): string | undefined {
  return purposes.get(code);
}
