/** Record classes (IANA “DNS CLASSes”, RFC 6895 §3.2). */
import { Mnemonics } from './mnemonics.ts';

export const RecordClass = {
  IN: 1, // RFC 1035
  CH: 3, // Chaosnet, RFC 1035
  HS: 4, // Hesiod
  NONE: 254, // RFC 2136
  ANY: 255, // RFC 1035
} as const;

const mnemonics = new Mnemonics(
  { ...RecordClass, INTERNET: 1, CHAOS: 3, HESIOD: 4 },
  'CLASS',
  0xffff,
);

/** The class that text names, as a mnemonic or as CLASSnnn (RFC 3597 §5), or -1. */
export function findRecordClass(text: Uint8Array, start: number, end: number): number {
  return mnemonics.find(text, start, end);
}

export function parseRecordClass(text: string): number | undefined {
  return mnemonics.parse(text);
}

export function formatRecordClass(code: number): string {
  return mnemonics.format(code);
}
