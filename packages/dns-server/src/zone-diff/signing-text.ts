/** How two versions of a zone are signed differently: a line for each kind of difference. */
import { dnssecAlgorithms } from '@riad/dns/iana/dnssec-algorithms';
import { formatTime } from '@riad/dns/rdata/time-field';
import type { SigningDiff } from './zone-diff.ts';
import type { ZoneSigning } from './zone-signing.ts';

/** None where nothing differs. */
export function formatSigning({ before, after, counts }: SigningDiff): string[] {
  const { renewed, added, gone, denials } = counts;
  const lines: string[] = [];
  if (before === undefined && after !== undefined) {
    lines.push(`signed now, with ${keysOf(after)}, ${denialOf(after)}: ${timesOf(after)}`);
  } else if (before !== undefined && after === undefined) {
    lines.push(`not signed any more; it was with ${keysOf(before)}, ${denialOf(before)}`);
  } else if (before !== undefined && after !== undefined) {
    if (before.keys.join() !== after.keys.join()) {
      lines.push(`signed with ${keysOf(before)}, now with ${keysOf(after)}`);
    }
    if (denialOf(before) !== denialOf(after)) {
      const both = [before, after].every((signing) => /^NSEC3 /.test(denialOf(signing)));
      const what = both ? 'NSEC3 parameters changed' : 'denial of existence changed';
      lines.push(`${what}: ${denialOf(before)}, now ${denialOf(after)}`);
    }
    const times = `${timesOf(before)}, now ${timesOf(after)}`;
    if (renewed > 0) lines.push(`signatures renewed: ${names(renewed)}, ${times}`);
    if (added > 0) lines.push(`signatures where there were none: ${names(added)}`);
    if (gone > 0) lines.push(`signatures gone: ${names(gone)}`);
    // With other parameters all are others.
    if (denials > 0 && denialOf(before) === denialOf(after)) {
      lines.push(`${denialOf(after).split(' ', 1)[0]} changed: ${names(denials)}`);
    }
  }
  return lines;
}

function names(count: number): string {
  return count === 1 ? '1 name' : `${count} names`;
}

function keysOf({ keys }: ZoneSigning): string {
  const words = keys.map((key) => {
    const [tag, algorithm] = key.split('/');
    return `${tag} (${dnssecAlgorithms.format(Number(algorithm))})`;
  });
  return `${words.length === 1 ? 'key' : 'keys'} ${words.join(', ')}`;
}

function denialOf({ denials }: ZoneSigning): string {
  return denials.length === 0 ? 'no denial of existence' : denials.join(' and ');
}

/** `2026-12-01 12:00:00 UTC` of what a signature has. */
export function formatMoment(seconds: number): string {
  return formatTime(seconds).replace(/(..)(..)(..)(..)(..)$/, '-$1-$2 $3:$4:$5 UTC');
}

function timesOf({ inception, expiration }: ZoneSigning): string {
  return `from ${formatMoment(inception)} until ${formatMoment(expiration)}`;
}
