/** What of the differences between two versions of a zone is hardly meant, or cannot be undone quickly. */
import { formatRecordType, RecordTypeCode } from '@riad/dns/iana/record-types';
import { equalNames, formatName, type Name, nameKey } from '@riad/dns/name';
import { isNewerSerial } from '@riad/dns/serial';
import { type DiffWarning, diffWarnings, type Warn } from './diff-warning.ts';
import { subjectOf } from './difference-text.ts';
import { mailWarnings } from './mail-warnings.ts';
import { typeOfNothing } from './questions.ts';
import { hasOwn, recordsOfType, type SeenAnswer } from './seen-answer.ts';
import { signingWarnings } from './signing-warnings.ts';
import type { AnswerDifference, AskBoth, ZoneDiff } from './zone-diff.ts';
import type { ZoneSigning } from './zone-signing.ts';

const { NS, DS, SOA, DNSKEY, A, AAAA } = RecordTypeCode;

/** Others keep it for so long, and that is too long to take a mistake back. */
const slowSeconds = 3600;
/** More would not be read. */
export const maxDiffWarnings = 1000;

/** `ask`: both versions; undefined where one of them has no such zone. `signing`: of the later one. */
export function zoneWarnings(
  diff: Omit<ZoneDiff, 'warnings'>,
  ask: AskBoth | undefined,
  signing: ZoneSigning | undefined,
): DiffWarning[] {
  const found: DiffWarning[] = [];
  const seen = new Set<string>();
  const warn: Warn = (code, { name, type }, detail) => {
    const key = `${code} ${nameKey(name)} ${type}`;
    if (found.length >= maxDiffWarnings || seen.has(key)) return;
    seen.add(key);
    const place = `${formatName(name)}${type === undefined ? '' : ` ${formatRecordType(type)}`}`;
    const message = `${place}: ${diffWarnings[code]}${detail === undefined ? '' : `: ${detail}`}`;
    found.push({ code, name, type, message });
  };
  const { zone, serials, differences } = diff;
  const [before, after] = serials;
  if (after === undefined && before !== undefined) warn('diff.zone-gone', { name: zone });
  if (signing !== undefined) signingWarnings(zone, signing, warn);
  if (before === undefined || after === undefined || ask === undefined) return found;
  if ((differences.length > 0 || hasChanged(diff.signing)) && !isNewerSerial(after, before)) {
    warn('diff.serial', { name: zone }, `${before}, now ${after}`);
  }
  for (const difference of differences) judge(difference, zone, warn);
  mailWarnings(differences, ask, warn);
  return found;
}

function hasChanged(signing: ZoneDiff['signing']): boolean {
  return signing !== undefined && Object.values(signing.counts).some((count) => count > 0);
}

function judge(difference: AnswerDifference, zone: Name, warn: Warn): void {
  const { name, type, before, after, about, kind } = difference;
  judgeUndoing(difference, warn);
  if (kind === 'ttl') return;
  if (equalNames(name, zone)) judgeApex(difference, warn);
  const hidden =
    before.fromWildcard &&
    before.outcome !== 'no-data' &&
    !after.fromWildcard &&
    (after.outcome === 'name-error' || after.outcome === 'no-data') &&
    !isOfWildcard(difference);
  if (hidden) warn('diff.wildcard-hidden', { name: about }, subjectOf(difference));
  judgeDelegation(difference, zone, warn);
  if (after.endsInNothing && !before.endsInNothing && before.outcome !== 'name-error') {
    const target = after.records.at(-1);
    warn('diff.alias-target-gone', { name }, target && formatName(target.owner));
  }
  if (type === DS && after.outcome !== 'referral') judgeDs(name, before, after, warn);
}

/** The wildcard itself went or lost the type: nothing hides it. */
function isOfWildcard({ aspect, about }: AnswerDifference): boolean {
  return aspect === 'below' && about[0] === 1 && about[1] === 0x2a;
}

function judgeUndoing(
  { before, name, type, aspect, about, kind }: AnswerDifference,
  warn: Warn,
): void {
  if (kind === 'ttl' || type === typeOfNothing || before.outcome === 'not-served') return;
  if (before.ttlSeconds <= slowSeconds) return;
  const kept =
    before.outcome === 'name-error' || before.outcome === 'no-data' ? 'that there is none ' : '';
  const place = aspect === 'name' ? { name, type } : { name: about, type };
  warn('diff.slow-to-undo', place, `${kept}for ${before.ttlSeconds} s`);
}

function judgeApex({ name, type, before, after }: AnswerDifference, warn: Warn): void {
  if (type === NS) warn('diff.apex-ns', { name });
  if (type === SOA) warn('diff.soa', { name });
  if ((type === A || type === AAAA) && after.outcome !== 'answer' && before.outcome === 'answer') {
    warn('diff.apex-address', { name, type });
  }
  if (type !== DNSKEY || before.outcome !== 'answer') return;
  if (after.outcome !== 'answer') warn('diff.dnskey-gone', { name });
  else if (shared(before, after, DNSKEY) === 0) warn('diff.dnskey-changed', { name });
}

function judgeDelegation(difference: AnswerDifference, zone: Name, warn: Warn): void {
  const { name, type, before, after } = difference;
  const served = before.outcome === 'answer' || before.outcome === 'alias';
  if (after.outcome === 'referral' && served) {
    const cut = after.records[0]!.owner;
    // What is asked of the cut itself belongs to the child.
    if (type !== NS) warn('diff.delegation-new', { name: cut }, subjectOf(difference));
  }
  if (before.outcome !== 'referral') return;
  const cut = before.records[0]!.owner;
  if (after.outcome !== 'referral') {
    if (!hasOwn(after, cut, NS) || !equalNames(cut, zone))
      warn('diff.delegation-gone', { name: cut });
    return;
  }
  const lost = serversWithGlue(before).filter((server) => !serversWithGlue(after).includes(server));
  const still = new Set(after.records.map(({ rdata }) => nameKey(rdata)));
  for (const server of lost) {
    if (still.has(server)) warn('diff.glue-gone', { name }, glueName(before, server));
  }
}

/** Keys of the names whose addresses came along. */
function serversWithGlue({ glue }: SeenAnswer): string[] {
  return [...new Set(glue.map(({ owner }) => nameKey(owner)))];
}

function glueName({ glue }: SeenAnswer, key: string): string {
  return formatName(glue.find(({ owner }) => nameKey(owner) === key)!.owner);
}

function judgeDs(name: Name, before: SeenAnswer, after: SeenAnswer, warn: Warn): void {
  if (recordsOfType(before, DS).length === 0) return;
  if (recordsOfType(after, DS).length === 0) warn('diff.ds-gone', { name });
  else if (shared(before, after, DS) === 0) warn('diff.ds-changed', { name });
}

function shared(before: SeenAnswer, after: SeenAnswer, type: number): number {
  const old = new Set(recordsOfType(before, type).map(({ rdata }) => rdata.toHex()));
  return recordsOfType(after, type).filter(({ rdata }) => old.has(rdata.toHex())).length;
}
