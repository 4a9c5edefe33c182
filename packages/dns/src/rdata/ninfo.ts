/** NINFO: the state of a zone as text, a proposal. */
import { characterStrings } from './character-string.ts';
import { type RecordType, recordType } from './record-type.ts';

export type Ninfo = {
  readonly strings: readonly Uint8Array[];
};

export const ninfo: RecordType<Ninfo> = recordType({
  code: 56,
  mnemonic: 'NINFO',
  reference: 'draft-reid-dnsext-zs',
  fields: [characterStrings('strings')],
});
