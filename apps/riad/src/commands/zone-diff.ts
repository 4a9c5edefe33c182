/** `riad zone diff A B`: what the world would see differently, answers and not lines. */

import { formatRecordType } from '@riad/dns/iana/record-types';
import { canonicalName, formatName, type Name, parseName } from '@riad/dns/name';
import { recordToJson } from '@riad/dns/presentation';
import { askedTailOctets } from '@riad/dns-server/zone-diff/asked-image';
import { formatDifference } from '@riad/dns-server/zone-diff/difference-text';
import { typeOfNothing } from '@riad/dns-server/zone-diff/questions';
import type { SeenAnswer } from '@riad/dns-server/zone-diff/seen-answer';
import { formatMoment, formatSigning } from '@riad/dns-server/zone-diff/signing-text';
import {
  type AnswerDifference,
  diffZones,
  type SigningDiff,
  type ZoneDiff,
} from '@riad/dns-server/zone-diff/zone-diff';
import type { ZoneSigning } from '@riad/dns-server/zone-diff/zone-signing';
import type { ZoneImage } from '@riad/dns-server/zone-image/zone-image';
import { sha1 } from '@riad/net/ciphers/sha1';
import { loadZoneText, type SourceFile } from '@riad/service-dns-primary/file-check';
import { wallClock } from '../exchange.ts';
import { zoneVersions } from '../git/zone-versions.ts';
import { nameOf } from '../name-argument.ts';
import type { Output } from '../output.ts';
import { Refusal } from '../refusal.ts';
import { placed } from './zone-check.ts';

export type ZoneDiffOptions = {
  readonly zone?: string;
  readonly repo?: string;
  readonly rootOrigin?: boolean;
  /** Warnings make the status 1. */
  readonly strict?: boolean;
  readonly json?: boolean;
};

export async function run(
  before: string,
  after: string,
  options: ZoneDiffOptions,
  output: Output = process,
): Promise<number> {
  const wanted =
    options.zone === undefined
      ? undefined
      : formatName(canonicalName(nameOf(options.zone, 'zone')));
  const versions = zoneVersions(before, after, options.repo, wanted);
  const diffs: ZoneDiff[] = [];
  for (const [zone, version] of versions) {
    const apexName = parseName(zone);
    const old = imageOf(version.before, apexName, options);
    const now = imageOf(version.after, apexName, options);
    diffs.push(diffZones(old, now, apexName, sha1(), wallClock()));
  }
  if (options.json) {
    output.stdout.write(`${JSON.stringify(diffs.map(plainDiff))}\n`);
  } else {
    for (const diff of diffs) print(diff, output);
  }
  return options.strict && diffs.some(({ warnings }) => warnings.length > 0) ? 1 : 0;
}

function imageOf(
  file: SourceFile | undefined,
  apexName: Name,
  { rootOrigin = false }: ZoneDiffOptions,
): ZoneImage | undefined {
  if (file === undefined) return undefined;
  const { image, outcome } = loadZoneText(file, apexName, rootOrigin, askedTailOctets);
  if (outcome.kind !== 'refused') return image;
  throw new Refusal(outcome.faults.map((fault) => placed(fault)).join('\n'));
}

function print(
  { zone, serials, records, differences, more, signing, warnings }: ZoneDiff,
  output: Output,
): void {
  const { stdout, stderr } = output;
  const name = formatName(zone);
  const [before, after] = serials;
  if (before === undefined && after !== undefined) {
    stdout.write(`${name}: a new zone, serial ${after}, ${records[1]} records\n`);
  } else if (after === undefined) {
    stdout.write(`${name}: gone; it had serial ${before} and ${records[0]} records\n`);
  } else {
    for (const difference of differences) stdout.write(`${formatDifference(difference)}\n`);
    const proofs = signing === undefined ? [] : formatSigning(signing);
    for (const line of proofs) stdout.write(`${name}: ${line}\n`);
    if (more > 0) stdout.write(`and ${more} more differences\n`);
    const count = differences.length + more;
    const many = count === 1 ? '1 answer differs' : `${count} answers differ`;
    const nothing =
      proofs.length === 0 ? 'nothing is answered differently' : 'answers differ in DNSSEC alone';
    const told = count === 0 ? nothing : many;
    stderr.write(`${name}: serial ${before}, now ${after}: ${told}\n`);
  }
  for (const { message } of warnings) stdout.write(`warning: ${message}\n`);
}

function plainDiff({ zone, serials, records, differences, more, signing, warnings }: ZoneDiff) {
  return {
    zone: formatName(zone),
    serials: serials.map((serial) => serial ?? null),
    records,
    differences: differences.map(plainDifference),
    more,
    signing: signing === undefined ? null : plainSigning(signing),
    warnings: warnings.map(({ code, name, type, message }) => ({
      code,
      name: formatName(name),
      type: type === undefined ? null : formatRecordType(type),
      message,
    })),
  };
}

function plainSigning(signing: SigningDiff) {
  const { before, after, counts } = signing;
  const plain = (side: ZoneSigning | undefined) =>
    side === undefined
      ? null
      : {
          signatures: side.signatures,
          inception: formatMoment(side.inception),
          expiration: formatMoment(side.expiration),
          keys: side.keys,
          denials: side.denials,
        };
  return {
    before: plain(before),
    after: plain(after),
    names: counts,
    sentences: formatSigning(signing),
  };
}

function plainDifference(difference: AnswerDifference) {
  const { name, about, aspect, type, kind, before, after } = difference;
  return {
    name: aspect === 'name' ? formatName(name) : null,
    about: formatName(about),
    aspect,
    /** Null: whether the name exists. */
    type: type === typeOfNothing ? null : formatRecordType(type),
    kind,
    before: plainAnswer(before),
    after: plainAnswer(after),
    sentence: formatDifference(difference),
  };
}

function plainAnswer({ outcome, ttlSeconds, fromWildcard, records, glue }: SeenAnswer) {
  return {
    outcome,
    ttlSeconds,
    fromWildcard,
    records: records.map(recordToJson),
    glue: glue.map(recordToJson),
  };
}
