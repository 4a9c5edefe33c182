/** Links by which anybody reads one calendar without logging in, until they expire or are taken back. */
import { createHash, randomBytes } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { CommandError } from '@riad/runtime/service';

/** Where they lead. */
export const publicPath = '/public/';
export const maxLinksPerUser = 100;
/** Longer is for ever; who wants that makes a new one. */
export const maxLinkDays = 3650;
const tokenOctets = 16;

export type LinkLevel = 'details' | 'busy';

export type PublicLink = {
  /** To take it back by; not what the link has in it. */
  readonly id: number;
  readonly user: string;
  /** `calendars/ann/work`. */
  readonly path: string;
  readonly level: LinkLevel;
  readonly label: string;
  readonly createdSeconds: number;
  readonly expiresSeconds: number;
};

type Row = {
  id: number;
  user: string;
  path: string;
  level: LinkLevel;
  label: string;
  created: number;
  expires: number;
};

export class PublicLinks {
  readonly #state: DatabaseSync;

  constructor(state: DatabaseSync) {
    this.#state = state;
    state.exec(`CREATE TABLE IF NOT EXISTS links (
      id INTEGER PRIMARY KEY,
      hash TEXT NOT NULL UNIQUE,   -- SHA-256 of 128 random bits
      user TEXT NOT NULL,
      path TEXT NOT NULL,
      level TEXT NOT NULL,
      label TEXT NOT NULL,
      created INTEGER NOT NULL,
      expires INTEGER NOT NULL
    ) STRICT`);
  }

  /** The token, which can be read this once. */
  make(
    link: Pick<PublicLink, 'user' | 'path' | 'level' | 'label'>,
    days: number,
    nowSeconds: number,
  ): string {
    const { user, path, level, label } = link;
    if (!(days >= 1 && days <= maxLinkDays))
      throw new CommandError(`a link is good for 1 to ${maxLinkDays} days`);
    this.#state.prepare('DELETE FROM links WHERE expires < ?').run(nowSeconds);
    if (this.of(user, nowSeconds).length >= maxLinksPerUser)
      throw new CommandError(`there are ${maxLinksPerUser} links already: take some back`);
    const token = randomBytes(tokenOctets).toString('base64url');
    this.#state
      .prepare(
        'INSERT INTO links (hash, user, path, level, label, created, expires) VALUES (?, ?, ?, ?, ?, ?, ?)',
      )
      .run(
        hashOf(token),
        user,
        path,
        level,
        label.slice(0, 128),
        nowSeconds,
        nowSeconds + Math.round(days * 86_400),
      );
    return token;
  }

  of(user: string, nowSeconds: number): PublicLink[] {
    const sql = 'SELECT * FROM links WHERE user = ? AND expires >= ? ORDER BY id';
    return (this.#state.prepare(sql).all(user, nowSeconds) as Row[]).map(linkOf);
  }

  find(token: string, nowSeconds: number): PublicLink | undefined {
    const sql = 'SELECT * FROM links WHERE hash = ? AND expires >= ?';
    const row = this.#state.prepare(sql).get(hashOf(token), nowSeconds) as Row | undefined;
    return row && linkOf(row);
  }

  takeBack(user: string, id: number): boolean {
    return (
      this.#state.prepare('DELETE FROM links WHERE user = ? AND id = ?').run(user, id).changes > 0
    );
  }
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}

function linkOf({ id, user, path, level, label, created, expires }: Row): PublicLink {
  return { id, user, path, level, label, createdSeconds: created, expiresSeconds: expires };
}
