/**
 * The data repository of Robur’s CalDAV server: users and groups under `principals/`, everybody’s calendars side by side
 * under `calendars/`, and a sidecar for each. Its traps are named where they are met.
 */

import { privilegeByKey } from '@riad/webdav/acl/privilege';
import { registeredProperty } from '@riad/webdav/properties/registry';
import type { DeadProperty, StoredAce } from '@riad/webdav/storage/storage';
import { CALDAV, DAV } from '@riad/webdav/xml/namespaces';
import { componentsOf } from './components.ts';
import { type GitFile, GitRepository } from './git-repository.ts';
import type { HouseholdItem } from './household.ts';
import { People } from './people.ts';
import { displayName, treeProperty } from './properties.ts';
import {
  acesIn,
  decoded,
  hrefsIn,
  nodesOf,
  parseSidecar,
  privilegeKeys,
  propertyIn,
  ROBUR,
  type RoburAce,
  type Sidecar,
  segmentsOf,
  textOf,
} from './robur-sidecar.ts';
import { SourceError, sentenceOf } from './source-error.ts';

export type RoburSource = {
  readonly folder: string;
  /** Unless given, what HEAD names. */
  readonly branch?: string | undefined;
  /** Whose calendars become that are nobody’s; by the name here. */
  readonly owner?: string | undefined;
  readonly renamed?: ReadonlyMap<string, string>;
};

const sidecarName = '.prop';

type Principal = { readonly there: string; readonly sidecar: Sidecar };

export async function* readRobur(source: RoburSource): AsyncGenerator<HouseholdItem> {
  const repository = GitRepository.at(source.folder);
  if (repository === undefined)
    throw new SourceError('takeover.source', `${source.folder} is no git repository`);
  const { branch = 'HEAD' } = source;
  const commit = repository.commit(branch);
  if (commit === undefined)
    throw new SourceError('takeover.source', `${source.folder} has no commit at ${branch}`);
  yield* new RoburReading(repository, repository.files(commit), source).items();
}

class RoburReading {
  readonly #repository: GitRepository;
  readonly #files: ReadonlyMap<string, GitFile>;
  readonly #source: RoburSource;
  readonly #people: People;
  readonly #users = new Map<string, string>();
  readonly #groups = new Map<string, string>();

  constructor(repository: GitRepository, files: readonly GitFile[], source: RoburSource) {
    this.#repository = repository;
    this.#files = new Map(files.map((file) => [file.path, file]));
    this.#source = source;
    this.#people = new People(source.renamed);
    if (!this.#files.has('principals/.prop') && !this.#files.has('calendars/.prop'))
      throw new SourceError(
        'takeover.source',
        `${source.folder} has neither principals/.prop nor calendars/.prop: it is no repository of this server`,
      );
  }

  *items(): Generator<HouseholdItem> {
    yield* this.#principals();
    const owned = new Map<
      string,
      { folder: string; name: string; sidecar: Sidecar | undefined }[]
    >();
    for (const folder of this.#foldersIn('calendars')) {
      const name = decoded(folder);
      const [sidecar, fault] = this.#sidecar(`calendars/${folder}/${sidecarName}`);
      if (fault !== undefined)
        yield {
          type: 'remark',
          text: `calendars/${folder}: its properties cannot be read: ${fault}`,
        };
      const owner = this.#ownerOf(name, sidecar) ?? this.#source.owner;
      if (owner === undefined) {
        yield {
          type: 'left',
          from: `calendars/${folder}`,
          reason: 'it belongs to no user; --owner NAME takes such calendars over',
        };
        continue;
      }
      owned.set(owner, [...(owned.get(owner) ?? []), { folder, name, sidecar }]);
    }
    for (const [owner, calendars] of [...owned].sort(([a], [b]) => (a < b ? -1 : 1)))
      for (const calendar of calendars) yield* this.#calendar(owner, calendar);
    for (const path of this.#files.keys()) {
      const segments = path.split('/');
      const known = segments[0] === 'principals' || segments[0] === 'calendars';
      const deep = segments.length > 3;
      const loose =
        segments[0] === 'calendars' && segments.length === 2 && segments[1] !== sidecarName;
      if (!known || deep || loose)
        yield { type: 'left', from: path, reason: 'nothing of this server’s lies there' };
    }
  }

  *#principals(): Generator<HouseholdItem> {
    const users: Principal[] = [];
    const groups: Principal[] = [];
    for (const folder of this.#foldersIn('principals')) {
      const from = `principals/${folder}`;
      const [sidecar, fault] = this.#sidecar(`${from}/${sidecarName}`);
      if (sidecar === undefined) {
        yield { type: 'left', from, reason: fault ?? 'it has no properties' };
        continue;
      }
      // Users and groups share their names; only users have a password.
      const isUser = propertyIn(sidecar, ROBUR, 'password') !== undefined;
      const named = this.#people.nameOf(decoded(folder));
      if ('reason' in named) {
        yield { type: 'left', from, reason: named.reason };
        continue;
      }
      (isUser ? this.#users : this.#groups).set(decoded(folder), named.name);
      (isUser ? users : groups).push({ there: decoded(folder), sidecar });
    }
    for (const { there, sidecar } of users) {
      const password = textIn(sidecar, ROBUR, 'password');
      const salt = textIn(sidecar, ROBUR, 'salt');
      yield {
        type: 'user',
        name: this.#users.get(there)!,
        displayName: nameIn(sidecar, `/principals/${there}/`),
        passwordHash: password === '' ? undefined : `$robur$${salt}$${password}`,
      };
      if (there === 'root')
        yield {
          type: 'remark',
          text: 'root was the administrator there; here it is a user like others, and who may use the command line administers',
        };
    }
    for (const { there, sidecar } of groups) {
      // Membership is written on both sides.
      const members = new Set<string>();
      for (const href of hrefsIn(propertyIn(sidecar, DAV, 'group-member-set')))
        this.#addUser(members, segmentsOf(href)[1]);
      for (const user of users)
        for (const href of hrefsIn(propertyIn(user.sidecar, DAV, 'group-membership')))
          if (segmentsOf(href)[1] === there) this.#addUser(members, user.there);
      yield {
        type: 'group',
        name: this.#groups.get(there)!,
        displayName: nameIn(sidecar, `/principals/${there}/`),
        members: [...members].sort(),
      };
    }
    const [root] = this.#sidecar(`principals/${sidecarName}`);
    if (root !== undefined && propertyIn(root, ROBUR, 'default_groups') !== undefined)
      yield {
        type: 'remark',
        text: 'groups that new users join (default_groups) have no counterpart',
      };
  }

  #addUser(members: Set<string>, there: string | undefined): void {
    const name = this.#users.get(there ?? '');
    if (name !== undefined) members.add(name);
  }

  /** Who the calendar is called after, or else the first user who may do everything with it, as its maker may. */
  #ownerOf(name: string, sidecar: Sidecar | undefined): string | undefined {
    const namesake = this.#users.get(name);
    if (namesake !== undefined) return namesake;
    for (const { principal, grant, privileges } of sidecar === undefined ? [] : acesIn(sidecar)) {
      if (principal?.kind !== 'href' || !grant || !privileges.includes('all')) continue;
      const user = this.#users.get(segmentsOf(principal.href)[1] ?? '');
      if (user !== undefined) return user;
    }
    return undefined;
  }

  *#calendar(
    owner: string,
    { folder, name, sidecar }: { folder: string; name: string; sidecar: Sidecar | undefined },
  ): Generator<HouseholdItem> {
    const from = `calendars/${folder}`;
    const inside = [...this.#files.values()].filter(
      ({ path }) => path.startsWith(`${from}/`) && !path.slice(from.length + 1).includes('/'),
    );
    // Whatever ends so is a sidecar to that server, and is not listed.
    const objects = inside.filter(({ path }) => !path.endsWith(sidecarName));
    const remarks: string[] = [];
    const acl = this.#aclOf(sidecar, owner, from, remarks);
    const contents = [...this.#repository.contents(objects)];
    const said = sidecar && propertyIn(sidecar, CALDAV, 'supported-calendar-component-set');
    const declared =
      said &&
      nodesOf(said).map(
        ({ attributes }) => attributes.find((one) => one.name === 'name')?.value ?? '',
      );
    yield {
      type: 'collection',
      owner,
      name: name.replaceAll('~', '-'),
      from,
      kind: 'calendar',
      components: componentsOf(declared, contents),
      properties: sidecar === undefined ? [] : propertiesOf(sidecar, `/calendars/${name}/`),
      acl,
    };
    if (name.includes('~'))
      yield {
        type: 'remark',
        text: `${from} is called ${name.replaceAll('~', '-')} here: no name has a tilde`,
      };
    for (const text of remarks) yield { type: 'remark', text };
    for (const [index, { path }] of objects.entries()) {
      const segment = path.slice(from.length + 1);
      const [own, fault] = this.#sidecar(`${path}${sidecarName}`);
      if (fault !== undefined)
        yield { type: 'remark', text: `${path}: its properties cannot be read: ${fault}` };
      const ownRemarks: string[] = [];
      const ownAcl = this.#aclOf(own, owner, path, ownRemarks, from);
      for (const text of ownRemarks) yield { type: 'remark', text };
      const properties =
        own === undefined ? [] : propertiesOf(own, `/calendars/${name}/${decoded(segment)}`);
      yield {
        type: 'object',
        name: decoded(segment),
        from: path,
        octets: contents[index]!,
        ...(properties.length === 0 && ownAcl.length === 0 ? {} : { properties, acl: ownAcl }),
      };
    }
    for (const { path, id } of inside) {
      if (!path.endsWith(sidecarName) || path === `${from}/${sidecarName}`) continue;
      if (this.#files.has(path.slice(0, -sidecarName.length))) continue;
      const octets = this.#repository.content({ path, id });
      if (/^\s*BEGIN:/i.test(Buffer.from(octets.subarray(0, 64)).toString()))
        yield {
          type: 'left',
          from: path,
          reason: 'no name ends in .prop there: it was never served',
        };
    }
  }

  /** `parent`: entries inherited from there need not be said. */
  #aclOf(
    sidecar: Sidecar | undefined,
    owner: string,
    from: string,
    remarks: string[],
    parent?: string,
    depth: number = 0,
  ): StoredAce[] {
    const aces: StoredAce[] = [];
    for (const ace of sidecar === undefined ? [] : acesIn(sidecar)) {
      if (ace.inherited !== undefined) {
        const segments = segmentsOf(ace.inherited);
        if (parent !== undefined && segments.join('/') === segmentsOf(parent).join('/')) continue;
        // One level, as that server did; what everybody might do with `/calendars/` is not of this calendar.
        if (depth > 0 || segments.length < 2) continue;
        if (ace.principal?.kind !== 'all') {
          remarks.push(
            `${from}: inherits ${ace.inherited} for one principal alone, which has no counterpart`,
          );
          continue;
        }
        const stored = [...this.#files.keys()].find(
          (path) =>
            path.endsWith(`/${sidecarName}`) &&
            segmentsOf(path.slice(0, -sidecarName.length)).join('/') === segments.join('/'),
        );
        const [above] = stored === undefined ? [undefined] : this.#sidecar(stored);
        aces.push(...this.#aclOf(above, owner, from, remarks, undefined, depth + 1));
        continue;
      }
      const stored = this.#aceOf(ace, owner, from, remarks);
      if (stored !== undefined) aces.push(stored);
    }
    return aces;
  }

  #aceOf(ace: RoburAce, owner: string, from: string, remarks: string[]): StoredAce | undefined {
    const principal = this.#principalOf(ace, from, remarks);
    if (principal === undefined) return undefined;
    if (principal.kind === 'user' && principal.name === owner) {
      if (!ace.grant)
        remarks.push(`${from}: denies its owner something; owners may do everything here`);
      return undefined;
    }
    const keys = privilegeKeys(ace.privileges);
    const known = keys.filter((key) => privilegeByKey(key) !== undefined);
    if (known.length < keys.length)
      remarks.push(`${from}: a privilege that is unknown here: ${ace.privileges.join(', ')}`);
    if (known.length === 0) return undefined;
    if (!ace.grant)
      remarks.push(`${from}: something is denied, which that server ignored; it is here`);
    return { principal, invert: false, grant: ace.grant, privileges: known };
  }

  #principalOf(
    { principal }: RoburAce,
    from: string,
    remarks: string[],
  ): StoredAce['principal'] | undefined {
    switch (principal?.kind) {
      case 'all': // Nobody was served there without logging in.
      case 'authenticated':
        return { kind: 'authenticated' };
      case 'href': {
        const there = segmentsOf(principal.href)[1] ?? '';
        const user = this.#users.get(there);
        if (user !== undefined) return { kind: 'user', name: user };
        const group = this.#groups.get(there);
        if (group !== undefined) return { kind: 'group', name: group };
        remarks.push(`${from}: names ${principal.href}, who does not come along`);
        return undefined;
      }
      default:
        remarks.push(
          `${from}: an entry for ${principal?.kind ?? 'somebody unknown'} has no counterpart`,
        );
        return undefined;
    }
  }

  #foldersIn(area: string): string[] {
    const folders = new Set<string>();
    for (const path of this.#files.keys()) {
      const [first, second, third] = path.split('/');
      if (first === area && second !== undefined && third !== undefined) folders.add(second);
    }
    return [...folders].sort();
  }

  #sidecar(path: string): [Sidecar | undefined, string?] {
    const file = this.#files.get(path);
    if (file === undefined) return [undefined];
    try {
      return [parseSidecar(this.#repository.content(file))];
    } catch (error) {
      return [undefined, sentenceOf(error)];
    }
  }
}

function textIn(sidecar: Sidecar, namespace: string, name: string): string {
  const property = propertyIn(sidecar, namespace, name);
  return property === undefined ? '' : textOf(property).trim();
}

/** A name that is the own path, or the end of it, is none: nobody has given one. */
function nameIn(sidecar: Sidecar, path: string): string | undefined {
  const name = textIn(sidecar, DAV, 'displayname');
  const own = segmentsOf(path);
  const said = segmentsOf(name);
  const isPath = said.join('/') === own.join('/') || (said.length === 1 && said[0] === own.at(-1));
  return name === '' || isPath ? undefined : name;
}

/** Those that are kept here as well; not what the server says of itself. */
function propertiesOf(sidecar: Sidecar, path: string): DeadProperty[] {
  const properties: DeadProperty[] = [];
  const name = nameIn(sidecar, path);
  if (name !== undefined) properties.push(displayName(name));
  for (const property of sidecar.values()) {
    const { namespace, name: local } = property;
    if (namespace === ROBUR || (namespace === DAV && !keptOfDav.has(local))) continue;
    const live = registeredProperty(namespace, local);
    if (live !== undefined && !live.kept) continue;
    properties.push(treeProperty(property));
  }
  return properties;
}

/** Of `DAV:` only what people write; the name is looked at by itself. */
const keptOfDav: ReadonlySet<string> = new Set(['comment']);
