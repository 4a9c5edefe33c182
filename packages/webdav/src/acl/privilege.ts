/**
 * The privileges (RFC 3744 §3, RFC 4791 §6.1.1) as bits: an aggregate is the set of its parts, so
 * that rights are worked out and compared as numbers.
 */
import { CALDAV, DAV, nameKey, prefixOf } from '../xml/namespaces.ts';

export const Right = {
  read: 1,
  readFreeBusy: 2,
  writeProperties: 4,
  writeContent: 8,
  bind: 16,
  unbind: 32,
  unlock: 64,
  readAcl: 128,
  writeAcl: 256,
  readCurrentUserPrivilegeSet: 512,
} as const;

export const allRights = 1023;
export const noRights = 0;

export type Privilege = {
  readonly namespace: string;
  readonly name: string;
  readonly description: string;
  readonly rights: number;
  readonly parts: readonly Privilege[];
};

function leaf(namespace: string, name: string, rights: number, description: string): Privilege {
  return { namespace, name, description, rights, parts: [] };
}

// §3.12: read must not contain write, nor write read. Reading contains knowing when someone is busy.
const read: Privilege = {
  namespace: DAV,
  name: 'read',
  description: 'Read content and properties',
  rights: Right.read | Right.readFreeBusy,
  parts: [leaf(CALDAV, 'read-free-busy', Right.readFreeBusy, 'See busy times only')],
};

const write: Privilege = {
  namespace: DAV,
  name: 'write',
  description: 'Change content and properties',
  rights: Right.writeProperties | Right.writeContent | Right.bind | Right.unbind,
  parts: [
    leaf(DAV, 'write-properties', Right.writeProperties, 'Change properties'),
    leaf(DAV, 'write-content', Right.writeContent, 'Change the content of what is there'),
    leaf(DAV, 'bind', Right.bind, 'Add members'),
    leaf(DAV, 'unbind', Right.unbind, 'Remove members'),
  ],
};

/** The whole tree (`D:supported-privilege-set`); the same everywhere, and nothing in it is abstract. */
export const privilegeTree: Privilege = {
  namespace: DAV,
  name: 'all',
  description: 'Everything',
  rights: allRights,
  parts: [
    read,
    write,
    leaf(DAV, 'unlock', Right.unlock, 'Remove locks of others'),
    leaf(DAV, 'read-acl', Right.readAcl, 'See who may do what'),
    leaf(DAV, 'write-acl', Right.writeAcl, 'Change who may do what'),
    leaf(
      DAV,
      'read-current-user-privilege-set',
      Right.readCurrentUserPrivilegeSet,
      'See what oneself may do',
    ),
  ],
};

/** Aggregates before their parts. */
export const privileges: readonly Privilege[] = flatten(privilegeTree);

function flatten(privilege: Privilege): Privilege[] {
  return [privilege, ...privilege.parts.flatMap(flatten)];
}

const byKey: ReadonlyMap<string, Privilege> = new Map(
  privileges.map((privilege) => [nameKey(privilege.namespace, privilege.name), privilege]),
);

/** By the key that access control entries are kept with; undefined: there is no such privilege. */
export function privilegeByKey(key: string): Privilege | undefined {
  return byKey.get(key);
}

export function rightsOfKeys(keys: readonly string[]): number {
  let rights = 0;
  // A privilege that an older version knew grants nothing, and denies nothing.
  for (const key of keys) rights |= byKey.get(key)?.rights ?? 0;
  return rights;
}

/** The one privilege with exactly these rights, for `D:need-privileges`. */
export function privilegeOfRight(rights: number): Privilege {
  // `read` has the bit of its part, too: what is asked for is the smallest that has the right.
  const candidates = privileges.filter((one) => (one.rights & rights) === rights);
  return candidates.reduce((a, b) => (bits(b.rights) < bits(a.rights) ? b : a));
}

function bits(value: number): number {
  let count = 0;
  for (let rest = value; rest !== 0; rest &= rest - 1) count++;
  return count;
}

/** `<D:privilege><D:read/></D:privilege>` */
export function privilegeMarkup({ namespace, name }: Privilege): string {
  return `<D:privilege><${prefixOf(namespace)}:${name}/></D:privilege>`;
}
