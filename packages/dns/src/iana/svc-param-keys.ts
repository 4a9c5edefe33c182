/** Keys of service parameters (IANA “Service Parameter Keys (SvcParamKeys)”, RFC 9460 §14.3). */
import { Mnemonics } from './mnemonics.ts';

export const SvcParamKey = {
  mandatory: 0, // RFC 9460
  alpn: 1, // RFC 9460
  'no-default-alpn': 2, // RFC 9460
  port: 3, // RFC 9460
  ipv4hint: 4, // RFC 9460
  ech: 5, // RFC 9848
  ipv6hint: 6, // RFC 9460
  dohpath: 7, // RFC 9461
  ohttp: 8, // RFC 9540
  'tls-supported-groups': 9, // draft-ietf-tls-key-share-prediction
  docpath: 10, // RFC 9953
} as const;

const mnemonics = new Mnemonics(SvcParamKey, 'key', 0xffff);

/** The number that text names, as a key or as keyNNN, or -1. */
export function findSvcParamKey(text: Uint8Array, start: number, end: number): number {
  return mnemonics.find(text, start, end);
}

export function formatSvcParamKey(key: number): string {
  return mnemonics.format(key).replace(/^KEY/, 'key');
}
