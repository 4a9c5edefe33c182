/** TALINK: a link in a list of trust anchors, a proposal. */
import type { Name } from '../name.ts';
import { plainName } from './name-field.ts';
import { type RecordType, recordType } from './record-type.ts';

export type Talink = {
  readonly previous: Name;
  readonly next: Name;
};

export const talink: RecordType<Talink> = recordType({
  code: 58,
  mnemonic: 'TALINK',
  reference: 'draft-wijngaards-dnsop-trust-history',
  fields: [plainName('previous'), plainName('next')],
});
