/** DSYNC: where notifications to the parent go (RFC 9859 §2). */
import { dsyncSchemes } from '../iana/dsync-schemes.ts';
import type { Name } from '../name.ts';
import { mnemonic8, typeNumber } from './mnemonic-field.ts';
import { plainName } from './name-field.ts';
import { uint16 } from './number-field.ts';
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
  fields: [
    typeNumber('type'),
    mnemonic8('scheme', dsyncSchemes, false),
    uint16('port'),
    plainName('target'),
  ],
});
