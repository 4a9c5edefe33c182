/** The codes of warnings about differences, with one sentence each. */
import type { Name } from '@riad/dns/name';

export const diffWarnings = {
  'diff.serial':
    'the zone differs and its serial is not newer: secondaries keep the old one unless the server raises it',
  'diff.zone-gone': 'the zone is gone',
  'diff.apex-ns': 'the name servers of the zone change; the zone above has to be told',
  'diff.soa': 'the SOA changes beside its serial',
  'diff.apex-address': 'the zone’s own name loses its addresses',
  'diff.wildcard-hidden': 'a new name hides a wildcard from names that it stood for',
  'diff.delegation-new': 'names that were answered from here belong to a delegation now',
  'diff.delegation-gone': 'a delegation is gone',
  'diff.glue-gone': 'a delegation loses the address of a name server below it',
  'diff.ds-gone': 'a delegation has no DS any more: what is below is not validated',
  'diff.ds-changed':
    'all DS of a delegation change: what is below is bogus while the child keeps its keys',
  'diff.dnskey-gone': 'the zone has no DNSKEY any more: with a DS above it, it is bogus',
  'diff.dnskey-changed': 'no DNSKEY of before is left: with the DS of before, the zone is bogus',
  'diff.signature-expired': 'signatures have expired: validating resolvers refuse what they cover',
  'diff.signature-expires':
    'signatures expire within three days: somebody has to sign the zone before',
  'diff.signature-early':
    'signatures are not valid yet: the clock of the signer is ahead, or the zone was not to be published yet',
  'diff.alias-target-gone': 'an alias leads to nothing',
  'diff.slow-to-undo': 'others keep what is changed for more than an hour',
  'diff.mail-gone': 'a name has no MX any more',
  'diff.mail-refused': 'a name says that it takes no mail (RFC 7505)',
  'diff.spf-gone': 'a name has no SPF record any more',
  'diff.spf-twice': 'a name has several SPF records, which count as none',
  'diff.dkim-gone': 'a DKIM key is gone: mail signed with it fails',
  'diff.dkim-changed': 'a DKIM key is another one: mail signed with the old one fails',
  'diff.dmarc-gone': 'a DMARC policy is gone',
  'diff.mta-sts-gone': 'the record of an MTA-STS policy is gone, while others keep the policy',
  'diff.mta-sts-host': 'the host of an MTA-STS policy has no address any more',
  'diff.mta-sts-id': 'MX records change and the id of the MTA-STS policy does not',
} as const;

export type DiffWarning = {
  readonly code: keyof typeof diffWarnings;
  /** What it is about; the zone itself for what concerns all of it. */
  readonly name: Name;
  readonly type: number | undefined;
  readonly message: string;
};

/** Tells of something once for each name and type. */
export type Warn = (
  code: DiffWarning['code'],
  about: { readonly name: Name; readonly type?: number },
  detail?: string,
) => void;
