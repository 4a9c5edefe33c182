/**
 * Who may do what with which collection, as Radicale’s `[rights]` says: one of its types, or the sections of a file, of
 * which the first whose patterns match both the user and the collection counts.
 */
import type { StoredAce } from '@riad/webdav/storage/storage';
import { parseConfiguration } from './configparser.ts';
import { SourceError, sentenceOf } from './source-error.ts';

/** The letters for a user (`''`: nobody has logged in) and a path such as `ann/work`. */
export type Rights = (user: string, path: string) => string;

export const rightsTypes = ['owner_only', 'owner_write', 'authenticated'] as const;
export type RightsType = (typeof rightsTypes)[number];

export function rightsOfType(type: RightsType): Rights {
  return (user, path) => {
    if (user === '') return '';
    const own = path.split('/')[0] === user;
    if (own || type === 'authenticated') return 'rw';
    return type === 'owner_write' ? 'r' : '';
  };
}

export function rightsOfFile(text: string): Rights {
  const rules = parseConfiguration(text).sections.map(({ name, values }) => {
    const wanted = (key: string): string => {
      const value = values.get(key);
      if (value === undefined) throw new SourceError('takeover.format', `[${name}] has no ${key}`);
      return value;
    };
    const [user, collection] = [wanted('user'), wanted('collection')];
    // Looked at once, so that a pattern that cannot be read is named with its section.
    try {
      pattern(filled(user, [], undefined));
      pattern(
        filled(
          collection,
          Array.from({ length: 10 }, () => 'x'),
          'x',
        ),
      );
    } catch (error) {
      throw new SourceError('takeover.format', `[${name}] ${sentenceOf(error)}`);
    }
    return { user, collection, permissions: wanted('permissions') };
  });
  /** By user, the rules that speak of them, ready to be held against paths. */
  const known = new Map<string, readonly { collection: RegExp; permissions: string }[]>();
  const rulesFor = (user: string) => {
    let found = known.get(user);
    if (found === undefined) {
      found = rules.flatMap(({ user: wanted, collection, permissions }) => {
        const match = pattern(filled(wanted, [], undefined)).exec(user);
        if (match === null) return [];
        const groups = match.slice(1).map((group) => escaped(group ?? ''));
        return [{ collection: pattern(filled(collection, groups, escaped(user))), permissions }];
      });
      known.set(user, found);
    }
    return found;
  };
  return (user, path) =>
    rulesFor(user).find(({ collection }) => collection.test(path))?.permissions ?? '';
}

/** Python’s `str.format` as far as rights use it: `{user}`, `{0}`, and braces doubled. */
function filled(text: string, groups: readonly string[], user: string | undefined): string {
  return text.replace(/\{\{|\}\}|\{(\w*)\}/g, (whole, name: string | undefined) => {
    if (whole === '{{') return '{';
    if (whole === '}}') return '}';
    const value = name === 'user' ? user : groups[Number(name)];
    if (value === undefined)
      throw new SourceError('takeover.format', `${whole} stands for nothing`);
    return value;
  });
}

/** A whole match, as `re.fullmatch` makes it. */
function pattern(python: string): RegExp {
  const source = python
    .replaceAll('(?P<', '(?<')
    .replace(/\(\?P=(\w+)\)/g, '\\k<$1>')
    .replaceAll('\\A', '^')
    .replaceAll('\\Z', '$');
  try {
    return new RegExp(`^(?:${source})$`);
  } catch (error) {
    throw new SourceError('takeover.format', (error as Error).message);
  }
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}

const reading = ['DAV: read'];
const writing = ['DAV: read', 'DAV: write'];

/** Somebody of whom no rule speaks by name. */
const stranger = 'riad-takeover-stranger';

/**
 * The entries that give others what the rights give them. Owners may do everything with what is theirs here; `remarks`
 * gets what cannot be said.
 */
export function aclOf(
  rights: Rights,
  path: string,
  owner: string,
  users: ReadonlyMap<string, string>,
  remarks: string[],
): StoredAce[] {
  const grant = (principal: StoredAce['principal'], privileges: readonly string[]): StoredAce => ({
    principal,
    invert: false,
    grant: true,
    privileges,
  });
  const aces: StoredAce[] = [];
  const anybody = rights('', path);
  const everybody = rights(stranger, path);
  if (/w/.test(anybody))
    remarks.push(`${path}: who had not logged in might write; here nobody does without an account`);
  if (/i/.test(anybody) && !/r/.test(anybody))
    remarks.push(`${path}: right “i” has no counterpart; make a public link instead`);
  const most = levelOf(everybody);
  for (const [there, name] of users) {
    if (name === owner) {
      if (levelOf(rights(there, path)) < 2)
        remarks.push(`${path}: ${there} might not write there, and owns it here`);
      continue;
    }
    const level = levelOf(rights(there, path));
    if (/w/.test(rights(there, path)) && level === 0)
      remarks.push(`${path}: ${there} might write and not read; nothing is granted`);
    if (level < most) {
      // Entries are looked at in their order: this one goes before what everybody may.
      const taken = level === 0 ? writing : ['DAV: write'];
      aces.unshift({ ...grant({ kind: 'user', name }, taken), grant: false });
    } else if (level > most)
      aces.push(
        grant({ kind: 'user', name }, levelOf(rights(there, path)) === 2 ? writing : reading),
      );
  }
  if (/r/.test(anybody)) aces.push(grant({ kind: 'all' }, reading));
  if (most > 0) aces.push(grant({ kind: 'authenticated' }, most === 2 ? writing : reading));
  return aces;
}

/** Others who might make collections in a user’s folder: here only owners do. */
export function makersIn(
  rights: Rights,
  home: string,
  users: ReadonlyMap<string, string>,
): readonly string[] {
  const might = (user: string): boolean => rights(user, home).includes('W');
  if (might(stranger)) return ['whoever had logged in'];
  return [...users.keys()].filter((user) => user !== home && might(user));
}

/** Only small letters are of calendars and address books. */
function levelOf(letters: string): 0 | 1 | 2 {
  if (!letters.includes('r')) return 0;
  return letters.includes('w') ? 2 : 1;
}
