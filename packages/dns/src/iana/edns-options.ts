/** EDNS option codes (IANA “DNS EDNS0 Option Codes”). */
import { Mnemonics } from './mnemonics.ts';

export const EdnsOptionCode = {
  LLQ: 1, // RFC 8764
  UL: 2, // RFC 9664
  NSID: 3, // RFC 5001
  DAU: 5, // RFC 6975
  DHU: 6, // RFC 6975
  N3U: 7, // RFC 6975
  'CLIENT-SUBNET': 8, // RFC 7871
  EXPIRE: 9, // RFC 7314
  COOKIE: 10, // RFC 7873
  'TCP-KEEPALIVE': 11, // RFC 7828
  PADDING: 12, // RFC 7830
  CHAIN: 13, // RFC 7901
  'KEY-TAG': 14, // RFC 8145
  EDE: 15, // RFC 8914
  'CLIENT-TAG': 16, // draft-bellis-dnsop-edns-tags
  'SERVER-TAG': 17, // draft-bellis-dnsop-edns-tags
  'REPORT-CHANNEL': 18, // RFC 9567
  ZONEVERSION: 19, // RFC 9660
} as const;

const mnemonics = new Mnemonics(EdnsOptionCode, 'OPT', 0xffff);

export function formatEdnsOption(code: number): string {
  return mnemonics.format(code);
}
