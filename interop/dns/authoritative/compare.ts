/**
 * Compares what several servers answer to the same queries, section by section: each section is a
 * set of records in canonical form, so order, compression and the case of names do not count. The
 * OPT record is left out, for its options rightly differ.
 */

import { formatRecordType } from '@riad/dns/iana/record-types';
import { decodeMessage, type ResourceRecord } from '@riad/dns/message';
import { canonicalName, formatName } from '@riad/dns/name';
import { recordTypeOf } from '@riad/dns/rdata/registry';
import { formatHex } from '@riad/octets/hex';
import type { Target } from '../../peers/server.ts';
import { askOverTcp, askOverUdp } from './ask.ts';
import type { Query } from './queries.ts';

export const sections = ['rcode', 'aa', 'tc', 'answer', 'authority', 'additional'] as const;
export type Section = (typeof sections)[number];

/** Each section as one string: equal strings, equal sections. */
export type Normalised = Readonly<Record<Section, string>>;

export type Comparison = {
  readonly query: Query;
  /** By target, in their order. */
  readonly answers: readonly Normalised[];
};

const nothing: Normalised = {
  rcode: 'no answer',
  aa: '',
  tc: '',
  answer: '',
  authority: '',
  additional: '',
};

export function normalise(reply: Uint8Array | undefined): Normalised {
  if (reply === undefined) return nothing;
  const decoded = decodeMessage(reply);
  if (!decoded.ok) return { ...nothing, rcode: `undecodable: ${decoded.error.message}` };
  const { rcode, flags, answers, authorities, additionals } = decoded.value;
  return {
    rcode: String(rcode),
    aa: String(flags.aa),
    tc: String(flags.tc),
    ...normaliseSections(answers, authorities, additionals),
  };
}

export function normaliseSections(
  answer: readonly ResourceRecord[],
  authority: readonly ResourceRecord[],
  additional: readonly ResourceRecord[],
): Pick<Normalised, 'answer' | 'authority' | 'additional'> {
  return {
    answer: setOf(answer),
    authority: setOf(authority),
    additional: setOf(additional),
  };
}

function setOf(records: readonly ResourceRecord[]): string {
  return [...new Set(records.map(canonicalText))].sort().join('\n');
}

function canonicalText({
  owner,
  type,
  class: recordClass,
  ttlSeconds,
  rdata,
}: ResourceRecord): string {
  const data = recordTypeOf(type, recordClass).canonical(rdata);
  return `${formatName(canonicalName(owner))} ${ttlSeconds} ${formatRecordType(type)} ${formatHex(data)}`;
}

export async function compare(
  targets: readonly Target[],
  queries: readonly Query[],
  transport: 'udp' | 'tcp' = 'udp',
): Promise<Comparison[]> {
  const ask = transport === 'udp' ? askOverUdp : askOverTcp;
  const octets = queries.map((query) => query.octets);
  const byTarget: Normalised[][] = [];
  for (const target of targets) byTarget.push((await ask(target, octets)).map(normalise));
  return queries.map((query, i) => ({ query, answers: byTarget.map((answers) => answers[i]!) }));
}

/** Which targets say the same about a section: `bind=nsd≠knot`, in the order of the targets. */
export function parties(
  targets: readonly Target[],
  { answers }: Comparison,
  section: Section,
): string {
  const groups: { value: string; names: string[] }[] = [];
  answers.forEach((answer, i) => {
    const value = answer[section];
    const group = groups.find((other) => other.value === value);
    if (group === undefined) groups.push({ value, names: [targets[i]!.name] });
    else group.names.push(targets[i]!.name);
  });
  return groups.map(({ names }) => names.join('=')).join('≠');
}

export function agree({ answers }: Comparison, section: Section): boolean {
  return answers.every((answer) => answer[section] === answers[0]![section]);
}

/** The share of queries on which all agree, by section and altogether. */
export function shares(comparisons: readonly Comparison[]): Record<Section | 'all', number> {
  const count = (test: (comparison: Comparison) => boolean): number =>
    comparisons.filter(test).length / comparisons.length;
  const bySection = sections.map(
    (section) => [section, count((one) => agree(one, section))] as const,
  );
  const all = count((one) => sections.every((section) => agree(one, section)));
  return { ...(Object.fromEntries(bySection) as Record<Section, number>), all };
}

export type Kind = {
  readonly section: Section;
  readonly parties: string;
  /** What the query was about. */
  readonly about: string;
  readonly count: number;
  readonly example: Comparison;
};

/** The disagreements, those of one kind together, the commonest first. */
export function kindsOfDisagreement(
  targets: readonly Target[],
  comparisons: readonly Comparison[],
): Kind[] {
  const kinds = new Map<string, Kind>();
  for (const comparison of comparisons) {
    const section = sections.find((one) => !agree(comparison, one));
    if (section === undefined) continue; // a later section often differs because an earlier one does
    const between = parties(targets, comparison, section);
    const truncated = comparison.answers.some(({ tc }) => tc === 'true');
    const about = `${comparison.query.about}${truncated ? ', truncated' : ''}`;
    const key = `${section} ${between} ${about}`;
    const count = (kinds.get(key)?.count ?? 0) + 1;
    kinds.set(key, {
      section,
      parties: between,
      about,
      count,
      example: kinds.get(key)?.example ?? comparison,
    });
  }
  return [...kinds.values()].sort((a, b) => b.count - a.count);
}

export type Departure = { readonly comparison: Comparison; readonly section: Section };

/**
 * Where `subject` says something else than all the others, who agree: its faults, unless a written
 * reason excuses them. Each section is judged by itself.
 */
export function departures(
  targets: readonly Target[],
  comparisons: readonly Comparison[],
  subject: string,
): Departure[] {
  const index = targets.findIndex(({ name }) => name === subject);
  if (index < 0) throw new RangeError(`${subject} is not among the targets`);
  const found: Departure[] = [];
  for (const comparison of comparisons) {
    const own = comparison.answers[index]!;
    const peers = comparison.answers.filter((_, i) => i !== index);
    for (const section of sections) {
      const together = peers.every((peer) => peer[section] === peers[0]![section]);
      if (together && own[section] !== peers[0]![section]) found.push({ comparison, section });
    }
  }
  return found;
}

/** Lines for people: shares, then kinds with one example each. */
export function report(
  targets: readonly Target[],
  comparisons: readonly Comparison[],
  maxKinds: number = 40,
): string {
  const lines = [`${comparisons.length} queries to ${targets.map(({ name }) => name).join(', ')}`];
  for (const [section, share] of Object.entries(shares(comparisons))) {
    lines.push(`  ${section.padEnd(10)} ${(share * 100).toFixed(2).padStart(6)} % agree`);
  }
  for (const kind of kindsOfDisagreement(targets, comparisons).slice(0, maxKinds)) {
    lines.push(
      `  ${String(kind.count).padStart(6)} × ${kind.section}: ${kind.parties}, ${kind.about}; ${kind.example.query.text}`,
    );
  }
  return lines.join('\n');
}

/** One comparison in full. */
export function explain(targets: readonly Target[], { query, answers }: Comparison): string {
  const lines = [query.text];
  answers.forEach((answer, i) => {
    lines.push(`  ${targets[i]!.name}: rcode ${answer.rcode}, aa ${answer.aa}, tc ${answer.tc}`);
    for (const section of ['answer', 'authority', 'additional'] as const) {
      for (const record of answer[section].split('\n').filter((line) => line !== '')) {
        lines.push(
          `    ${section.padEnd(10)} ${record.length > 140 ? `${record.slice(0, 140)}…` : record}`,
        );
      }
    }
  });
  return lines.join('\n');
}
