/** CDNSKEY: a key that the child wants in a DS record of its parent (RFC 7344 §3.2). */
import { base64Rest } from './base64-field.ts';
import { algorithm } from './mnemonic-field.ts';
import { uint8, uint16 } from './number-field.ts';
import { type RecordType, recordType } from './record-type.ts';

export type Cdnskey = {
  readonly flags: number;
  readonly protocol: number;
  readonly algorithm: number;
  readonly key: Uint8Array;
};

export const cdnskey: RecordType<Cdnskey> = recordType({
  code: 60,
  mnemonic: 'CDNSKEY',
  reference: 'RFC 7344 §3.2',
  fields: [uint16('flags'), uint8('protocol'), algorithm('algorithm'), base64Rest('key')],
});
