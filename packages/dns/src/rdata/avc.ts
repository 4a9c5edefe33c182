/** AVC: application visibility and control, as text. */
import { characterStrings } from './character-string.ts';
import { type RecordType, recordType } from './record-type.ts';

export type Avc = {
  readonly strings: readonly Uint8Array[];
};

export const avc: RecordType<Avc> = recordType({
  code: 258,
  mnemonic: 'AVC',
  reference: 'IANA',
  fields: [characterStrings('strings')],
});
