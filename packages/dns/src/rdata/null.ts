/** NULL: anything at all, experimental (RFC 1035 §3.3.10); it has no text but the generic one. */
import { type Opaque, OpaqueCodec } from './opaque.ts';
import { type RecordType, wholeRecordType } from './record-type.ts';

export const nullType: RecordType<Opaque> = wholeRecordType({
  code: 10,
  mnemonic: 'NULL',
  reference: 'RFC 1035 §3.3.10',
  codec: new OpaqueCodec(),
});
