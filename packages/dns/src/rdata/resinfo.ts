/** RESINFO: what a resolver can do (RFC 9606 §4). */
import { characterStrings } from './character-string.ts';
import { type RecordType, recordType } from './record-type.ts';

export type Resinfo = {
  readonly strings: readonly Uint8Array[];
};

export const resinfo: RecordType<Resinfo> = recordType({
  code: 261,
  mnemonic: 'RESINFO',
  reference: 'RFC 9606 §4',
  fields: [characterStrings('strings')],
});
