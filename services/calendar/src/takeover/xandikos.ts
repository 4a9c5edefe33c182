/**
 * A folder of Xandikos: below each principal a git repository for each collection, bare or not, which says in `.xandikos`,
 * or in older ones in git’s own configuration, what it is.
 */
import { type Dirent, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DeadProperty } from '@riad/webdav/storage/storage';
import { APPLE, DAV } from '@riad/webdav/xml/namespaces';
import { componentsOf } from './components.ts';
import { parseConfiguration } from './configparser.ts';
import { type GitFile, GitRepository } from './git-repository.ts';
import type { HouseholdItem } from './household.ts';
import { type HtpasswdEncryption, readHtpasswd } from './htpasswd.ts';
import { People } from './people.ts';
import { colour, description, displayName, textProperty } from './properties.ts';
import { SourceError, sentenceOf } from './source-error.ts';

export type XandikosSource = {
  readonly folder: string;
  /** It has no passwords of its own; those of the proxy before it, perhaps. */
  readonly htpasswd?:
    | { readonly file: string; readonly encryption: HtpasswdEncryption }
    | undefined;
  /** Whose collections become that lie in no principal’s folder; by the name here. */
  readonly owner?: string | undefined;
  readonly renamed?: ReadonlyMap<string, string>;
};

const configurationName = '.xandikos';
/** `ann/calendars/work`; principals may lie a folder deeper. */
const maxDepth = 5;

type Found = { readonly segments: readonly string[]; readonly repository: GitRepository };

export async function* readXandikos(source: XandikosSource): AsyncGenerator<HouseholdItem> {
  const found = [...repositoriesIn(source.folder, [])];
  if (found.length === 0)
    throw new SourceError(
      'takeover.source',
      `${source.folder} has no collections, which are git repositories`,
    );
  const people = new People(source.renamed);
  const owners = new Map<string, string>();
  const { htpasswd } = source;
  const listed = new Map<string, { hash: string | undefined; refusal: string | undefined }>();
  for (const { there, passwordHash, refusal } of htpasswd === undefined
    ? []
    : await readHtpasswd(readFileSync(htpasswd.file, 'utf8'), htpasswd.encryption))
    listed.set(there, { hash: passwordHash, refusal });
  for (const { segments } of found) {
    const there = principalOf(segments);
    if (there !== undefined && !listed.has(there))
      listed.set(there, { hash: undefined, refusal: undefined });
  }
  for (const [there, { hash, refusal }] of listed) {
    const named = people.nameOf(there);
    if ('reason' in named) {
      yield { type: 'left', from: there, reason: named.reason };
      continue;
    }
    owners.set(there, named.name);
    yield { type: 'user', name: named.name, ...(hash === undefined ? {} : { passwordHash: hash }) };
    if (hash === undefined)
      yield {
        type: 'remark',
        text: `${named.name} needs a password (riad user password ${named.name}): ${refusal ?? 'that server has none'}`,
      };
  }
  const taken = new Set<string>();
  for (const one of found) yield* readCollection(one, source, owners, taken);
}

/** `calendars` and `contacts` are folders of a principal, whose own name stands before them. */
function principalOf(segments: readonly string[]): string | undefined {
  const homes = segments.findIndex((segment) => segment === 'calendars' || segment === 'contacts');
  const at = homes < 0 ? segments.length - 2 : homes - 1;
  return at >= 0 ? segments[at] : undefined;
}

function* repositoriesIn(root: string, segments: readonly string[]): Generator<Found> {
  const folder = join(root, ...segments);
  const repository = segments.length > 0 ? GitRepository.at(folder) : undefined;
  if (repository !== undefined) {
    yield { segments, repository };
    // Homes are repositories as well, around those of their collections.
    if (repository.isBare) return;
  }
  if (segments.length >= maxDepth) return;
  for (const { name } of foldersIn(folder)) yield* repositoriesIn(root, [...segments, name]);
}

function foldersIn(folder: string): Dirent[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

type Settings = {
  readonly type: string | undefined;
  readonly displayName: string | undefined;
  readonly colour: string | undefined;
  readonly description: string | undefined;
  readonly order: string | undefined;
  readonly comment: string | undefined;
  readonly source: string | undefined;
};

function* readCollection(
  { segments, repository }: Found,
  source: XandikosSource,
  owners: ReadonlyMap<string, string>,
  taken: Set<string>,
): Generator<HouseholdItem> {
  const from = segments.join('/');
  let files: GitFile[];
  let settings: Settings;
  try {
    files = filesOf(repository);
    settings = settingsOf(repository, files, join(source.folder, ...segments));
  } catch (error) {
    yield { type: 'left', from, reason: sentenceOf(error) };
    return;
  }
  const kind = kindOf(settings.type, files);
  if (kind === undefined) {
    // An inbox that was never used is nothing to lose.
    if (files.some(({ path }) => !path.startsWith('.')))
      yield {
        type: 'left',
        from,
        reason: `${settings.type ?? 'a repository of nothing known'} has no counterpart${settings.source === undefined ? '' : `: ${settings.source}`}`,
      };
    return;
  }
  const owner = owners.get(principalOf(segments) ?? '') ?? source.owner;
  if (owner === undefined) {
    yield {
      type: 'left',
      from,
      reason: 'it lies in no principal’s folder; --owner NAME takes it over',
    };
    return;
  }
  const objects = files.filter(({ path }) => !path.includes('/') && !path.startsWith('.'));
  const contents = [...repository.contents(objects)];
  let name = segments.at(-1)!.replaceAll('~', '-');
  while (taken.has(`${owner} ${kind} ${name}`)) name = `${name}-2`;
  taken.add(`${owner} ${kind} ${name}`);
  yield {
    type: 'collection',
    owner,
    name,
    from,
    kind,
    components: kind === 'calendar' ? componentsOf(undefined, contents) : undefined,
    properties: propertiesOf(settings, kind),
    acl: [],
  };
  if (name !== segments.at(-1)) yield { type: 'remark', text: `${from} is called ${name} here` };
  for (const [index, { path }] of objects.entries())
    yield { type: 'object', name: path, from: `${from}/${path}`, octets: contents[index]! };
  for (const { path } of files)
    if (path.includes('/'))
      yield {
        type: 'left',
        from: `${from}/${path}`,
        reason: 'it is in a folder inside a collection',
      };
}

/** What that server serves: of a working repository the index, of a bare one the last commit. */
function filesOf(repository: GitRepository): GitFile[] {
  if (!repository.isBare) return repository.indexed();
  const commit = repository.commit('HEAD');
  return commit === undefined ? [] : repository.files(commit);
}

function settingsOf(
  repository: GitRepository,
  files: readonly GitFile[],
  folder: string,
): Settings {
  const file = files.find(({ path }) => path === configurationName);
  // Those in git’s configuration go first.
  const inGit = (name: string): string | undefined => repository.setting(`xandikos.${name}`);
  const usesGit = ['type', 'color', 'displayname', 'comment', 'source', 'calendar-order'].some(
    (name) => inGit(name) !== undefined,
  );
  if (usesGit || file === undefined)
    return {
      type: inGit('type'),
      displayName: nonEmpty(inGit('displayname')),
      colour: nonEmpty(inGit('color')),
      description: describedIn(repository.isBare ? folder : join(folder, '.git')),
      order: nonEmpty(inGit('calendar-order')),
      comment: nonEmpty(inGit('comment')),
      source: nonEmpty(inGit('source')),
    };
  const { defaults, sections } = parseConfiguration(
    Buffer.from(repository.content(file)).toString('utf8'),
  );
  const order = sections.find(({ name }) => name === 'calendar')?.values.get('order');
  return {
    type: nonEmpty(defaults.get('type')),
    displayName: nonEmpty(defaults.get('displayname')),
    colour: nonEmpty(defaults.get('color')),
    description: nonEmpty(defaults.get('description')),
    order: nonEmpty(order ?? defaults.get('order')),
    comment: nonEmpty(defaults.get('comment')),
    source: nonEmpty(defaults.get('source')),
  };
}

/** Git writes a sentence of its own into each new repository. */
function describedIn(gitFolder: string): string | undefined {
  const file = join(gitFolder, 'description');
  const text = existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
  return text.startsWith('Unnamed repository') ? undefined : nonEmpty(text);
}

function kindOf(
  type: string | undefined,
  files: readonly GitFile[],
): 'calendar' | 'address-book' | undefined {
  if (type === 'calendar') return 'calendar';
  if (type === 'addressbook') return 'address-book';
  if (type !== undefined && type !== 'other' && type !== 'collection') return undefined;
  const has = (ending: string): boolean => files.some(({ path }) => path.endsWith(ending));
  if (has('.vcf')) return 'address-book';
  return has('.ics') ? 'calendar' : undefined;
}

function propertiesOf(settings: Settings, kind: 'calendar' | 'address-book'): DeadProperty[] {
  const properties: DeadProperty[] = [];
  if (settings.displayName !== undefined) properties.push(displayName(settings.displayName));
  if (settings.description !== undefined) properties.push(description(kind, settings.description));
  if (settings.colour !== undefined) properties.push(colour(kind, settings.colour));
  if (settings.order !== undefined)
    properties.push(textProperty(APPLE, 'calendar-order', settings.order));
  if (settings.comment !== undefined)
    properties.push(textProperty(DAV, 'comment', settings.comment));
  return properties;
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === undefined || text === '' ? undefined : text;
}
