/** CDS: the DS record that the child wants (RFC 7344 §3.1). */
import { type KeyDigest, KeyDigestCodec } from './ds-fields.ts';
import { type RecordType, wholeRecordType } from './record-type.ts';

export type Cds = KeyDigest;

export const cds: RecordType<Cds> = wholeRecordType({
  code: 59,
  mnemonic: 'CDS',
  reference: 'RFC 7344 §3.1',
  codec: new KeyDigestCodec(),
});
