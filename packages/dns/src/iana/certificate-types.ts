/** Certificate types of CERT records (RFC 4398 §2.1). */
import { Mnemonics } from './mnemonics.ts';

export const CertificateType = {
  PKIX: 1,
  SPKI: 2,
  PGP: 3,
  IPKIX: 4,
  ISPKI: 5,
  IPGP: 6,
  ACPKIX: 7,
  IACPKIX: 8,
  URI: 253,
  OID: 254,
} as const;

export const certificateTypes: Mnemonics = new Mnemonics(CertificateType, '', 0xffff);
