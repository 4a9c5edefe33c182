/** NSEC3PARAM: how names of the zone are hashed (RFC 5155 §4). */
import { nsec3Salt } from './nsec3-hash-field.ts';
import { uint8, uint16 } from './number-field.ts';
import { type RecordType, recordType } from './record-type.ts';

export type Nsec3param = {
  readonly algorithm: number;
  readonly flags: number;
  readonly iterations: number;
  readonly salt: Uint8Array;
};

export const nsec3param: RecordType<Nsec3param> = recordType({
  code: 51,
  mnemonic: 'NSEC3PARAM',
  reference: 'RFC 5155 §4',
  fields: [uint8('algorithm'), uint8('flags'), uint16('iterations'), nsec3Salt('salt')],
});
