/** `riad zone why NAME TYPE`: the rule and the lines behind an answer, and who wrote them when. */
import { formatRcode } from '@riad/dns/iana/rcodes';
import { formatRecordType, isMetaType, parseRecordType } from '@riad/dns/iana/record-types';
import type { ResourceRecord } from '@riad/dns/message';
import {
  equalNames,
  formatName,
  isSubdomain,
  labelCount,
  type Name,
  nameKey,
  parseName,
  root,
} from '@riad/dns/name';
import { formatRecord, recordToJson } from '@riad/dns/presentation';
import { AskedImage, askedTailOctets } from '@riad/dns-server/zone-diff/asked-image';
import { ZoneNames } from '@riad/dns-server/zone-diff/questions';
import { type AnswerStep, explainAnswer } from '@riad/dns-server/zone-why/explain-answer';
import { recordPlaces } from '@riad/dns-server/zone-why/record-places';
import { sha1 } from '@riad/net/ciphers/sha1';
import { loadZoneText, type SourceFile } from '@riad/service-dns-primary/file-check';
import { zoneOfFile } from '@riad/service-dns-primary/zone-names';
import { nameOf } from '../name-argument.ts';
import type { Output } from '../output.ts';
import { Refusal } from '../refusal.ts';
import {
  type LineOrigin,
  openZoneSource,
  type ZoneSource,
  type ZoneSourceOption,
} from '../zone-source.ts';
import { placed } from './zone-check.ts';

export type ZoneWhyOptions = ZoneSourceOption & { readonly json?: boolean };

/** Zones that an alias leads through one after the other. */
const maxZones = 20;

type Evidence = {
  readonly record: ResourceRecord;
  /** Path below the source; undefined for a record that no line has. */
  readonly path: string | undefined;
  readonly line: number;
  readonly text: string;
  readonly origin: LineOrigin | undefined;
};

type Explained = {
  readonly zone: Name;
  readonly step: AnswerStep;
  readonly evidence: readonly Evidence[];
};

export async function run(
  nameText: string,
  typeText: string,
  options: ZoneWhyOptions,
  output: Output = process,
): Promise<number> {
  const name = nameOf(nameText);
  const type = parseRecordType(typeText.toUpperCase());
  if (type === undefined) throw new Refusal(`"${typeText}" is no record type`);
  if (isMetaType(type)) throw new Refusal(`${typeText} is no type of records`);
  using source = await openZoneSource(options);
  const explained: Explained[] = [];
  let rcode = 0;
  let next: Name | undefined = name;
  const seen = new Set<string>();
  while (next !== undefined && seen.size < maxZones && !seen.has(nameKey(next))) {
    seen.add(nameKey(next));
    const zone = zoneOf(source, next, type);
    if (zone === undefined) break;
    const result = explainIn(source, zone, next, type);
    explained.push(...result.explained);
    rcode = result.rcode;
    next = result.leadsTo;
  }
  if (explained.length === 0) throw new Refusal(`no zone here has ${formatName(name)}`);
  if (options.json) output.stdout.write(`${JSON.stringify(plain(explained, rcode, next))}\n`);
  else print(explained, rcode, next, type, output);
  return 0;
}

type ZoneFile = { readonly zone: Name; readonly file: SourceFile };

/** The deepest zone with the name; of a DS record the one above (RFC 4035 §3.1.4.1). */
function zoneOf(source: ZoneSource, name: Name, type: number): ZoneFile | undefined {
  const zones = source.names.flatMap((file) => {
    const text = zoneOfFile(file);
    if (text === undefined) return [];
    const zone = parseName(text);
    return isSubdomain(name, zone) ? [{ zone, file }] : [];
  });
  zones.sort((a, b) => labelCount(b.zone) - labelCount(a.zone));
  const above = zones.filter(({ zone }) => !equalNames(zone, name));
  const [found] = type === 43 && above.length > 0 ? above : zones;
  const file = found && source.open(found.file);
  return found === undefined || file === undefined ? undefined : { zone: found.zone, file };
}

function explainIn(
  source: ZoneSource,
  { zone, file }: ZoneFile,
  name: Name,
  type: number,
): { explained: Explained[]; rcode: number; leadsTo: Name | undefined } {
  const { image, outcome } = loadZoneText(file, zone, source.rootOrigin, askedTailOctets);
  if (outcome.kind === 'refused') {
    throw new Refusal(outcome.faults.map((fault) => placed(fault)).join('\n'));
  }
  using asked = new AskedImage(image, sha1());
  const names = new ZoneNames(image, zone);
  const { steps, message, leadsTo } = explainAnswer(asked, zone, names, name, type);
  const explained = steps.map((step) => ({
    zone,
    step,
    evidence: evidenceOf(source, zone, file, step.records),
  }));
  return { explained, rcode: message.rcode, leadsTo };
}

function evidenceOf(
  source: ZoneSource,
  zone: Name,
  file: SourceFile,
  records: readonly ResourceRecord[],
): Evidence[] {
  const origin = source.rootOrigin ? root : zone;
  const places = recordPlaces({ ...file, origin }, records);
  return records.map((record, i): Evidence => {
    const place = places[i];
    if (place === undefined) {
      return { record, path: undefined, line: 0, text: '', origin: undefined };
    }
    const path = place.included ?? file.name;
    const octets = place.included === undefined ? file.text : file.include(place.included);
    const text = lineOf(octets, place.line);
    return { record, path, line: place.line, text, origin: source.origin(path, place.line) };
  });
}

function lineOf(octets: Uint8Array | undefined, line: number): string {
  return (
    new TextDecoder()
      .decode(octets)
      .split(/\r\n|\n|\r/)
      [line - 1]?.trim() ?? ''
  );
}

function print(
  explained: readonly Explained[],
  rcode: number,
  leadsTo: Name | undefined,
  type: number,
  { stdout }: Output,
): void {
  for (const { zone, step, evidence } of explained) {
    stdout.write(`${formatName(step.name)} ${formatRecordType(type)}: ${sentenceOf(step, zone)}\n`);
    for (const { record, path, line, text, origin } of evidence) {
      if (path === undefined) {
        stdout.write(`  ${formatRecord(record).replaceAll('\t', ' ')}: stands on no line\n`);
        continue;
      }
      stdout.write(`  ${path}:${line}: ${text}\n`);
      if (origin !== undefined) stdout.write(`    ${originText(origin, path, line)}\n`);
    }
  }
  if (leadsTo !== undefined) {
    stdout.write(`${formatName(leadsTo)} lies in no zone here\n`);
  }
  if (rcode !== 0) stdout.write(`the answer is ${formatRcode(rcode)}\n`);
}

function sentenceOf({ rule, source, target, byWildcard, name }: AnswerStep, zone: Name): string {
  const wildcard = byWildcard
    ? ` (the name does not exist; the wildcard ${formatName(source)} stands for it)`
    : '';
  switch (rule) {
    case 'exact':
      return 'the name owns these records';
    case 'wildcard':
      return `the name does not exist; the wildcard ${formatName(source)} stands for it`;
    case 'alias':
      return `an alias of ${formatName(target!)}${wildcard}`;
    case 'dname': {
      const leads = target === undefined ? 'a name that is too long' : formatName(target);
      return `below the DNAME of ${formatName(source)}, which makes it an alias of ${leads}`;
    }
    case 'delegation':
      return equalNames(source, name)
        ? 'delegated to these name servers'
        : `below the zone cut ${formatName(source)}, which is delegated to these name servers`;
    case 'no-data':
      return `the name exists and has no such records${wildcard}; how long others keep that stands in the SOA`;
    case 'empty-non-terminal':
      return `the name has no records, but names below it do${wildcard}; how long others keep that stands in the SOA`;
    case 'name-error':
      return `no such name: ${formatName(source)} exists, nothing between, and it has no wildcard; how long others keep that stands in the SOA of ${formatName(zone)}`;
  }
}

function originText(origin: LineOrigin, path: string, line: number): string {
  if (origin.kind === 'not-committed') return 'not committed yet';
  const { commit, author, email, time, subject } = origin;
  const elsewhere =
    origin.line === line && origin.path.endsWith(path)
      ? ''
      : `, then ${origin.path}:${origin.line}`;
  return `${commit.slice(0, 10)} ${time} ${author} <${email}>: ${subject}${elsewhere}`;
}

function plain(explained: readonly Explained[], rcode: number, leadsTo: Name | undefined) {
  return {
    rcode: formatRcode(rcode),
    leadsTo: leadsTo === undefined ? null : formatName(leadsTo),
    steps: explained.map(({ zone, step, evidence }) => ({
      zone: formatName(zone),
      name: formatName(step.name),
      rule: step.rule,
      byWildcard: step.byWildcard,
      source: formatName(step.source),
      target: step.target === undefined ? null : formatName(step.target),
      sentence: sentenceOf(step, zone),
      records: evidence.map(({ record, path, line, text, origin }) => ({
        record: recordToJson(record),
        file: path ?? null,
        line: path === undefined ? null : line,
        text,
        origin: origin ?? null,
      })),
    })),
  };
}
