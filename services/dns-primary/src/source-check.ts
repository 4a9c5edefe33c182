/** What `riad check` says about the zones, keys and policy of a source, without serving any. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '@riad/dns/name';
import type { LoadFault } from '@riad/dns-server/zone-loading/load-zone';
import { zoneOfKeyFile } from '@riad/name-server/access/keys/key-folder';
import { type KeyFile, loadKeys } from '@riad/name-server/access/keys/load-keys';
import { readPolicyFile } from '@riad/name-server/access/policy-file';
import { readIncluded } from '@riad/name-server/loading/included-file';
import { maxZoneFileOctets } from '@riad/name-server/loading/zone-loading';
import type { FileCheck } from '@riad/runtime/service';
import { judgeFile } from './file-check.ts';
import { policyFileName, zoneOfFile } from './zone-names.ts';
import { nameTaken } from './zone-supply.ts';

type Sentences = { complaints: string[]; remarks: string[] };
type ReadableFile = {
  /** For people. */
  readonly name: string;
  readonly read: () => Uint8Array;
};
type ZoneFile = ReadableFile & {
  readonly zone: string;
  readonly include: (path: string) => Uint8Array | undefined;
};

/** `made`: catalogs that are made of the zones, whose names no file may have. */
export function checkFolder(
  folder: string,
  rootOrigin: boolean = false,
  made: ReadonlySet<string> = new Set(),
): FileCheck {
  return checkFiles(
    rootOrigin,
    made,
    () =>
      readdirSync(folder, { withFileTypes: true })
        .filter((entry) => !entry.isDirectory())
        .map(({ name }) => name),
    (name) => ({
      name: join(folder, name),
      read: () => readFileSync(join(folder, name)),
      include: (path) => readIncluded(folder, path),
    }),
    folder,
  );
}

/** The files of the branch's newest commit. */
export function checkRepository(
  repository: string,
  branch: string,
  rootOrigin: boolean = false,
  made: ReadonlySet<string> = new Set(),
): FileCheck {
  const git = (...words: string[]): Buffer =>
    execFileSync('git', ['-c', 'safe.directory=*', '-C', repository, ...words], {
      maxBuffer: maxZoneFileOctets,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  const show = (path: string): Uint8Array =>
    git('cat-file', 'blob', `refs/heads/${branch}:${path}`);
  const found = checkFiles(
    rootOrigin,
    made,
    () =>
      git('ls-tree', '-z', `refs/heads/${branch}`)
        .toString()
        .split('\0')
        .flatMap((line) => /^100\d{3} blob [0-9a-f]+\t(.*)$/s.exec(line)?.[1] ?? []),
    (name) => ({
      name: `${branch}:${name}`,
      read: () => show(name),
      include: (path) => {
        try {
          return path.includes('/') ? show(path) : undefined;
        } catch {
          return undefined;
        }
      },
    }),
    repository,
  );
  if (!found.hasKeys) return found;
  const sentence =
    'the keys in it can be read by everybody who has the repository; riad key keeps them in the state folder';
  return { ...found, remarks: [...found.remarks, `${repository}: ${sentence}`] };
}

function checkFiles(
  rootOrigin: boolean,
  made: ReadonlySet<string>,
  list: () => string[],
  open: (name: string) => Omit<ZoneFile, 'zone'>,
  source: string,
): Sentences & { readonly hasKeys: boolean } {
  const found: Sentences = { complaints: [], remarks: [] };
  let names: string[];
  try {
    names = list();
  } catch (error) {
    return { ...found, complaints: [`${source}: ${firstLine(error)}`], hasKeys: false };
  }
  const zones = new Map<string, string>();
  const keys: KeyFile[] = [];
  for (const name of names.sort()) {
    const keyZone = zoneOfKeyFile(name);
    if (keyZone !== undefined) {
      const octets = readOr(open(name), found);
      if (octets === undefined) continue;
      keys.push({
        file: open(name).name,
        octets,
        zone: keyZone,
        origin: rootOrigin ? root : keyZone,
      });
    }
    if (name === policyFileName) checkPolicy(open(name), found);
    const zone = zoneOfFile(name);
    if (zone === undefined) continue;
    if (made.has(zone)) {
      found.complaints.push(nameTaken(open(name).name));
      continue;
    }
    const other = zones.get(zone);
    const file = { ...open(name), zone };
    if (other === undefined) checkFile(file, name, rootOrigin, found);
    else found.complaints.push(`${file.name}: is the same zone as ${other}, so that none is taken`);
    zones.set(zone, file.name);
  }
  const { faults, warnings } = loadKeys(keys);
  found.complaints.push(...faults.map(sentenceOf));
  found.remarks.push(...warnings.map(sentenceOf));
  return { ...found, hasKeys: keys.length > 0 };
}

function checkPolicy(file: ReadableFile, found: Sentences): void {
  const octets = readOr(file, found);
  if (octets === undefined) return;
  const reading = readPolicyFile(new TextDecoder().decode(octets));
  if (reading.ok) return;
  for (const { line, column, sentence } of reading.complaints)
    found.complaints.push(`${file.name}:${line}:${column}: ${sentence}`);
}

/** The file's octets; undefined after complaining that there are none to be had. */
function readOr({ name, read }: ReadableFile, found: Sentences): Uint8Array | undefined {
  try {
    return read();
  } catch (error) {
    found.complaints.push(`${name}: ${firstLine(error)}`);
    return undefined;
  }
}

function checkFile(zoneFile: ZoneFile, name: string, rootOrigin: boolean, found: Sentences): void {
  const { name: label, include } = zoneFile;
  const text = readOr(zoneFile, found);
  if (text === undefined) return;
  const file = { name, label, text, include };
  const { faults, warnings } = judgeFile(file, { rootOrigin, serial: 'auto' });
  found.complaints.push(...faults.map(sentenceOf));
  found.remarks.push(...warnings.map(sentenceOf));
}

function sentenceOf({ file, line, column, message }: LoadFault): string {
  return `${file}:${line}:${column}: ${message}`;
}

function firstLine(error: unknown): string {
  const { message, stderr } = error as Error & { stderr?: Buffer };
  return (stderr?.toString().trim() || message).split('\n')[0]!;
}
