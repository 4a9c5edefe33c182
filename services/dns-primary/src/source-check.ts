/** What `riad check` says about the zones of a source, without serving any. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseName } from '@riad/dns/name';
import type { LoadFault } from '@riad/dns-server/zone-loading/load-zone';
import { readIncluded } from '@riad/name-server/loading/included-file';
import { checkZoneFile } from '@riad/name-server/loading/zone-file-check';
import { maxZoneFileOctets } from '@riad/name-server/loading/zone-loading';
import type { FileCheck } from '@riad/runtime/service';
import { zoneOfFile } from './zone-names.ts';

type Sentences = { complaints: string[]; remarks: string[] };
type ZoneFile = {
  /** For people. */
  readonly name: string;
  readonly zone: string;
  readonly read: () => Uint8Array;
  readonly include: (path: string) => Uint8Array | undefined;
};

export function checkFolder(folder: string): FileCheck {
  return checkFiles(
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
export function checkRepository(repository: string, branch: string): FileCheck {
  const git = (...words: string[]): Buffer =>
    execFileSync('git', ['-c', 'safe.directory=*', '-C', repository, ...words], {
      maxBuffer: maxZoneFileOctets,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  const show = (path: string): Uint8Array =>
    git('cat-file', 'blob', `refs/heads/${branch}:${path}`);
  return checkFiles(
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
}

function checkFiles(
  list: () => string[],
  open: (name: string) => Omit<ZoneFile, 'zone'>,
  source: string,
): FileCheck {
  const found: Sentences = { complaints: [], remarks: [] };
  let names: string[];
  try {
    names = list();
  } catch (error) {
    return { ...found, complaints: [`${source}: ${firstLine(error)}`] };
  }
  const zones = new Map<string, string>();
  for (const name of names.sort()) {
    const zone = zoneOfFile(name);
    if (zone === undefined) continue;
    const other = zones.get(zone);
    const file = { ...open(name), zone };
    if (other === undefined) checkFile(file, found);
    else found.complaints.push(`${file.name}: is the same zone as ${other}, so that none is taken`);
    zones.set(zone, file.name);
  }
  return found;
}

function checkFile({ name: file, zone, read, include }: ZoneFile, found: Sentences): void {
  let text: Uint8Array;
  try {
    text = read();
  } catch (error) {
    found.complaints.push(`${file}: ${firstLine(error)}`);
    return;
  }
  const { faults, warnings } = checkZoneFile({ apexName: parseName(zone), text, file, include });
  const format = ({ file, line, column, message }: LoadFault): string =>
    `${file}:${line}:${column}: ${message}`;
  found.complaints.push(...faults.map(format));
  found.remarks.push(...warnings.map(format));
}

function firstLine(error: unknown): string {
  const { message, stderr } = error as Error & { stderr?: Buffer };
  return (stderr?.toString().trim() || message).split('\n')[0]!;
}
