/** URI: the URI of a service (RFC 7553 §4). */
import { quotedRest } from './character-string.ts';
import { uint16 } from './number-field.ts';
import { type RecordType, recordType } from './record-type.ts';

export type Uri = {
  readonly priority: number;
  readonly weight: number;
  readonly target: Uint8Array;
};

export const uri: RecordType<Uri> = recordType({
  code: 256,
  mnemonic: 'URI',
  reference: 'RFC 7553 §4',
  fields: [uint16('priority'), uint16('weight'), quotedRest('target', 1)],
});
