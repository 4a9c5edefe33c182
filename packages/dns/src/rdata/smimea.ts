/** SMIMEA: the certificate of a mail user (RFC 8162 §2). */
import { hexRest } from './hex-field.ts';
import { uint8 } from './number-field.ts';
import { type RecordType, recordType } from './record-type.ts';

export type Smimea = {
  readonly usage: number;
  readonly selector: number;
  readonly matchingType: number;
  readonly data: Uint8Array;
};

export const smimea: RecordType<Smimea> = recordType({
  code: 53,
  mnemonic: 'SMIMEA',
  reference: 'RFC 8162 §2',
  fields: [uint8('usage'), uint8('selector'), uint8('matchingType'), hexRest('data')],
});
