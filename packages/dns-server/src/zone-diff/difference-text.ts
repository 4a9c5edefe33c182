/** A difference in a sentence, in the field’s words (RFC 9499). */
import { formatRecordType } from '@riad/dns/iana/record-types';
import type { ResourceRecord } from '@riad/dns/message';
import { equalNames, formatName, isWildcard, type Name, parentName } from '@riad/dns/name';
import { recordTypeOf } from '@riad/dns/rdata/registry';
import { typeOfNothing, type ZoneQuestion } from './questions.ts';
import type { SeenAnswer } from './seen-answer.ts';
import type { AnswerDifference } from './zone-diff.ts';

/** More records of one answer would not be read. */
const shownRecords = 8;

export function formatDifference(difference: AnswerDifference): string {
  const { before, after, kind, type } = difference;
  const subject = subjectOf(difference);
  if (kind === 'ttl') {
    return `${subject}: kept for ${before.ttlSeconds} s, now for ${after.ttlSeconds} s`;
  }
  if (type === typeOfNothing) {
    return `${subject}: ${existence(before)}, now ${existence(after)}`;
  }
  return `${subject}: ${formatSeen(before, difference.name)}, now ${formatSeen(after, difference.name)}`;
}

/** `www.example.com. A`, or whom a question of aspect `below` stands for. */
export function subjectOf({ aspect, about, name, type }: ZoneQuestion): string {
  const word = type === typeOfNothing ? '' : ` ${formatRecordType(type)}`;
  if (aspect === 'name') return `${formatName(name)}${word}`;
  const parent = isWildcard(about) ? (parentName(about) ?? about) : about;
  return `any other name below ${formatName(parent)}${word}`;
}

function existence({ outcome, fromWildcard }: SeenAnswer): string {
  if (outcome === 'name-error') return 'does not exist';
  if (outcome === 'referral') return 'belongs to a delegation';
  return fromWildcard ? 'exists by a wildcard' : 'exists';
}

export function formatSeen(seen: SeenAnswer, name: Name): string {
  const { outcome, records, glue } = seen;
  const wildcard = seen.fromWildcard ? ' (wildcard)' : '';
  switch (outcome) {
    case 'answer':
      return `${listed(records, name)}${wildcard}`;
    case 'alias': {
      const nothing = seen.endsInNothing ? ', which leads to nothing' : '';
      return `${listed(records, name)}${nothing}${wildcard}`;
    }
    case 'referral': {
      const cut = records[0]!.owner;
      const addresses = glue.length === 0 ? '' : `, glue ${listed(glue, cut)}`;
      return `referral to ${formatName(cut)} at ${listed(records, cut)}${addresses}`;
    }
    case 'no-data':
      return `no such data${wildcard}`;
    case 'name-error':
      return 'no such name';
    case 'not-served':
      return 'not served';
    case 'failure':
      return 'SERVFAIL';
  }
}

/** Their data; with the owner where that is not the name asked for, with the type where it is an alias. */
function listed(records: readonly ResourceRecord[], name: Name): string {
  const texts = records.slice(0, shownRecords).map(({ owner, type, rdata }) => {
    const data = recordTypeOf(type).format(rdata);
    const alias = type === 5 || type === 39;
    const own = equalNames(owner, name) ? '' : `${formatName(owner)} `;
    return alias ? `${own}${formatRecordType(type)} ${data}` : `${own}${data}`;
  });
  const rest = records.length - texts.length;
  return rest > 0 ? `${texts.join(', ')} and ${rest} more` : texts.join(', ');
}
