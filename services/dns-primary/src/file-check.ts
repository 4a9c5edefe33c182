/**
 * Judges one file of a zone folder or repository as the service would take it: as a zone, as keys or as
 * the policy, whichever its name says. With the file as it was before, the serial has to be newer.
 * Not here: what several files are together, such as the same key in two of them.
 */

import { randomInt } from 'node:crypto';
import { RecordTypeCode } from '@riad/dns/iana/record-types';
import { equalNames, formatName, type Name, nameKey, parseName, root } from '@riad/dns/name';
import { serialOfSoa } from '@riad/dns/rdata/soa';
import { isNewerSerial } from '@riad/dns/serial';
import { readZoneFile } from '@riad/dns/zonefile/reader';
import { readKeyFile } from '@riad/dns-server/access/key-file';
import { canonicalKey } from '@riad/dns-server/update/zone-contents';
import { ZoneImage } from '@riad/dns-server/zone-image/zone-image';
import { forEachRecord } from '@riad/dns-server/zone-image/zone-records';
import {
  type LoadFault,
  type LoadOutcome,
  loadZone,
} from '@riad/dns-server/zone-loading/load-zone';
import { zoneOfKeyFile } from '@riad/name-server/access/keys/key-folder';
import { readPolicyFile } from '@riad/name-server/access/policy-file';
import { maxCheckedOctets, warningsOf } from '@riad/name-server/loading/zone-warnings';
import { sha1 } from '@riad/net/ciphers/sha1';
import { Arena } from '@riad/octets/arena';
import { policyFileName, zoneOfFile } from './zone-names.ts';

export type SourceFile = {
  /** As it lies in the folder, without path: it says what the file is. */
  readonly name: string;
  /** For people. */
  readonly label: string;
  readonly text: Uint8Array;
  readonly include: (path: string) => Uint8Array | undefined;
};

export type FileRules = {
  /** Names are relative to the root before any `$ORIGIN`, as in repositories made for MirageOS. */
  readonly rootOrigin: boolean;
  /** `auto`: the server raises the serial of a zone where its file does not. */
  readonly serial: 'auto' | 'file';
};

export type FormerFile = Pick<SourceFile, 'text' | 'include'>;

export type FileJudgement = {
  /** `other`: the server does not look at it. */
  readonly kind: 'zone' | 'keys' | 'policy' | 'other';
  readonly faults: readonly LoadFault[];
  readonly warnings: readonly LoadFault[];
};

/** What a comparison with the file as it was adds to the faults of loading a zone. */
export const codes = {
  'policy.wrong': 'the policy does not say what a policy may say',
  'serial.not-newer':
    'the zone was changed, and its serial is not newer than before: secondaries would keep the old zone',
  'serial.raised-later': 'the serial is not newer than before; the server will raise it',
  'serial.unknown': 'the file as it was has no serial to compare with',
  'zone.root-origin':
    'the names in the file seem to begin at the root, as in repositories made for MirageOS',
} as const;

/** Enough for most zones; for a larger one as much as there can be. */
const reservesOctets = [64 << 20, 2 ** 31];

/**
 * `former`: the file as it was, empty if it was not there; an empty file is then a removal. `zone`: judge
 * the file as this zone whatever it is called.
 */
export function judgeFile(
  file: SourceFile,
  rules: FileRules,
  former?: FormerFile,
  zone?: Name,
): FileJudgement {
  const keyZone = zone === undefined ? zoneOfKeyFile(file.name) : undefined;
  if (keyZone !== undefined) return judgeKeys(file, keyZone, rules);
  if (zone === undefined && file.name === policyFileName) return judgePolicy(file);
  const named = zone === undefined ? zoneOfFile(file.name) : undefined;
  const apexName = zone ?? (named === undefined ? undefined : parseName(named));
  if (apexName === undefined) return { kind: 'other', faults: [], warnings: [] };
  return { kind: 'zone', ...judgeZone(file, apexName, rules, former) };
}

function judgeKeys({ label, text }: SourceFile, zone: Name, rules: FileRules): FileJudgement {
  const origin = rules.rootOrigin ? root : zone;
  const { faults, warnings } = readKeyFile({ file: label, text, zone, origin });
  return { kind: 'keys', faults, warnings };
}

function judgePolicy({ label, text }: SourceFile): FileJudgement {
  const reading = readPolicyFile(new TextDecoder().decode(text));
  const faults = reading.ok
    ? []
    : reading.complaints.map(({ line, column, sentence }) => ({
        code: 'policy.wrong',
        file: label,
        line,
        column,
        message: sentence,
      }));
  return { kind: 'policy', faults, warnings: [] };
}

type Findings = { readonly faults: readonly LoadFault[]; readonly warnings: readonly LoadFault[] };

function judgeZone(
  file: SourceFile,
  apexName: Name,
  rules: FileRules,
  former: FormerFile | undefined,
): Findings {
  const { text, label, include } = file;
  if (text.length === 0) {
    if (former !== undefined) return { faults: [], warnings: [] };
    const code = 'zone.empty-file';
    return {
      faults: [{ code, file: label, line: 1, column: 1, message: 'the file is empty' }],
      warnings: [],
    };
  }
  const { image, outcome } = loadZoneText(file, apexName, rules.rootOrigin);
  if (outcome.kind === 'refused') {
    return { faults: outcome.faults, warnings: rootOriginHint(file, apexName, rules) };
  }
  const warnings = outcome.kind === 'loaded' ? [...outcome.warnings] : [];
  if (text.length <= maxCheckedOctets) {
    const origin = rules.rootOrigin ? root : apexName;
    warnings.push(...warningsOf(apexName, text, label, include, origin));
  }
  if (warnings.some(({ code }) => code === 'check.name-twice')) {
    warnings.push(...rootOriginHint(file, apexName, rules));
  }
  if (former === undefined || former.text.length === 0) return { faults: [], warnings };
  const { faults, remarks } = judgeSerial(file, image, apexName, rules, former);
  return { faults, warnings: [...warnings, ...remarks] };
}

/** The zone of a text in an image of its own. `tailOctets`: behind it, for who answers from it. */
export function loadZoneText(
  { text, label, include }: Pick<SourceFile, 'text' | 'label' | 'include'>,
  apexName: Name,
  rootOrigin: boolean,
  tailOctets: number = 0,
): { readonly image: ZoneImage; readonly outcome: LoadOutcome } {
  const request = {
    apexName,
    text,
    file: label,
    include,
    origin: rootOrigin ? root : apexName,
    before: undefined,
    confirmed: true,
  };
  for (const [i, octets] of reservesOctets.entries()) {
    const image = ZoneImage.create(Arena.reserve(octets, tailOctets), randomInt(2 ** 32));
    try {
      return { image, outcome: loadZone(image, request, sha1()) };
    } catch (error) {
      if ((error as { code?: string }).code !== 'arena.full') throw error;
      if (i < reservesOctets.length - 1) continue;
      const message = 'the zone does not fit into memory';
      const fault = { code: 'arena.full', file: label, line: 1, column: 1, message };
      return { image, outcome: { kind: 'refused', faults: [fault] } };
    }
  }
  throw new RangeError('no memory was tried');
}

/** Says so when the file makes a good zone only with its names relative to the root. */
function rootOriginHint(file: SourceFile, apexName: Name, { rootOrigin }: FileRules): LoadFault[] {
  if (rootOrigin || apexName.length === 1) return [];
  if (loadZoneText(file, apexName, true).outcome.kind === 'refused') return [];
  const code = 'zone.root-origin';
  const message = `${codes[code]}: origin: root in riad.yaml, --root-origin on the command line`;
  return [{ code, file: file.label, line: 1, column: 1, message }];
}

function judgeSerial(
  file: SourceFile,
  image: ZoneImage,
  apexName: Name,
  { rootOrigin, serial }: FileRules,
  former: FormerFile,
): { faults: LoadFault[]; remarks: LoadFault[] } {
  const now = soaOf(file, apexName, rootOrigin);
  const before = soaOf({ ...file, ...former }, apexName, rootOrigin);
  const place = { file: file.label, line: now?.line ?? 1, column: 1 };
  if (now === undefined || before === undefined) {
    const code = 'serial.unknown';
    return { faults: [], remarks: [{ code, ...place, message: codes[code] }] };
  }
  // RFC 1982 §3.2; serials as far apart as can be are none newer than the other.
  if (isNewerSerial(now.serial, before.serial)) return { faults: [], remarks: [] };
  if (now.serial === before.serial) {
    if (serial === 'auto') return { faults: [], remarks: [] };
    const old = loadZoneText({ ...file, ...former }, apexName, rootOrigin);
    const same =
      old.outcome.kind === 'loaded' &&
      sameLines(recordLines(image, apexName), recordLines(old.image, apexName));
    if (same) return { faults: [], remarks: [] };
  }
  const code = serial === 'auto' ? 'serial.raised-later' : 'serial.not-newer';
  const message = `${formatName(apexName)} had serial ${before.serial} and has ${now.serial}: ${codes[code]}`;
  const fault = { code, ...place, message };
  return serial === 'auto' ? { faults: [], remarks: [fault] } : { faults: [fault], remarks: [] };
}

/** Every record of a zone, in an order of its own; spelling aside. */
function recordLines(image: ZoneImage, apexName: Name): string[] {
  const lines: string[] = [];
  forEachRecord(image, image.zoneOf(apexName), ({ owner, type, ttlSeconds, rdata }) =>
    lines.push(`${nameKey(owner)} ${ttlSeconds} ${canonicalKey(type, rdata)}`),
  );
  return lines.sort();
}

function sameLines(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((line, i) => line === b[i]);
}

/** The SOA of a text, which may have faults besides. */
function soaOf(
  { text, label, include }: SourceFile,
  apexName: Name,
  rootOrigin: boolean,
): { readonly serial: number; readonly line: number } | undefined {
  let found: { serial: number; line: number } | undefined;
  readZoneFile(
    text,
    { file: label, origin: rootOrigin ? root : apexName, include },
    {
      record: (owner, length, _same, type, _class, _ttl, rdata, start, end, line) => {
        if (found !== undefined || type !== RecordTypeCode.SOA) return;
        if (!equalNames(owner.slice(0, length), apexName)) return;
        found = { serial: serialOfSoa(rdata.slice(start, end)), line };
      },
    },
  );
  return found;
}
