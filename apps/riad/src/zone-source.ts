/** Where the zones of a name server come from, for commands that read them without it. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { readIncluded } from '@riad/name-server/loading/included-file';
import type { DnsPrimaryConfig } from '@riad/service-dns-primary/config';
import type { SourceFile } from '@riad/service-dns-primary/file-check';
import { BorrowedRepository, findRepository } from './git/borrowed-repository.ts';
import { CommittedFiles } from './git/committed-files.ts';
import { configurationFile, loadConfiguration } from './load-configuration.ts';
import type { NameServerOption } from './name-server.ts';
import { Refusal } from './refusal.ts';

export type ZoneSourceOption = NameServerOption & {
  /** A folder of zones, or a git repository. */
  readonly source?: string;
  readonly branch?: string;
  readonly rootOrigin?: boolean;
  /** A revision, or a time in ISO 8601. */
  readonly at?: string;
};

/** Files at the top of a folder, at a time. */
export type ZoneSource = Disposable & {
  readonly rootOrigin: boolean;
  /** Names of files. */
  readonly names: readonly string[];
  open(name: string): SourceFile | undefined;
  /** Who wrote a line of a file, given by its path below the source; undefined without history. */
  origin(path: string, line: number): LineOrigin | undefined;
};

export type LineOrigin =
  | {
      readonly kind: 'commit';
      readonly commit: string;
      readonly author: string;
      readonly email: string;
      readonly time: string;
      readonly subject: string;
      /** Where the line stood then. */
      readonly path: string;
      readonly line: number;
    }
  | { readonly kind: 'not-committed' };

type Place = { folder?: string; git?: string; branch: string; rootOrigin: boolean };

export async function openZoneSource(options: ZoneSourceOption): Promise<ZoneSource> {
  const place = await placeOf(options);
  const { rootOrigin } = place;
  if (place.git !== undefined)
    return committedSource(place.git, place.branch, options.at, '', rootOrigin);
  const folder = place.folder!;
  if (!existsSync(folder)) throw new Refusal(`${folder} does not exist`);
  const found = findRepository(folder);
  if (options.at === undefined) return folderSource(folder, found !== undefined, rootOrigin);
  if (found === undefined)
    throw new Refusal(`${folder} has no history: it is in no git repository`);
  return committedSource(folder, 'HEAD', options.at, folder, rootOrigin);
}

async function placeOf(options: ZoneSourceOption): Promise<Place> {
  const { source, rootOrigin = false } = options;
  const branch = options.branch ?? 'main';
  if (source !== undefined) {
    const bare = existsSync(join(source, 'HEAD')) && existsSync(join(source, 'objects'));
    return bare ? { git: source, branch, rootOrigin } : { folder: source, branch, rootOrigin };
  }
  const file = configurationFile(options);
  if (file === undefined) return { folder: resolve('state', 'zones'), branch, rootOrigin };
  const { services, directory } = await loadConfiguration(file);
  const [service, ...more] = services.filter(
    ({ name, type }) => type === 'dns-primary' && (options.service ?? name) === name,
  );
  if (service === undefined || more.length > 0) {
    const names = services.map(({ name }) => name).join(', ');
    throw new Refusal(`which name server? --service is one of: ${names}`);
  }
  const { zones, origin } = service.config as DnsPrimaryConfig;
  const root = rootOrigin || origin === 'root';
  if ('folder' in zones) {
    return { folder: resolve(directory, zones.folder), branch, rootOrigin: root };
  }
  const served = options.branch ?? zones.branch;
  return { git: resolve(directory, zones.git), branch: served, rootOrigin: root };
}

/** What a folder holds now; lines that are committed as they stand are told by their commits. */
function folderSource(folder: string, versioned: boolean, rootOrigin: boolean): ZoneSource {
  const repository = versioned ? new BorrowedRepository(folder) : undefined;
  const head = repository?.commitOf('HEAD');
  const commits = new Map<string, string>();
  return {
    rootOrigin,
    names: readdirSync(folder).filter((name) => statSync(join(folder, name)).isFile()),
    open: (name) => {
      const label = join(folder, name);
      if (!existsSync(label)) return undefined;
      return {
        name,
        label,
        text: readFileSync(label),
        include: (path) => readIncluded(folder, path),
      };
    },
    origin: (path, line) => {
      const inside = repository?.pathInside(join(folder, path));
      if (repository === undefined || head === undefined || inside === undefined) return undefined;
      let commit = commits.get(inside);
      if (commit === undefined) {
        commit = repository.withContents(head, inside, readFileSync(join(folder, path)));
        commits.set(inside, commit);
      }
      return originOf(repository, commit, inside, line, commit);
    },
    [Symbol.dispose]: () => repository?.[Symbol.dispose](),
  };
}

/** What a branch had; `folder`: where the zones lie in its work tree. */
function committedSource(
  repositoryPath: string,
  branch: string,
  at: string | undefined,
  folder: string,
  rootOrigin: boolean,
): ZoneSource {
  const repository = new BorrowedRepository(repositoryPath);
  try {
    const inside = folder === '' ? '' : repository.pathInside(folder);
    const prefix = inside === undefined || inside === '' ? '' : `${inside}/`;
    const commit = commitAt(repository, branch, at);
    const files = new CommittedFiles(repository, commit, prefix);
    const short = commit.slice(0, 10);
    return {
      rootOrigin,
      names: [...files.names()].flatMap(([name, isFile]) => (isFile ? name : [])),
      open: (name) => files.open(name, `${short}:${prefix}${name}`),
      origin: (path, line) => originOf(repository, commit, `${prefix}${path}`, line),
      [Symbol.dispose]: () => repository[Symbol.dispose](),
    };
  } catch (error) {
    repository[Symbol.dispose]();
    throw error;
  }
}

function commitAt(repository: BorrowedRepository, branch: string, at: string | undefined): string {
  const head = repository.commitOf(branch);
  if (head === undefined) throw new Refusal(`there is no branch ${branch}; --branch names another`);
  if (at === undefined) return head;
  const revision = repository.commitOf(at);
  if (revision !== undefined) return revision;
  const time = new Date(at);
  if (Number.isNaN(time.getTime())) {
    throw new Refusal(`--at ${at}: neither a revision nor a time such as 2026-03-31T12:00:00Z`);
  }
  const commit = repository.commitAt(head, time);
  if (commit === undefined) throw new Refusal(`--at ${at}: there was nothing yet`);
  return commit;
}

function originOf(
  repository: BorrowedRepository,
  commit: string,
  path: string,
  line: number,
  uncommitted?: string,
): LineOrigin | undefined {
  const blame = repository.blame(commit, path, line);
  if (blame === undefined) return undefined;
  if (blame.commit === uncommitted) return { kind: 'not-committed' };
  const { author, email, time, subject } = repository.commit(blame.commit);
  return {
    kind: 'commit',
    commit: blame.commit,
    author,
    email,
    time,
    subject,
    path: blame.path,
    line: blame.line,
  };
}
