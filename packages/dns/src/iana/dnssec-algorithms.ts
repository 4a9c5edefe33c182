/** DNSSEC algorithm numbers (IANA “DNS Security Algorithm Numbers”). */
import { Mnemonics } from './mnemonics.ts';

export const DnssecAlgorithm = {
  DELETE: 0, // RFC 8078
  RSAMD5: 1, // RFC 2537, must not be used
  DH: 2, // RFC 2539
  DSA: 3, // RFC 2536, must not be used
  ECC: 4, // reserved once
  RSASHA1: 5, // RFC 3110, RFC 9905
  NSEC3DSA: 6, // RFC 5155
  NSEC3RSASHA1: 7, // RFC 5155, RFC 9905
  RSASHA256: 8, // RFC 5702
  RSASHA512: 10, // RFC 5702
  ECCGOST: 12, // RFC 5933, RFC 9906
  ECDSAP256SHA256: 13, // RFC 6605
  ECDSAP384SHA384: 14, // RFC 6605
  ED25519: 15, // RFC 8080
  ED448: 16, // RFC 8080
  SM2SM3: 17, // RFC 9563
  'ECC-GOST12': 23, // RFC 9558
  INDIRECT: 252, // RFC 4034
  PRIVATEDNS: 253, // RFC 4034
  PRIVATEOID: 254, // RFC 4034
} as const;

export const dnssecAlgorithms: Mnemonics = new Mnemonics(
  { ...DnssecAlgorithm, 'DSA-NSEC3-SHA1': 6, 'RSASHA1-NSEC3-SHA1': 7 },
  '',
  0xff,
);
