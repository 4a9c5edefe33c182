/** HINFO: hardware and system of a host (RFC 1035 §3.3.2), or the answer to ANY (RFC 8482 §4.2). */
import { characterString } from './character-string.ts';
import { type RecordType, recordType } from './record-type.ts';

export type Hinfo = {
  readonly cpu: Uint8Array;
  readonly os: Uint8Array;
};

export const hinfo: RecordType<Hinfo> = recordType({
  code: 13,
  mnemonic: 'HINFO',
  reference: 'RFC 1035 §3.3.2',
  fields: [characterString('cpu'), characterString('os')],
});
