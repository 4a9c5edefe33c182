/** SSHFP: the fingerprint of an SSH host key (RFC 4255 §3). */
import { hexRest } from './hex-field.ts';
import { uint8 } from './number-field.ts';
import { type RecordType, recordType } from './record-type.ts';

export type Sshfp = {
  readonly algorithm: number;
  readonly fingerprintType: number;
  readonly fingerprint: Uint8Array;
};

export const sshfp: RecordType<Sshfp> = recordType({
  code: 44,
  mnemonic: 'SSHFP',
  reference: 'RFC 4255 §3',
  fields: [uint8('algorithm'), uint8('fingerprintType'), hexRest('fingerprint')],
});
