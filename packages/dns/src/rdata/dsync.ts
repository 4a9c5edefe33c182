/** DSYNC: where notifications to the parent go (RFC 9859 §2). */
import type { Name } from '../name.ts';
import { typeNumber } from './mnemonic-field.ts';
import { plainName } from './name-field.ts';
import { uint8, uint16 } from './number-field.ts';
import { type RecordType, recordType } from './record-type.ts';

export type Dsync = {
  readonly type: number;
  readonly scheme: number;
  readonly port: number;
  readonly target: Name;
};

export const dsync: RecordType<Dsync> = recordType({
  code: 66,
  mnemonic: 'DSYNC',
  reference: 'RFC 9859 §2',
  fields: [typeNumber('type'), uint8('scheme'), uint16('port'), plainName('target')],
});
