/** Judges what a push does to the files of the branch that is served. */

import { root } from '@riad/dns/name';
import type { LoadFault } from '@riad/dns-server/zone-loading/load-zone';
import { zoneOfKeyFile } from '@riad/name-server/access/keys/key-folder';
import { loadKeys } from '@riad/name-server/access/keys/load-keys';
import {
  type FileRules,
  type FormerFile,
  judgeFile,
  type SourceFile,
} from '@riad/service-dns-primary/file-check';
import { policyFileName, zoneOfFile } from '@riad/service-dns-primary/zone-names';
import type { BorrowedRepository } from './borrowed-repository.ts';
import { CommittedFiles, includedPaths } from './committed-files.ts';

export type PushedFiles = {
  readonly faults: readonly LoadFault[];
  readonly warnings: readonly LoadFault[];
  /** Zones that change, come or go, with the final dot. */
  readonly zones: readonly string[];
  readonly deletedZones: readonly string[];
  /** Whether keys or the policy change. */
  readonly access: boolean;
};

export const codes = {
  'push.no-file': 'a link or a repository stands where a file is wanted',
  'push.same-zone': 'two files are the same zone, so that none would be taken',
} as const;

/** `before`: undefined for a new branch. What the push does not touch is not judged. */
export function judgePush(
  repository: BorrowedRepository,
  before: string | undefined,
  after: string,
  rules: FileRules,
): PushedFiles {
  const now = new CommittedFiles(repository, after);
  const old = before === undefined ? undefined : new CommittedFiles(repository, before);
  const names = now.names();
  const { changed, deleted } = touched(repository, before, after, names);
  const faults: LoadFault[] = [];
  const warnings: LoadFault[] = [];
  const zones = new Set<string>();
  let access = false;
  for (const name of changed) {
    const zone = zoneOfFile(name);
    const isAccess = zoneOfKeyFile(name) !== undefined || name === policyFileName;
    if (zone === undefined && !isAccess) continue;
    access ||= isAccess;
    if (zone !== undefined) zones.add(zone);
    const file = names.get(name) === true ? now.open(name) : undefined;
    if (file === undefined) {
      faults.push(fault('push.no-file', name));
      continue;
    }
    // An empty file is left behind by a crash; what shall go is deleted.
    const former = file.text.length === 0 ? undefined : formerOf(old, name);
    const judged = judgeFile(file, rules, former);
    faults.push(...judged.faults);
    warnings.push(...judged.warnings);
    if (zone !== undefined) faults.push(...sameZone(name, zone, names));
  }
  const deletedZones = deleted.flatMap((name) => zoneOfFile(name) ?? []);
  access ||= deleted.some((name) => zoneOfKeyFile(name) !== undefined || name === policyFileName);
  faults.push(...keysTogether(now, names, new Set(changed), rules));
  return {
    faults,
    warnings,
    zones: [...zones, ...deletedZones.filter((zone) => !zones.has(zone))],
    deletedZones: deletedZones.filter((zone) => !zones.has(zone)),
    access,
  };
}

/** Names at the top that are other ones, and zones that include what changed in a subfolder. */
function touched(
  repository: BorrowedRepository,
  before: string | undefined,
  after: string,
  names: ReadonlyMap<string, boolean>,
): { changed: string[]; deleted: string[] } {
  if (before === undefined) return { changed: [...names.keys()], deleted: [] };
  const changes = repository.changes(before, after);
  const top = changes.filter(({ path }) => !path.includes('/'));
  const changed = new Set(top.filter(({ deleted }) => !deleted).map(({ path }) => path));
  if (top.length < changes.length) {
    const files = new CommittedFiles(repository, after);
    for (const [name, isFile] of names) {
      if (isFile && zoneOfFile(name) !== undefined && includes(files.open(name))) changed.add(name);
    }
  }
  const deleted = top.filter((change) => change.deleted).map(({ path }) => path);
  return { changed: [...changed], deleted };
}

function includes(file: SourceFile | undefined): boolean {
  return file !== undefined && includedPaths(file.text).length > 0;
}

/** The file as it was; empty when it was not there. */
function formerOf(old: CommittedFiles | undefined, name: string): FormerFile {
  return old?.open(name) ?? { text: new Uint8Array(0), include: () => undefined };
}

function sameZone(name: string, zone: string, names: ReadonlyMap<string, boolean>): LoadFault[] {
  const others = [...names.keys()].filter((other) => other !== name && zoneOfFile(other) === zone);
  return others.map((other) => fault('push.same-zone', name, other));
}

/** What is wrong with the files of keys only together, in those that are pushed. */
function keysTogether(
  files: CommittedFiles,
  names: ReadonlyMap<string, boolean>,
  changed: ReadonlySet<string>,
  { rootOrigin }: FileRules,
): LoadFault[] {
  // Of two keys with one name that in the later file is told of: let it be one that is pushed.
  const order = (name: string): string => `${changed.has(name) ? 1 : 0}${name}`;
  const sorted = [...names.keys()].sort((a, b) => (order(a) < order(b) ? -1 : 1));
  const keyFiles = sorted.flatMap((name) => {
    const zone = zoneOfKeyFile(name);
    const file = zone === undefined ? undefined : files.open(name);
    if (zone === undefined || file === undefined) return [];
    return [{ file: name, octets: file.text, zone, origin: rootOrigin ? root : zone }];
  });
  if (!keyFiles.some(({ file }) => changed.has(file))) return [];
  return loadKeys(keyFiles).faults.filter(
    ({ code, file }) => (code === 'key.elsewhere' || code === 'key.too-many') && changed.has(file),
  );
}

function fault(code: keyof typeof codes, file: string, other?: string): LoadFault {
  const message = other === undefined ? codes[code] : `${codes[code]}: ${other}`;
  return { code, file, line: 1, column: 1, message };
}
