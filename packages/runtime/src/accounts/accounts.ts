/**
 * Users, groups and the passwords of devices. One file for all services and the command line; each reads
 * what the others have written. Calls are synchronous and short.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { openAccountDatabase } from './account-database.ts';
import { AccountError } from './account-error.ts';
import { appPasswordHash, makeAppPassword } from './app-password.ts';
import { ForeignChanges } from './foreign-changes.ts';
import { isAccountName, isDisplayName, isEmailAddress, nameRule } from './names.ts';
import { isOldHash, oldHashRefusal, verifyOldHash } from './old-hash.ts';
import {
  hashPassword,
  inTurn,
  isPasswordHash,
  passwordRefusal,
  verifyPassword,
} from './password-hash.ts';

/** A small organisation; lists of all are made for some answers. */
export const maxUsers = 10_000;
export const maxGroups = 1000;
export const maxAppPasswords = 50;
export const maxAddresses = 20;

export type User = {
  readonly name: string;
  readonly displayName: string;
  readonly emailAddresses: readonly string[];
  readonly quotaOctets: number | undefined;
  readonly disabled: boolean;
  readonly hasPassword: boolean;
  /** It is kept as another server kept it, until the first login. */
  readonly hasOldPassword: boolean;
  readonly createdSeconds: number;
};

export type Group = {
  readonly name: string;
  readonly displayName: string;
  readonly members: readonly string[];
};

export type AppPassword = {
  readonly device: string;
  readonly createdSeconds: number;
  readonly usedSeconds: number | undefined;
  readonly usedAddress: string | undefined;
  readonly usedAgent: string | undefined;
};

export type NewUser = {
  readonly name: string;
  readonly displayName?: string;
  readonly emailAddresses?: readonly string[];
  readonly password?: string;
  /** Instead: as another server kept it (`old-hash.ts`), or as `hashPassword` makes it. */
  readonly passwordHash?: string;
  readonly quotaOctets?: number;
};

/** What may be changed; undefined leaves as it is, null takes away. */
export type UserChange = {
  readonly displayName?: string;
  readonly emailAddresses?: readonly string[];
  readonly quotaOctets?: number | null;
  readonly disabled?: boolean;
};

/** A last use is written at most so often: it is for people, and each write is synced. */
export const usedEverySeconds = 600;

const sqliteFull = 13;

type UserRow = {
  name: string;
  display_name: string;
  password: string | null;
  quota_octets: number | null;
  disabled: number;
  created_seconds: number;
};

export class Accounts implements Disposable {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  readonly #now: () => number;
  /** Every request asks for somebody. At most `maxUsers`, for who is not there is not kept. */
  readonly #known = new Map<string, User>();
  readonly #foreign: ForeignChanges;

  /** `now`: wall clock in seconds. Throws AccountError. */
  constructor(file: string, now: () => number = () => Math.floor(Date.now() / 1000)) {
    this.#database = openAccountDatabase(file);
    this.#now = now;
    this.#foreign = new ForeignChanges(
      () => this.foreignVersion,
      () => performance.now(),
    );
  }

  /** Differs after another process has changed something; not after changes through this object. */
  get foreignVersion(): number {
    return (this.#get('PRAGMA data_version') as { data_version: number }).data_version;
  }

  // --- users ----------------------------------------------------------------------------------

  /** What another process has changed is seen `lookEveryMs` later. */
  user(name: string): User | undefined {
    if (this.#foreign.look()) this.#known.clear();
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const row = this.#userRow(name);
    if (row === undefined) return undefined;
    const user = this.#userOf(row);
    this.#known.set(name, user);
    return user;
  }

  users(limit: number = maxUsers): User[] {
    const rows = this.#all('SELECT * FROM users ORDER BY name LIMIT ?', limit) as UserRow[];
    return rows.map((row) => this.#userOf(row));
  }

  /** The user with this name, or with this e-mail address. */
  find(nameOrAddress: string): User | undefined {
    const lower = nameOrAddress.toLowerCase();
    const found = this.user(lower);
    if (found !== undefined) return found;
    const row = this.#get('SELECT user FROM addresses WHERE address = ?', lower) as
      | { user: string }
      | undefined;
    return row === undefined ? undefined : this.user(row.user);
  }

  async addUser(user: NewUser): Promise<User> {
    const { name, displayName = name, emailAddresses = [], password, quotaOctets } = user;
    checkName(name);
    checkDisplayName(displayName);
    if (user.passwordHash !== undefined) checkHash(user.passwordHash);
    const hash = password === undefined ? (user.passwordHash ?? null) : await hashChecked(password);
    this.#atomically(() => {
      if (this.#taken(name)) throw exists(name);
      if (this.#count('users') >= maxUsers) throw tooMany(`users: at most ${maxUsers}`);
      this.#run(
        'INSERT INTO users (name, display_name, password, quota_octets, created_seconds) VALUES (?, ?, ?, ?, ?)',
        name,
        displayName,
        hash,
        quotaOctets ?? null,
        this.#now(),
      );
      this.#setAddresses(name, emailAddresses);
    });
    return this.user(name)!;
  }

  changeUser(name: string, change: UserChange): User {
    const { displayName, emailAddresses, quotaOctets, disabled } = change;
    if (displayName !== undefined) checkDisplayName(displayName);
    this.#atomically(() => {
      if (this.#userRow(name) === undefined) throw unknown(name);
      const set = (column: string, value: string | number | null): void =>
        void this.#run(`UPDATE users SET ${column} = ? WHERE name = ?`, value, name);
      if (displayName !== undefined) set('display_name', displayName);
      if (quotaOctets !== undefined) set('quota_octets', quotaOctets);
      if (disabled !== undefined) set('disabled', disabled ? 1 : 0);
      if (emailAddresses !== undefined) this.#setAddresses(name, emailAddresses);
    });
    return this.user(name)!;
  }

  /** What the user owns elsewhere is not touched. */
  removeUser(name: string): void {
    if (this.#run('DELETE FROM users WHERE name = ?', name) === 0) throw unknown(name);
  }

  // --- passwords ------------------------------------------------------------------------------

  async setPassword(name: string, password: string): Promise<void> {
    const hash = await hashChecked(password);
    if (this.#run('UPDATE users SET password = ? WHERE name = ?', hash, name) === 0)
      throw unknown(name);
  }

  /** Takes as long for a name that nobody has. */
  async verify(name: string, password: string): Promise<boolean> {
    const row = this.#userRow(name);
    const usable = row !== undefined && row.disabled === 0 ? row.password : null;
    if (usable !== null && isOldHash(usable)) return this.#verifyOnce(name, password, usable);
    return verifyPassword(password, usable ?? undefined);
  }

  /** By the form of another server; what is right is kept in our own from then on. */
  async #verifyOnce(name: string, password: string, hash: string): Promise<boolean> {
    const right = await inTurn(() => verifyOldHash(password, hash));
    // Not sooner than for anybody else: some of the old forms take no time at all.
    if (!right) return verifyPassword(password, undefined);
    const renewed = await hashPassword(password);
    // Unless it was changed meanwhile.
    this.#run('UPDATE users SET password = ? WHERE name = ? AND password = ?', renewed, name, hash);
    return true;
  }

  /** Makes one, and gives it the only time it can be read. A device of the same name gets another. */
  addAppPassword(user: string, device: string): string {
    checkDisplayName(device);
    const password = makeAppPassword();
    this.#atomically(() => {
      if (this.#userRow(user) === undefined) throw unknown(user);
      this.#run('DELETE FROM app_passwords WHERE user = ? AND device = ?', user, device);
      const { n } = this.#get('SELECT count(*) AS n FROM app_passwords WHERE user = ?', user) as {
        n: number;
      };
      if (n >= maxAppPasswords)
        throw tooMany(`app passwords of a user: at most ${maxAppPasswords}`);
      this.#run(
        'INSERT INTO app_passwords (hash, user, device, created_seconds) VALUES (?, ?, ?, ?)',
        appPasswordHash(password)!,
        user,
        device,
        this.#now(),
      );
    });
    return password;
  }

  appPasswords(user: string): AppPassword[] {
    const rows = this.#all('SELECT * FROM app_passwords WHERE user = ? ORDER BY device', user) as {
      device: string;
      created_seconds: number;
      used_seconds: number | null;
      used_address: string | null;
      used_agent: string | null;
    }[];
    return rows.map((row) => ({
      device: row.device,
      createdSeconds: row.created_seconds,
      usedSeconds: row.used_seconds ?? undefined,
      usedAddress: row.used_address ?? undefined,
      usedAgent: row.used_agent ?? undefined,
    }));
  }

  removeAppPassword(user: string, device: string): void {
    const gone = this.#run('DELETE FROM app_passwords WHERE user = ? AND device = ?', user, device);
    if (gone === 0)
      throw new AccountError('account.unknown', `${user} has no app password for "${device}"`);
  }

  /** The device whose password this is. */
  deviceOf(user: string, password: string): string | undefined {
    const hash = appPasswordHash(password);
    if (hash === undefined || this.#userRow(user)?.disabled !== 0) return undefined;
    const row = this.#get('SELECT user, device FROM app_passwords WHERE hash = ?', hash) as
      | { user: string; device: string }
      | undefined;
    return row?.user === user ? row.device : undefined;
  }

  used(user: string, device: string, address: string, agent: string): void {
    const now = this.#now();
    try {
      this.#run(
        `UPDATE app_passwords SET used_seconds = ?, used_address = ?, used_agent = ?
         WHERE user = ? AND device = ? AND (used_seconds IS NULL OR used_seconds <= ?)`,
        now,
        address,
        agent.slice(0, 256),
        user,
        device,
        now - usedEverySeconds,
      );
    } catch (error) {
      // On a full disk a device may still read.
      if ((error as { errcode?: number }).errcode !== sqliteFull) throw error;
    }
  }

  // --- groups ---------------------------------------------------------------------------------

  group(name: string): Group | undefined {
    const row = this.#get('SELECT display_name FROM groups WHERE name = ?', name) as
      | { display_name: string }
      | undefined;
    return row && { name, displayName: row.display_name, members: this.membersOf(name) };
  }

  groups(limit: number = maxGroups): Group[] {
    const rows = this.#all('SELECT name FROM groups ORDER BY name LIMIT ?', limit) as {
      name: string;
    }[];
    return rows.map(({ name }) => this.group(name)!);
  }

  addGroup(name: string, displayName: string = name): void {
    checkName(name);
    checkDisplayName(displayName);
    this.#atomically(() => {
      if (this.#taken(name)) throw exists(name);
      if (this.#count('groups') >= maxGroups) throw tooMany(`groups: at most ${maxGroups}`);
      this.#run('INSERT INTO groups VALUES (?, ?, ?)', name, displayName, this.#now());
    });
  }

  removeGroup(name: string): void {
    if (this.#run('DELETE FROM groups WHERE name = ?', name) === 0) throw unknown(name);
  }

  addMember(group: string, user: string): void {
    this.#atomically(() => {
      if (this.group(group) === undefined) throw unknown(group);
      if (this.#userRow(user) === undefined) throw unknown(user);
      this.#run('INSERT OR IGNORE INTO memberships VALUES (?, ?)', user, group);
    });
  }

  removeMember(group: string, user: string): void {
    const gone = this.#run(
      'DELETE FROM memberships WHERE member = ? AND in_group = ?',
      user,
      group,
    );
    if (gone === 0) throw new AccountError('account.unknown', `${user} is not in ${group}`);
  }

  membersOf(group: string): string[] {
    return (
      this.#all('SELECT member FROM memberships WHERE in_group = ? ORDER BY member', group) as {
        member: string;
      }[]
    ).map(({ member }) => member);
  }

  groupsOf(user: string): string[] {
    return (
      this.#all('SELECT in_group FROM memberships WHERE member = ? ORDER BY in_group', user) as {
        in_group: string;
      }[]
    ).map(({ in_group }) => in_group);
  }

  /** A copy that is whole, whoever writes meanwhile. */
  copyTo(file: string): void {
    this.#run('VACUUM INTO ?', file);
  }

  close(): void {
    this.#database.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  // --- within ---------------------------------------------------------------------------------

  #userRow(name: string): UserRow | undefined {
    return this.#get('SELECT * FROM users WHERE name = ?', name) as UserRow | undefined;
  }

  #userOf(row: UserRow): User {
    const addresses = this.#all(
      'SELECT address FROM addresses WHERE user = ? ORDER BY position',
      row.name,
    ) as { address: string }[];
    return {
      name: row.name,
      displayName: row.display_name,
      emailAddresses: addresses.map(({ address }) => address),
      quotaOctets: row.quota_octets ?? undefined,
      disabled: row.disabled !== 0,
      hasPassword: row.password !== null,
      hasOldPassword: row.password !== null && isOldHash(row.password),
      createdSeconds: row.created_seconds,
    };
  }

  /** Users and groups share names, and no address may be taken for the name of another. */
  #taken(name: string): boolean {
    const sql = `SELECT 1 FROM users WHERE name = ?1 UNION ALL SELECT 1 FROM groups WHERE name = ?1
      UNION ALL SELECT 1 FROM addresses WHERE address = ?1`;
    return this.#get(sql, name) !== undefined;
  }

  #setAddresses(user: string, addresses: readonly string[]): void {
    if (addresses.length > maxAddresses)
      throw tooMany(`e-mail addresses of a user: at most ${maxAddresses}`);
    this.#run('DELETE FROM addresses WHERE user = ?', user);
    for (const [position, address] of addresses.entries()) {
      if (!isEmailAddress(address))
        throw new AccountError('account.name', `"${address}" is no e-mail address`);
      const lower = address.toLowerCase();
      if (lower !== user && this.#taken(lower)) throw exists(address);
      this.#run('INSERT INTO addresses VALUES (?, ?, ?)', lower, user, position);
    }
  }

  #count(table: 'users' | 'groups'): number {
    return (this.#get(`SELECT count(*) AS n FROM ${table}`) as { n: number }).n;
  }

  #statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  #get(sql: string, ...values: (string | number | null)[]): unknown {
    return this.#statement(sql).get(...values);
  }

  #all(sql: string, ...values: (string | number | null)[]): unknown[] {
    return this.#statement(sql).all(...values);
  }

  /** Rows that changed. */
  #run(sql: string, ...values: (string | number | null)[]): number {
    this.#known.clear();
    return Number(this.#statement(sql).run(...values).changes);
  }

  #atomically(work: () => void): void {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      work();
    } catch (error) {
      this.#database.exec('ROLLBACK');
      this.#known.clear();
      throw error;
    }
    this.#database.exec('COMMIT');
  }
}

async function hashChecked(password: string): Promise<string> {
  const refusal = passwordRefusal(password);
  if (refusal !== undefined) throw new AccountError('account.password', refusal);
  return hashPassword(password);
}

function checkHash(hash: string): void {
  if (isPasswordHash(hash)) return;
  const refusal = oldHashRefusal(hash);
  if (refusal !== undefined) throw new AccountError('account.password', refusal);
}

function checkName(name: string): void {
  if (!isAccountName(name)) throw new AccountError('account.name', `"${name}": ${nameRule}`);
}

function checkDisplayName(name: string): void {
  if (!isDisplayName(name))
    throw new AccountError('account.name', `"${name}" is not 1 to 128 printable characters`);
}

function exists(name: string): AccountError {
  return new AccountError('account.exists', `${name} is taken already`);
}

function unknown(name: string): AccountError {
  return new AccountError('account.unknown', `there is no ${name}`);
}

function tooMany(message: string): AccountError {
  return new AccountError('account.limit', message);
}
