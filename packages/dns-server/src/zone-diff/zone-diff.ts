/**
 * What the world would see differently of two versions of a zone: not which lines changed, but which
 * questions get another answer, and what of that is hardly meant. Both versions are asked by the one
 * answering function; nothing here knows a second way to answer. What DNSSEC adds is asked for with DO, and told in
 * sums.
 *
 * Not here: what resolvers still keep, and zones above and below.
 */

import { RecordTypeCode } from '@riad/dns/iana/record-types';
import { compareNames, equalNames, type Name, nameKey } from '@riad/dns/name';
import { serialOfSoa } from '@riad/dns/rdata/soa';
import { equalOctets } from '@riad/octets/ascii';
import type { UnixSeconds } from '@riad/octets/engine';
import type { Sha1 } from '../zone-image/denial-index.ts';
import type { ZoneImage } from '../zone-image/zone-image.ts';
import { AskedImage } from './asked-image.ts';
import type { DiffWarning } from './diff-warning.ts';
import { type ProofCounts, ProofDifferences } from './proof-differences.ts';
import { typeOfNothing, ZoneNames, type ZoneQuestion, zoneQuestions } from './questions.ts';
import { meaningOf, notServed, readAnswer, type SeenAnswer, ttlsOf } from './seen-answer.ts';
import { type ZoneSigning, zoneSigning } from './zone-signing.ts';
import { zoneWarnings } from './zone-warnings.ts';

export type AnswerDifference = ZoneQuestion & {
  /** `ttl`: the same records, kept for longer or shorter. */
  readonly kind: 'answer' | 'ttl';
  readonly before: SeenAnswer;
  readonly after: SeenAnswer;
};

export type ZoneDiff = {
  readonly zone: Name;
  /** Undefined where the version does not have the zone. */
  readonly serials: readonly [before: number | undefined, after: number | undefined];
  readonly records: readonly [before: number, after: number];
  /** In canonical order of the names they are about; none when the zone as a whole comes or goes. */
  readonly differences: readonly AnswerDifference[];
  /** Differences beyond `maxDifferences`. */
  readonly more: number;
  /** Questions that were asked. */
  readonly questions: number;
  /** Undefined if neither is signed, or one of them is not there. */
  readonly signing: SigningDiff | undefined;
  readonly warnings: readonly DiffWarning[];
};

export type SigningDiff = {
  /** Undefined where it is not signed. */
  readonly before: ZoneSigning | undefined;
  readonly after: ZoneSigning | undefined;
  readonly counts: ProofCounts;
};

/** More would not be read; they are counted. */
export const maxDifferences = 10_000;

/** `before`, `after`: each with `askedTailOctets` at its end; undefined: the zone is not there. */
export function diffZones(
  before: ZoneImage | undefined,
  after: ZoneImage | undefined,
  apexName: Name,
  sha1: Sha1,
  wallClock: UnixSeconds,
): ZoneDiff {
  const names = [new ZoneNames(before, apexName), new ZoneNames(after, apexName)] as const;
  const serials = [serialOf(names[0]), serialOf(names[1])] as const;
  const diff = {
    zone: apexName,
    serials,
    records: [names[0].records, names[1].records] as const,
    differences: [],
    more: 0,
    questions: 0,
    signing: undefined,
  };
  const signed = {
    before: before && zoneSigning(before, apexName, wallClock),
    after: after && zoneSigning(after, apexName, wallClock),
  };
  const whole = serials[0] === undefined || serials[1] === undefined;
  if (whole || before === undefined || after === undefined) {
    return { ...diff, warnings: zoneWarnings(diff, undefined, signed.after) };
  }
  using old = new AskedImage(before, sha1);
  using now = new AskedImage(after, sha1);
  const proofs =
    signed.before === undefined && signed.after === undefined
      ? undefined
      : new ProofDifferences(old, now);
  const compared = compare(old, now, names, proofs);
  const signing = proofs && { ...signed, counts: proofs.counts };
  const found = { ...diff, ...compared, signing };
  const askBoth: AskBoth = (name, type) => [seenBy(old, name, type), seenBy(now, name, type)];
  return { ...found, warnings: zoneWarnings(found, askBoth, signed.after) };
}

/** The answers of both versions. */
export type AskBoth = (
  name: Name,
  type: number,
) => readonly [before: SeenAnswer, after: SeenAnswer];

function seenBy(image: AskedImage, name: Name, type: number): SeenAnswer {
  const octets = image.ask(name, type);
  return readAnswer(octets, type, image.fromWildcard);
}

function compare(
  old: AskedImage,
  now: AskedImage,
  names: readonly [ZoneNames, ZoneNames],
  proofs: ProofDifferences | undefined,
): Pick<ZoneDiff, 'differences' | 'more' | 'questions'> {
  const differences: AnswerDifference[] = [];
  let more = 0;
  let questions = 0;
  let lastKey = '';
  for (const question of zoneQuestions(...names)) {
    const { name, type } = question;
    if (proofs !== undefined && question.aspect === 'name') {
      const key = nameKey(name);
      if (lastKey !== key && names.every((version) => version.exists(key))) {
        proofs.lookAtDenial(name);
      }
      lastKey = key;
      if (type !== typeOfNothing) proofs.lookAtSet(name, type);
    }
    const last = differences.at(-1);
    if (type === typeOfNothing && last !== undefined && isTold(last, question)) continue;
    questions++;
    const [first, second] = [old.ask(name, type), now.ask(name, type)];
    if (equalOctets(first, second)) continue;
    const key = nameKey(name);
    // Where an alias leads to a wildcard, the name itself is no wildcard’s.
    const before = readAnswer(first, type, old.fromWildcard && !names[0].exists(key));
    const after = readAnswer(second, type, now.fromWildcard && !names[1].exists(key));
    const kind = kindOf(type, before, after);
    if (kind === undefined) continue;
    if (differences.length === maxDifferences) more++;
    else differences.push({ ...question, kind, before, after });
  }
  // Array.prototype.sort is stable: those about one name stay as they were asked.
  differences.sort((a, b) => compareNames(a.about, b.about));
  return { differences, more, questions };
}

/** Whether another type has told already that such names exist no more, or do now. */
function isTold({ name, about, before, after }: AnswerDifference, question: ZoneQuestion): boolean {
  const existence = [before, after].some(
    ({ outcome }) => outcome === 'name-error' || outcome === 'referral' || outcome === 'alias',
  );
  return existence && equalNames(about, question.about) && equalNames(name, question.name);
}

function kindOf(
  type: number,
  before: SeenAnswer,
  after: SeenAnswer,
): AnswerDifference['kind'] | undefined {
  const negative = isNegative(before);
  // That a name exists, or does no more, is told once.
  if (negative && isNegative(after) && type !== typeOfNothing) return undefined;
  if (meaningOf(before) !== meaningOf(after)) return 'answer';
  return !negative && before !== notServed && ttlsOf(before) !== ttlsOf(after) ? 'ttl' : undefined;
}

function isNegative({ outcome }: SeenAnswer): boolean {
  return outcome === 'name-error' || outcome === 'no-data';
}

function serialOf({ soa }: ZoneNames): number | undefined {
  return soa?.type === RecordTypeCode.SOA ? serialOfSoa(soa.rdata) : undefined;
}
