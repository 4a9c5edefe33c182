/** DS: the digest of a key of the child, in the parent (RFC 4034 §5). */
import { type KeyDigest, KeyDigestCodec } from './ds-fields.ts';
import { type RecordType, wholeRecordType } from './record-type.ts';

export type Ds = KeyDigest;

export const ds: RecordType<Ds> = wholeRecordType({
  code: 43,
  mnemonic: 'DS',
  reference: 'RFC 4034 §5',
  codec: new KeyDigestCodec(),
});
