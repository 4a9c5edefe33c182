/**
 * The two versions that `riad zone diff` compares: files, `REV:FILE`, or revisions with all their zones.
 */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { readIncluded } from '@riad/name-server/loading/included-file';
import type { SourceFile } from '@riad/service-dns-primary/file-check';
import { zoneOfFile } from '@riad/service-dns-primary/zone-names';
import { Refusal } from '../refusal.ts';
import { BorrowedRepository, findRepository } from './borrowed-repository.ts';
import { CommittedFiles } from './committed-files.ts';

export type ZoneVersion = {
  readonly before: SourceFile | undefined;
  readonly after: SourceFile | undefined;
};

/** One side: a single file, or all of a commit. */
type Side =
  | { readonly kind: 'file'; readonly file: SourceFile | undefined; readonly name: string }
  | { readonly kind: 'commit'; readonly commit: string };

/**
 * Zones with the final dot, and what each was and is; unchanged ones of two commits are left out. `wanted`:
 * the zone of two files, or the only one of two commits.
 */
export function zoneVersions(
  beforeText: string,
  afterText: string,
  folder: string | undefined,
  wanted: string | undefined,
): Map<string, ZoneVersion> {
  const opened: BorrowedRepository[] = [];
  const repository = (): BorrowedRepository => {
    opened[0] ??= new BorrowedRepository(folder ?? '.');
    return opened[0];
  };
  try {
    const before = sideOf(beforeText, folder, repository);
    const after = sideOf(afterText, folder, repository);
    if (before.kind === 'file' && after.kind === 'file') {
      const zone =
        wanted ?? zoneOfFile(zoneFileName(after.name)) ?? zoneOfFile(zoneFileName(before.name));
      if (zone === undefined) throw new Refusal(`${afterText}: no zone’s name; --zone gives one`);
      return new Map([[zone, { before: before.file, after: after.file }]]);
    }
    if (before.kind === 'commit' && after.kind === 'commit') {
      return betweenCommits(repository(), before.commit, after.commit, wanted);
    }
    throw new Refusal('give two files, or two revisions');
  } finally {
    for (const each of opened) each[Symbol.dispose]();
  }
}

/** `example.com.zone` is example.com for people. */
function zoneFileName(name: string): string {
  return basename(name).replace(/\.zone$/, '');
}

function sideOf(
  text: string,
  folder: string | undefined,
  repository: () => BorrowedRepository,
): Side {
  if (existsSync(text) && !statSync(text).isDirectory()) {
    return { kind: 'file', name: basename(text), file: plainFile(text) };
  }
  if (folder === undefined && findRepository('.') === undefined) {
    throw new Refusal(`${text} does not exist`);
  }
  const colon = text.indexOf(':');
  const revision = colon === -1 ? text : text.slice(0, colon);
  const commit = repository().commitOf(revision);
  if (commit === undefined) throw new Refusal(`${text} is neither a file nor a revision`);
  if (colon === -1) return { kind: 'commit', commit };
  const name = text.slice(colon + 1);
  return { kind: 'file', name, file: new CommittedFiles(repository(), commit).whole(name, text) };
}

/** An empty file is none: the zone comes or goes. */
function plainFile(path: string): SourceFile | undefined {
  const text = readFileSync(path);
  const folder = dirname(resolve(path));
  if (text.length === 0) return undefined;
  return {
    name: basename(path),
    label: path,
    text,
    include: (included) => readIncluded(folder, included),
  };
}

function betweenCommits(
  repository: BorrowedRepository,
  before: string,
  after: string,
  wanted: string | undefined,
): Map<string, ZoneVersion> {
  const versions = new Map<string, ZoneVersion>();
  const old = new CommittedFiles(repository, before);
  const now = new CommittedFiles(repository, after);
  const changes = repository.changes(before, after);
  const below = changes.some(({ path }) => path.includes('/'));
  const changed = new Set(changes.map(({ path }) => path));
  for (const name of new Set([...old.names().keys(), ...now.names().keys()])) {
    const zone = zoneOfFile(name);
    // What is included from a subfolder may be another file now.
    if (zone === undefined || !(below || changed.has(name))) continue;
    if (wanted !== undefined && zone !== wanted) continue;
    const known = versions.get(zone);
    versions.set(zone, {
      before: known?.before ?? old.whole(name, `${before.slice(0, 10)}:${name}`),
      after: known?.after ?? now.whole(name, `${after.slice(0, 10)}:${name}`),
    });
  }
  return versions;
}
