/** SINK: data of any kind, an expired proposal. */
import { base64Rest } from './base64-field.ts';
import { uint8 } from './number-field.ts';
import { type RecordType, recordType } from './record-type.ts';

export type Sink = {
  readonly meaning: number;
  readonly coding: number;
  readonly subcoding: number;
  readonly data: Uint8Array;
};

export const sink: RecordType<Sink> = recordType({
  code: 40,
  mnemonic: 'SINK',
  reference: 'draft-eastlake-kitchen-sink',
  fields: [uint8('meaning'), uint8('coding'), uint8('subcoding'), base64Rest('data', 0)],
});
