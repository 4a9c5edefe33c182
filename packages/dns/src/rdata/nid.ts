/** NID: a node identifier of ILNP (RFC 6742 §2.1). */
import { locator64 } from './fixed-octets-field.ts';
import { uint16 } from './number-field.ts';
import { type RecordType, recordType } from './record-type.ts';

export type Nid = {
  readonly preference: number;
  readonly nodeId: string;
};

export const nid: RecordType<Nid> = recordType({
  code: 104,
  mnemonic: 'NID',
  reference: 'RFC 6742 §2.1',
  fields: [uint16('preference'), locator64('nodeId')],
});
