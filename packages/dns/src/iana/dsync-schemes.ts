/** Ways to notify the parent (IANA “DSYNC: Location of Synchronization Endpoints”, RFC 9859 §6.2). */
import { Mnemonics } from './mnemonics.ts';

export const DsyncScheme = {
  NOTIFY: 1, // RFC 9859
} as const;

export const dsyncSchemes: Mnemonics = new Mnemonics(DsyncScheme, '', 0xff);
