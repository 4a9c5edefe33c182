/** HTTPS: SVCB for the web (RFC 9460 §9). */
import { RecordClass } from '../iana/classes.ts';
import type { Name } from '../name.ts';
import { plainName } from './name-field.ts';
import { uint16 } from './number-field.ts';
import { type RecordType, recordType } from './record-type.ts';
import type { SvcParams } from './svc-params.ts';
import { svcParams } from './svc-params-field.ts';

export type Https = {
  /** 0 is alias mode, in which parameters are ignored (RFC 9460 §2.4.2). */
  readonly priority: number;
  /** The root stands for the owner itself, or in alias mode for no service at all (§2.5). */
  readonly target: Name;
  readonly params: SvcParams;
};

export const https: RecordType<Https> = recordType({
  code: 65,
  mnemonic: 'HTTPS',
  reference: 'RFC 9460 §9',
  onlyClass: RecordClass.IN,
  fields: [uint16('priority'), plainName('target'), svcParams('params')],
});
