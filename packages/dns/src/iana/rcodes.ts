/** Response codes (IANA “DNS RCODEs”, RFC 6895 §2.3), the extended ones with their upper eight bits. */
import { Mnemonics } from './mnemonics.ts';

export const Rcode = {
  NOERROR: 0, // RFC 1035
  FORMERR: 1, // RFC 1035
  SERVFAIL: 2, // RFC 1035
  NXDOMAIN: 3, // RFC 1035
  NOTIMP: 4, // RFC 1035
  REFUSED: 5, // RFC 1035
  YXDOMAIN: 6, // RFC 2136, RFC 6672
  YXRRSET: 7, // RFC 2136
  NXRRSET: 8, // RFC 2136
  NOTAUTH: 9, // RFC 2136, RFC 8945
  NOTZONE: 10, // RFC 2136
  DSOTYPENI: 11, // RFC 8490
  BADVERS: 16, // RFC 6891; in the error field of TSIG the same number is BADSIG (RFC 8945)
  BADKEY: 17, // RFC 8945
  BADTIME: 18, // RFC 8945
  BADMODE: 19, // RFC 2930
  BADNAME: 20, // RFC 2930
  BADALG: 21, // RFC 2930
  BADTRUNC: 22, // RFC 8945
  BADCOOKIE: 23, // RFC 7873
} as const;

export const rcodes: Mnemonics = new Mnemonics(Rcode, 'RCODE', 0xfff);

/** What the error field of TSIG and TKEY holds: the same numbers but for 16. */
export const signatureErrors: Mnemonics = new Mnemonics(
  { ...Rcode, BADVERS: 0xffff_ffff, BADSIG: 16 },
  '',
  0xffff,
);

export function formatRcode(code: number): string {
  return rcodes.format(code);
}
