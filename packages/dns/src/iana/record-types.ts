/** Record type numbers (IANA “Resource Record (RR) TYPEs”, RFC 6895 §3.1). */
import { Mnemonics } from './mnemonics.ts';

export const RecordTypeCode = {
  A: 1, // RFC 1035
  NS: 2, // RFC 1035
  MD: 3, // RFC 1035, obsolete
  MF: 4, // RFC 1035, obsolete
  CNAME: 5, // RFC 1035
  SOA: 6, // RFC 1035
  MB: 7, // RFC 1035
  MG: 8, // RFC 1035
  MR: 9, // RFC 1035
  NULL: 10, // RFC 1035
  WKS: 11, // RFC 1035
  PTR: 12, // RFC 1035
  HINFO: 13, // RFC 1035
  MINFO: 14, // RFC 1035
  MX: 15, // RFC 1035
  TXT: 16, // RFC 1035
  RP: 17, // RFC 1183
  AFSDB: 18, // RFC 1183
  X25: 19, // RFC 1183
  ISDN: 20, // RFC 1183
  RT: 21, // RFC 1183
  NSAP: 22, // RFC 1706
  'NSAP-PTR': 23, // RFC 1706
  SIG: 24, // RFC 2536, RFC 2931
  KEY: 25, // RFC 2535
  PX: 26, // RFC 2163
  GPOS: 27, // RFC 1712
  AAAA: 28, // RFC 3596
  LOC: 29, // RFC 1876
  NXT: 30, // RFC 2535, obsolete
  EID: 31, // Nimrod
  NIMLOC: 32, // Nimrod
  SRV: 33, // RFC 2782
  ATMA: 34, // ATM Forum AF-DANS-0152.000
  NAPTR: 35, // RFC 3403
  KX: 36, // RFC 2230
  CERT: 37, // RFC 4398
  A6: 38, // RFC 2874, historic
  DNAME: 39, // RFC 6672
  SINK: 40, // draft-eastlake-kitchen-sink
  OPT: 41, // RFC 6891
  APL: 42, // RFC 3123
  DS: 43, // RFC 4034
  SSHFP: 44, // RFC 4255
  IPSECKEY: 45, // RFC 4025
  RRSIG: 46, // RFC 4034
  NSEC: 47, // RFC 4034
  DNSKEY: 48, // RFC 4034
  DHCID: 49, // RFC 4701
  NSEC3: 50, // RFC 5155
  NSEC3PARAM: 51, // RFC 5155
  TLSA: 52, // RFC 6698
  SMIMEA: 53, // RFC 8162
  HIP: 55, // RFC 8005
  NINFO: 56, // draft-reid-dnsext-zs
  RKEY: 57, // draft-reid-dnsext-rkey
  TALINK: 58, // draft-wijngaards-dnsop-trust-history
  CDS: 59, // RFC 7344
  CDNSKEY: 60, // RFC 7344
  OPENPGPKEY: 61, // RFC 7929
  CSYNC: 62, // RFC 7477
  ZONEMD: 63, // RFC 8976
  SVCB: 64, // RFC 9460
  HTTPS: 65, // RFC 9460
  DSYNC: 66, // RFC 9859
  HHIT: 67, // RFC 9886
  BRID: 68, // RFC 9886
  SPF: 99, // RFC 7208
  UINFO: 100, // IANA
  UID: 101, // IANA
  GID: 102, // IANA
  UNSPEC: 103, // IANA
  NID: 104, // RFC 6742
  L32: 105, // RFC 6742
  L64: 106, // RFC 6742
  LP: 107, // RFC 6742
  EUI48: 108, // RFC 7043
  EUI64: 109, // RFC 7043
  TKEY: 249, // RFC 2930
  TSIG: 250, // RFC 8945
  IXFR: 251, // RFC 1995
  AXFR: 252, // RFC 5936
  MAILB: 253, // RFC 1035
  MAILA: 254, // RFC 1035
  ANY: 255, // RFC 1035
  URI: 256, // RFC 7553
  CAA: 257, // RFC 8659
  AVC: 258, // IANA
  DOA: 259, // draft-durand-doa-over-dns
  AMTRELAY: 260, // RFC 8777
  RESINFO: 261, // RFC 9606
  WALLET: 262, // IANA
  TA: 32768, // IANA
  DLV: 32769, // RFC 4431, obsolete
} as const;

const mnemonics = new Mnemonics(RecordTypeCode, 'TYPE', 0xffff);

/** The type that text names, as a mnemonic or as TYPEnnn (RFC 3597 §5), or -1. */
export function findRecordType(text: Uint8Array, start: number, end: number): number {
  return mnemonics.find(text, start, end);
}

export function parseRecordType(text: string): number | undefined {
  return mnemonics.parse(text);
}

export function formatRecordType(code: number): string {
  return mnemonics.format(code);
}

/** Types that are asked for or carried in messages, but never stand in a zone (RFC 6895 §3.1). */
export function isMetaType(code: number): boolean {
  return code === 0 || code === RecordTypeCode.OPT || (code >= 128 && code <= 255);
}

/** Each mnemonic with its number. */
export const mnemonicTypes: readonly (readonly [string, number])[] = Object.entries(RecordTypeCode);
