/** TXT: text, as one string or more whose boundaries are kept (RFC 1035 §3.3.14). */
import { characterStrings } from './character-string.ts';
import { type RecordType, recordType } from './record-type.ts';

export type Txt = {
  readonly strings: readonly Uint8Array[];
};

export const txt: RecordType<Txt> = recordType({
  code: 16,
  mnemonic: 'TXT',
  reference: 'RFC 1035 §3.3.14',
  fields: [characterStrings('strings')],
});
