/** The file of accounts: its tables, and how it is opened by several processes at once. */
import { chmodSync, existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { AccountError } from './account-error.ts';

/** Of this program; the file says which one it was made by. */
const version = 1;

const tables = `
CREATE TABLE users (
  name TEXT PRIMARY KEY,
  display_name TEXT NOT NULL,
  password TEXT,              -- argon2id; NULL: no login with a password
  quota_octets INTEGER,       -- NULL: no limit
  disabled INTEGER NOT NULL DEFAULT 0,
  created_seconds INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE addresses (
  address TEXT PRIMARY KEY COLLATE NOCASE,
  user TEXT NOT NULL REFERENCES users(name) ON DELETE CASCADE,
  position INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX addresses_of ON addresses(user, position);
CREATE TABLE groups (
  name TEXT PRIMARY KEY,
  display_name TEXT NOT NULL,
  created_seconds INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE memberships (
  member TEXT NOT NULL REFERENCES users(name) ON DELETE CASCADE,
  in_group TEXT NOT NULL REFERENCES groups(name) ON DELETE CASCADE,
  PRIMARY KEY (member, in_group)
) STRICT, WITHOUT ROWID;
CREATE INDEX members_of ON memberships(in_group, member);
CREATE TABLE app_passwords (
  hash TEXT PRIMARY KEY,      -- SHA-256 of 100 random bits
  user TEXT NOT NULL REFERENCES users(name) ON DELETE CASCADE,
  device TEXT NOT NULL,
  created_seconds INTEGER NOT NULL,
  used_seconds INTEGER,
  used_address TEXT,
  used_agent TEXT,
  UNIQUE (user, device)
) STRICT, WITHOUT ROWID;
`;

/** Another process writes for milliseconds. */
const busyTimeoutMs = 5000;

export function openAccountDatabase(file: string): DatabaseSync {
  const isNew = !existsSync(file);
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const database = new DatabaseSync(file, { timeout: busyTimeoutMs });
  try {
    // Passwords that were changed have to stay changed: FULL.
    database.exec('PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON');
    database.exec('BEGIN IMMEDIATE');
    const { user_version: found } = database.prepare('PRAGMA user_version').get() as {
      user_version: number;
    };
    if (found === 0) database.exec(`${tables}PRAGMA user_version=${version}`);
    database.exec('COMMIT');
    if (found > version)
      throw new AccountError(
        'account.database',
        `${file}: made by a newer version of Riad (${found}; this one knows ${version})`,
      );
  } catch (error) {
    database.close();
    if (error instanceof AccountError) throw error;
    throw new AccountError('account.database', `${file}: ${(error as Error).message}`);
  }
  if (isNew) chmodSync(file, 0o600);
  return database;
}
