/** TA: a trust anchor, a proposal in the form of DS. */
import { type KeyDigest, KeyDigestCodec } from './ds-fields.ts';
import { type RecordType, wholeRecordType } from './record-type.ts';

export type Ta = KeyDigest;

export const ta: RecordType<Ta> = wholeRecordType({
  code: 32768,
  mnemonic: 'TA',
  reference: 'IANA',
  codec: new KeyDigestCodec(),
});
