/** Digest algorithms of DS records (IANA “DS RR Type Digest Algorithms”). */
import { Mnemonics } from './mnemonics.ts';

export const DigestType = {
  'SHA-1': 1, // RFC 3658, RFC 9905
  'SHA-256': 2, // RFC 4509
  GOST: 3, // RFC 5933, RFC 9906
  'SHA-384': 4, // RFC 6605
  GOST12: 5, // RFC 9558
  SM3: 6, // RFC 9563
} as const;

export const digestTypes: Mnemonics = new Mnemonics(
  { ...DigestType, SHA1: 1, SHA256: 2, SHA384: 4 },
  '',
  0xff,
);

/** Octets of a digest, for those that BIND measures too; one of another length is malformed. */
export const digestOctets: ReadonlyMap<number, number> = new Map([
  [1, 20],
  [2, 32],
  [3, 32],
  [4, 48],
]);
