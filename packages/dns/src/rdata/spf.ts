/** SPF: a sender policy, obsolete in favour of TXT (RFC 7208 §3.1). */
import { characterStrings } from './character-string.ts';
import { type RecordType, recordType } from './record-type.ts';

export type Spf = {
  readonly strings: readonly Uint8Array[];
};

export const spf: RecordType<Spf> = recordType({
  code: 99,
  mnemonic: 'SPF',
  reference: 'RFC 7208 §3.1',
  fields: [characterStrings('strings')],
});
