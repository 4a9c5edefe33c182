/** DNSKEY: a key that signs the zone (RFC 4034 §2). */
import { base64Rest } from './base64-field.ts';
import { algorithm } from './mnemonic-field.ts';
import { uint8, uint16 } from './number-field.ts';
import { type RecordType, recordType } from './record-type.ts';

export type Dnskey = {
  readonly flags: number;
  readonly protocol: number;
  readonly algorithm: number;
  readonly key: Uint8Array;
};

export const dnskey: RecordType<Dnskey> = recordType({
  code: 48,
  mnemonic: 'DNSKEY',
  reference: 'RFC 4034 §2',
  fields: [uint16('flags'), uint8('protocol'), algorithm('algorithm'), base64Rest('key')],
});
