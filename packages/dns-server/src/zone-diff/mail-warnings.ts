/** What breaks mail: MX, SPF (RFC 7208), DKIM (RFC 6376), DMARC (RFC 7489), MTA-STS (RFC 8461). */
import { RecordTypeCode } from '@riad/dns/iana/record-types';
import type { ResourceRecord } from '@riad/dns/message';
import { appendName, labelsOf, type Name, parseName } from '@riad/dns/name';
import { textFromOctets } from '@riad/octets/ascii';
import type { Warn } from './diff-warning.ts';
import { recordsOfType } from './seen-answer.ts';
import type { AnswerDifference, AskBoth } from './zone-diff.ts';

const { A, AAAA, MX, TXT } = RecordTypeCode;

export function mailWarnings(
  differences: readonly AnswerDifference[],
  ask: AskBoth,
  warn: Warn,
): void {
  const changed = differences.filter(({ kind, aspect }) => kind === 'answer' && aspect === 'name');
  for (const difference of changed) {
    if (difference.type === MX) judgeMx(difference, ask, warn);
    if (difference.type === TXT) judgeText(difference, warn);
    if (difference.type === A || difference.type === AAAA) judgeHost(difference, warn);
  }
}

/** `after` has MX for the name, and they say where mail goes: not that it goes nowhere (RFC 7505 §3). */
function isNullMx(records: readonly ResourceRecord[]): boolean {
  return records.length === 1 && records[0]!.rdata.length === 3 && records[0]!.rdata[2] === 0;
}

function judgeMx({ name, before, after }: AnswerDifference, ask: AskBoth, warn: Warn): void {
  const old = recordsOfType(before, MX);
  const now = recordsOfType(after, MX);
  if (after.outcome === 'referral' || old.length === 0 || isNullMx(old)) return;
  if (now.length === 0) return warn('diff.mail-gone', { name });
  if (isNullMx(now)) return warn('diff.mail-refused', { name });
  // RFC 8461 §3.1: the id tells senders that the policy, which lists the MX hosts, is another one.
  const policy = appendName(mtaStsLabel, name);
  if (policy === undefined) return;
  const [ids, idsNow] = ask(policy, TXT).map(({ records }) => textsOf(records).filter(isMtaSts));
  if (ids!.length > 0 && ids!.join() === idsNow!.join()) warn('diff.mta-sts-id', { name });
}

const mtaStsLabel = parseName('_mta-sts.');

function isMtaSts(text: string): boolean {
  return /^v=stsv1/i.test(text);
}

function judgeText({ name, before, after }: AnswerDifference, warn: Warn): void {
  const labels = labelTexts(name);
  const old = textsOf(before.records);
  const now = textsOf(after.records);
  const lost = (isIt: (text: string) => boolean): boolean => old.some(isIt) && !now.some(isIt);
  if (lost(isSpf)) warn('diff.spf-gone', { name });
  if (now.filter(isSpf).length > 1 && old.filter(isSpf).length < 2)
    warn('diff.spf-twice', { name });
  if (labels[0] === '_dmarc' && lost((text) => /^v=dmarc1/i.test(text))) {
    warn('diff.dmarc-gone', { name });
  }
  if (labels[1] === '_domainkey') judgeDkim(name, old, now, warn);
  if (labels[0] === '_mta-sts' && lost(isMtaSts)) {
    warn('diff.mta-sts-gone', { name });
  }
}

/** RFC 7208 §4.5. */
function isSpf(text: string): boolean {
  return /^v=spf1(?: |$)/i.test(text);
}

function judgeDkim(name: Name, old: readonly string[], now: readonly string[], warn: Warn): void {
  const keys = (texts: readonly string[]): string[] =>
    // RFC 6376 §3.6.1: an empty p= is a key that was revoked.
    texts.flatMap(
      (text) => /(?:^|;)\s*p\s*=\s*([^;\s][^;]*)/i.exec(text)?.[1]?.replace(/\s/g, '') ?? [],
    );
  const [before, after] = [keys(old), keys(now)];
  if (before.length === 0) return;
  if (after.length === 0) warn('diff.dkim-gone', { name });
  else if (!before.some((key) => after.includes(key))) warn('diff.dkim-changed', { name });
}

/** RFC 8461 §3.3: the policy is fetched from this host. */
function judgeHost({ name, before, after }: AnswerDifference, warn: Warn): void {
  if (labelTexts(name)[0] !== 'mta-sts') return;
  const reached = before.outcome === 'answer';
  if (reached && after.outcome !== 'answer') warn('diff.mta-sts-host', { name });
}

/** The labels of a name as text in lower case. */
function labelTexts(name: Name): string[] {
  return labelsOf(name).map((label) => textFromOctets(label).toLowerCase());
}

/** The text of TXT records, their strings put together (RFC 7208 §3.3). */
function textsOf(records: readonly ResourceRecord[]): string[] {
  return records
    .filter(({ type }) => type === TXT)
    .map(({ rdata }) => {
      let text = '';
      for (let at = 0; at < rdata.length; at += rdata[at]! + 1) {
        text += textFromOctets(rdata, at + 1, at + 1 + rdata[at]!);
      }
      return text;
    });
}
