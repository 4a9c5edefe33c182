/** The folder `collection-root` of Radicale 3: a folder for each user, in it one for each collection, in it the objects. */
import { type Dirent, existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { registeredProperty } from '@riad/webdav/properties/registry';
import type { DeadProperty } from '@riad/webdav/storage/storage';
import { APPLE, CALDAV, CALENDARSERVER, CARDDAV, DAV } from '@riad/webdav/xml/namespaces';
import { componentsOf } from './components.ts';
import type { HouseholdItem } from './household.ts';
import { type HtpasswdEncryption, readHtpasswd } from './htpasswd.ts';
import { People } from './people.ts';
import { INFIT, textProperty } from './properties.ts';
import { aclOf, makersIn, type Rights } from './radicale-rights.ts';
import { SourceError, sentenceOf } from './source-error.ts';

export type RadicaleSource = {
  /** `collection-root`, or the folder that has it. */
  readonly folder: string;
  readonly htpasswd?:
    | { readonly file: string; readonly encryption: HtpasswdEncryption }
    | undefined;
  readonly rights: Rights;
  /** Whose collections become that lie in no user’s folder; by the name here. */
  readonly owner?: string | undefined;
  readonly renamed?: ReadonlyMap<string, string>;
};

const propsName = '.Radicale.props';

type Props = Readonly<Record<string, unknown>>;

type Found = {
  /** From `collection-root`. */
  readonly segments: readonly string[];
  readonly props: Props;
};

/** As Radicale abbreviates them. */
const namespaces: Readonly<Record<string, string>> = {
  D: DAV,
  C: CALDAV,
  CR: CARDDAV,
  CS: CALENDARSERVER,
  ICAL: APPLE,
  INF: INFIT,
  ME: 'http://me.com/_namespace/',
  RADICALE: 'http://radicale.org/ns/',
};

export async function* readRadicale(source: RadicaleSource): AsyncGenerator<HouseholdItem> {
  const inner = join(source.folder, 'collection-root');
  const root = existsSync(inner) ? inner : source.folder;
  if (basename(root) !== 'collection-root')
    throw new SourceError(
      'takeover.source',
      `${source.folder} is no collection-root, and has none`,
    );
  const people = new People(source.renamed);
  const folders = entriesOf(root).filter((entry) => entry.isDirectory());
  const users = new Map<string, string>();
  yield* readUsers(source, folders, root, people, users);
  for (const folder of folders) {
    yield* readFolder(root, [folder.name], source, users);
    if (!users.has(folder.name)) continue;
    const makers = makersIn(source.rights, folder.name, users);
    if (makers.length > 0)
      yield {
        type: 'remark',
        text: `${makers.join(', ')} might make collections in ${folder.name}; here only the owner does`,
      };
  }
  for (const entry of entriesOf(root))
    if (!entry.isDirectory())
      yield {
        type: 'left',
        from: `collection-root/${entry.name}`,
        reason: 'it is in no collection',
      };
}

async function* readUsers(
  { htpasswd }: RadicaleSource,
  folders: readonly Dirent[],
  root: string,
  people: People,
  users: Map<string, string>,
): AsyncGenerator<HouseholdItem> {
  const known =
    htpasswd === undefined
      ? []
      : await readHtpasswd(readFileSync(htpasswd.file, 'utf8'), htpasswd.encryption);
  const listed = new Map(known.map((user) => [user.there, user]));
  for (const { name } of folders) {
    // A collection at the top is nobody’s.
    if (!listed.has(name) && !isCollection(join(root, name)))
      listed.set(name, { there: name, passwordHash: undefined, refusal: undefined });
  }
  for (const { there, passwordHash, refusal } of listed.values()) {
    const named = people.nameOf(there);
    if ('reason' in named) {
      yield { type: 'left', from: `user ${there}`, reason: named.reason };
      continue;
    }
    users.set(there, named.name);
    yield {
      type: 'user',
      name: named.name,
      ...(passwordHash === undefined ? {} : { passwordHash }),
      ...(there.includes('@') ? { emailAddresses: [there] } : {}),
    };
    if (passwordHash === undefined)
      yield {
        type: 'remark',
        text: `${named.name} needs a new password (riad user password ${named.name}): ${refusal ?? 'none is known'}`,
      };
  }
}

function* readFolder(
  root: string,
  segments: readonly string[],
  source: RadicaleSource,
  users: ReadonlyMap<string, string>,
): Generator<HouseholdItem> {
  const folder = join(root, ...segments);
  const from = `collection-root/${segments.join('/')}`;
  let props: Props | undefined;
  try {
    props = propsAt(folder);
  } catch (error) {
    yield { type: 'left', from, reason: sentenceOf(error) };
    return;
  }
  const tag = tagOf(props);
  if (tag === 'VCALENDAR' || tag === 'VADDRESSBOOK') {
    yield* readCollection(root, { segments, props: props! }, source, users);
    return;
  }
  if (tag !== undefined) {
    const link = props?.['CS:source'];
    yield {
      type: 'left',
      from,
      reason: `${tag} has no counterpart${typeof link === 'string' ? `: ${link}` : ''}`,
    };
    return;
  }
  for (const entry of entriesOf(folder)) {
    if (entry.isDirectory()) yield* readFolder(root, [...segments, entry.name], source, users);
    else yield { type: 'left', from: `${from}/${entry.name}`, reason: 'it is in no collection' };
  }
}

function* readCollection(
  root: string,
  { segments, props }: Found,
  source: RadicaleSource,
  users: ReadonlyMap<string, string>,
): Generator<HouseholdItem> {
  const folder = join(root, ...segments);
  const from = `collection-root/${segments.join('/')}`;
  const [first = '', ...rest] = segments;
  const owner = rest.length > 0 ? (users.get(first) ?? source.owner) : source.owner;
  if (owner === undefined) {
    yield {
      type: 'left',
      from,
      reason: 'it is in no user’s folder; --owner NAME takes such collections over',
    };
    return;
  }
  const kind = props['tag'] === 'VADDRESSBOOK' ? 'address-book' : 'calendar';
  const remarks: string[] = [];
  const given = (rest.length > 0 ? rest : segments).join('-');
  // No name has a tilde here.
  const name = given.replaceAll('~', '-');
  if (name !== segments.at(-1)) remarks.push(`${from} is called ${name} here`);
  const entries = entriesOf(folder);
  const objects = entries.filter((entry) => entry.isFile());
  const contents = objects.map((entry) => new Uint8Array(readFileSync(join(folder, entry.name))));
  const declared = props['C:supported-calendar-component-set'];
  yield {
    type: 'collection',
    owner,
    name,
    from,
    kind,
    components:
      kind === 'calendar'
        ? componentsOf(typeof declared === 'string' ? declared.split(',') : undefined, contents)
        : undefined,
    properties: propertiesOf(props, from, remarks),
    acl: aclOf(source.rights, segments.join('/'), owner, users, remarks),
  };
  for (const text of remarks) yield { type: 'remark', text };
  for (const [index, { name: object }] of objects.entries())
    yield { type: 'object', name: object, from: `${from}/${object}`, octets: contents[index]! };
  for (const entry of entries)
    if (!entry.isFile())
      yield { type: 'left', from: `${from}/${entry.name}`, reason: 'no plain file' };
}

/** Properties have text only there. */
function propertiesOf(props: Props, from: string, remarks: string[]): DeadProperty[] {
  const properties: DeadProperty[] = [];
  for (const [key, value] of Object.entries(props)) {
    if (key === 'tag' || key === 'C:supported-calendar-component-set') continue;
    const match = /^(?:\{([^}]+)\}|([A-Z]+):)([A-Za-z_][\w.-]*)$/.exec(key);
    const namespace = match?.[1] ?? namespaces[match?.[2] ?? ''];
    const name = match?.[3];
    if (namespace === undefined || name === undefined || typeof value !== 'string') {
      remarks.push(`${from}: property ${key} has no counterpart`);
      continue;
    }
    const live = registeredProperty(namespace, name);
    if (live !== undefined && !live.kept) continue;
    if (value !== '') properties.push(textProperty(namespace, name, value));
  }
  return properties;
}

/** What is a collection says so in its properties. */
function propsAt(folder: string): Props | undefined {
  const file = join(folder, propsName);
  if (!existsSync(file)) return undefined;
  const props = parsed(readFileSync(file, 'utf8'));
  if (typeof props !== 'object' || props === null || Array.isArray(props))
    throw new SourceError('takeover.format', `${propsName} is no JSON object`);
  return props as Props;
}

/** One whose properties cannot be read is named where its turn comes. */
function isCollection(folder: string): boolean {
  try {
    return tagOf(propsAt(folder)) !== undefined;
  } catch (error) {
    sentenceOf(error);
    return true;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new SourceError('takeover.format', `${propsName}: ${(error as Error).message}`);
  }
}

function tagOf(props: Props | undefined): string | undefined {
  const tag = props?.['tag'];
  return typeof tag === 'string' && tag !== '' ? tag : undefined;
}

/** Caches, locks and properties begin with a dot, what editors leave behind ends in a tilde. */
function entriesOf(folder: string): Dirent[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => !name.startsWith('.') && !name.endsWith('~'))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
