/** Signatures that validating resolvers refuse, or will soon: with them all of the zone is bogus to them. */
import { formatRecordType } from '@riad/dns/iana/record-types';
import { formatName, type Name } from '@riad/dns/name';
import type { Warn } from './diff-warning.ts';
import { formatMoment } from './signing-text.ts';
import type { Judged, ZoneSigning } from './zone-signing.ts';

export function signingWarnings(zone: Name, signing: ZoneSigning, warn: Warn): void {
  const tell = (code: Parameters<Warn>[0], { count, first }: Judged): void => {
    if (first === undefined) return;
    const of = `${formatName(first.owner)} ${formatRecordType(first.covered)}`;
    const many = count === 1 ? '1 signature' : `${count} signatures`;
    warn(code, { name: zone }, `${many}, the first of ${of}: ${formatMoment(first.time)}`);
  };
  tell('diff.signature-expired', signing.expired);
  tell('diff.signature-expires', signing.expiringSoon);
  tell('diff.signature-early', signing.notYetValid);
}
