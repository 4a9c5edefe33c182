/** TLSA: the certificate or key of a TLS server (RFC 6698 §2). */
import { hexRest } from './hex-field.ts';
import { uint8 } from './number-field.ts';
import { type RecordType, recordType } from './record-type.ts';

export type Tlsa = {
  readonly usage: number;
  readonly selector: number;
  readonly matchingType: number;
  readonly data: Uint8Array;
};

export const tlsa: RecordType<Tlsa> = recordType({
  code: 52,
  mnemonic: 'TLSA',
  reference: 'RFC 6698 §2',
  fields: [uint8('usage'), uint8('selector'), uint8('matchingType'), hexRest('data')],
});
