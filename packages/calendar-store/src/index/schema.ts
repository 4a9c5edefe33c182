/** The tables of index.db. All of it comes from the commits and may be deleted at any moment. */

/** Another number makes a new index out of the commits. */
export const schemaVersion = 1;

export const schema = `
CREATE TABLE state (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  schema INTEGER NOT NULL,
  number INTEGER NOT NULL,     -- of the last commit that it has, counted from 1
  revision TEXT,               -- and what that one is called
  complete INTEGER NOT NULL    -- 0 while members have not been looked into
);

CREATE TABLE collections (
  id INTEGER PRIMARY KEY,
  key TEXT NOT NULL,
  alive INTEGER NOT NULL,
  state TEXT NOT NULL,         -- JSON
  removed_by INTEGER           -- number of a commit
);
CREATE INDEX collections_by_key ON collections (key);

-- What the names of a collection stand for, and what they stood for last.
CREATE TABLE members (
  collection INTEGER NOT NULL,
  name TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  what INTEGER NOT NULL,       -- 1 member, 2 collection, −1 and −2 when it has gone
  etag BLOB,
  size INTEGER,
  type TEXT,                   -- NULL: text/calendar
  uid TEXT,
  component TEXT,
  earliest INTEGER,
  latest INTEGER,
  metadata TEXT,               -- JSON
  metadata_version TEXT,       -- NULL: none
  created INTEGER,
  modified INTEGER,
  PRIMARY KEY (collection, name)
) WITHOUT ROWID;
CREATE INDEX members_by_sequence ON members (collection, sequence);
CREATE INDEX members_by_uid ON members (collection, uid) WHERE uid IS NOT NULL;
CREATE INDEX members_not_read ON members (collection, sequence) WHERE size < 0;

CREATE TABLE commits (
  number INTEGER PRIMARY KEY,
  revision BLOB NOT NULL,
  first8 TEXT,                 -- what tokens call it, if not by its first digits
  time INTEGER NOT NULL,
  user TEXT,
  device TEXT
);

CREATE TABLE changes (
  collection INTEGER NOT NULL,
  sequence INTEGER NOT NULL,
  commit_number INTEGER NOT NULL,
  type TEXT NOT NULL,
  name TEXT NOT NULL,
  uid TEXT,
  blob BLOB,
  PRIMARY KEY (collection, sequence)
) WITHOUT ROWID;
`;
