/**
 * Why a zone answers as it does: which rule of RFC 1034 §4.3.2 each name met on the way, and which records
 * of the zone stand behind that. The answer itself is the answering function’s; this reads it backwards.
 */
import { RecordTypeCode } from '@riad/dns/iana/record-types';
import { decodeMessage, type Message, type ResourceRecord } from '@riad/dns/message';
import {
  appendName,
  equalNames,
  isSubdomain,
  type Name,
  nameKey,
  parentName,
  parseName,
} from '@riad/dns/name';
import type { AskedImage } from '../zone-diff/asked-image.ts';
import type { ZoneNames } from '../zone-diff/questions.ts';

const { A, AAAA, NS, SOA, CNAME, DNAME } = RecordTypeCode;

export type AnswerRule =
  /** The name owns records of the type. */
  | 'exact'
  /** The name does not exist and a wildcard stands for it (RFC 4592). */
  | 'wildcard'
  /** It is an alias: CNAME. */
  | 'alias'
  /** It lies below a DNAME (RFC 6672). */
  | 'dname'
  /** It lies at or below a zone cut. */
  | 'delegation'
  /** It exists and owns nothing of the type. */
  | 'no-data'
  /** It exists only because names below it do. */
  | 'empty-non-terminal'
  | 'name-error';

export type AnswerStep = {
  readonly name: Name;
  readonly rule: AnswerRule;
  /** A wildcard stood for the name. */
  readonly byWildcard: boolean;
  /**
   * The name in the zone that decided: itself, the wildcard, the owner of the DNAME, the zone cut; with
   * `name-error` the closest encloser.
   */
  readonly source: Name;
  /** As they stand in the zone: with a denial its SOA, with a delegation glue as well. */
  readonly records: readonly ResourceRecord[];
  /** Where an alias leads. */
  readonly target: Name | undefined;
};

export type Explanation = {
  readonly message: Message;
  readonly steps: readonly AnswerStep[];
  /** The name that was not looked for in this zone any more. */
  readonly leadsTo: Name | undefined;
};

const star = parseName('*.');

export function explainAnswer(
  image: AskedImage,
  zone: Name,
  names: ZoneNames,
  asked: Name,
  type: number,
): Explanation {
  const decoded = decodeMessage(image.ask(asked, type).slice());
  if (!decoded.ok) throw decoded.error; // ours: that would be our bug
  const message = decoded.value;
  const steps: AnswerStep[] = [];
  const seen = new Set<string>();
  let name: Name | undefined = asked;
  while (name !== undefined && isSubdomain(name, zone) && !seen.has(nameKey(name))) {
    seen.add(nameKey(name));
    const step: AnswerStep = explainName(message, zone, names, name, type);
    steps.push(step);
    name = step.target;
  }
  const round = name !== undefined && seen.has(nameKey(name));
  return { message, steps, leadsTo: round ? undefined : name };
}

function explainName(
  message: Message,
  zone: Name,
  names: ZoneNames,
  name: Name,
  type: number,
): AnswerStep {
  const { answers, authorities, additionals } = message;
  const exists = names.exists(nameKey(name));
  const encloser = exists ? name : closestEncloser(names, name, zone);
  const wildcard = exists ? undefined : wildcardAt(names, encloser);
  const source = wildcard ?? name;
  const byWildcard = wildcard !== undefined;
  const step = { name, byWildcard, source, target: undefined };
  const own = answers.filter(({ owner }) => equalNames(owner, name));
  const dname = answers.find(
    (record) =>
      record.type === DNAME && isSubdomain(name, record.owner) && !equalNames(name, record.owner),
  );
  const alias = own.find((record) => record.type === CNAME);
  if (dname !== undefined) {
    const records = [dname];
    return {
      ...step,
      rule: 'dname',
      byWildcard: false,
      source: dname.owner,
      records,
      target: alias?.rdata,
    };
  }
  const found = own.filter((record) => record.type === type);
  if (found.length > 0) {
    return { ...step, rule: byWildcard ? 'wildcard' : 'exact', records: ownedBy(found, source) };
  }
  if (alias !== undefined) {
    return { ...step, rule: 'alias', records: ownedBy([alias], source), target: alias.rdata };
  }
  if (own.length > 0)
    return { ...step, rule: byWildcard ? 'wildcard' : 'exact', records: ownedBy(own, source) }; // ANY
  const cut = authorities.filter(
    (record) =>
      record.type === NS && isSubdomain(name, record.owner) && !equalNames(record.owner, zone),
  );
  const [first] = cut;
  if (first !== undefined) {
    const glue = additionals.filter((record) => record.type === A || record.type === AAAA);
    return {
      ...step,
      rule: 'delegation',
      byWildcard: false,
      source: first.owner,
      records: [...cut, ...glue],
    };
  }
  const records = authorities.filter((record) => record.type === SOA);
  if (!exists && !byWildcard) return { ...step, rule: 'name-error', source: encloser, records };
  const empty = names.typesAt(nameKey(source)).length === 0;
  return { ...step, rule: empty ? 'empty-non-terminal' : 'no-data', records };
}

/** RFC 4592 §3.3.1; the apex exists. */
function closestEncloser(names: ZoneNames, name: Name, zone: Name): Name {
  let at = parentName(name) ?? name;
  while (!names.exists(nameKey(at)) && !equalNames(at, zone)) at = parentName(at) ?? zone;
  return at;
}

function wildcardAt(names: ZoneNames, encloser: Name): Name | undefined {
  const wildcard = appendName(star, encloser);
  return wildcard !== undefined && names.exists(nameKey(wildcard)) ? wildcard : undefined;
}

function ownedBy(records: readonly ResourceRecord[], owner: Name): ResourceRecord[] {
  return records.map((record) => ({ ...record, owner }));
}
