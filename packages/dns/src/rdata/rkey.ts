/** RKEY: a key to encrypt record data for, a proposal. */
import { base64Rest } from './base64-field.ts';
import { algorithm } from './mnemonic-field.ts';
import { uint8, uint16 } from './number-field.ts';
import { type RecordType, recordType } from './record-type.ts';

export type Rkey = {
  readonly flags: number;
  readonly protocol: number;
  readonly algorithm: number;
  readonly key: Uint8Array;
};

export const rkey: RecordType<Rkey> = recordType({
  code: 57,
  mnemonic: 'RKEY',
  reference: 'draft-reid-dnsext-rkey',
  fields: [uint16('flags'), uint8('protocol'), algorithm('algorithm'), base64Rest('key', 0)],
});
