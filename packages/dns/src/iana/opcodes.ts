/** Operation codes (IANA “DNS OpCodes”, RFC 6895 §2.2). */
import { Mnemonics } from './mnemonics.ts';

export const Opcode = {
  QUERY: 0, // RFC 1035
  IQUERY: 1, // RFC 3425, obsolete
  STATUS: 2, // RFC 1035
  NOTIFY: 4, // RFC 1996
  UPDATE: 5, // RFC 2136
  DSO: 6, // RFC 8490
} as const;

const mnemonics = new Mnemonics(Opcode, 'OPCODE', 15);

export function formatOpcode(code: number): string {
  return mnemonics.format(code);
}
