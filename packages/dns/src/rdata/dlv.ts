/** DLV: a digest outside the parent, obsolete (RFC 4431). */
import { type KeyDigest, KeyDigestCodec } from './ds-fields.ts';
import { type RecordType, wholeRecordType } from './record-type.ts';

export type Dlv = KeyDigest;

export const dlv: RecordType<Dlv> = wholeRecordType({
  code: 32769,
  mnemonic: 'DLV',
  reference: 'RFC 4431',
  codec: new KeyDigestCodec(),
});
