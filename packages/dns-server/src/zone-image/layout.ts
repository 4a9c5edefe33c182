/**
 * How a zone stands in shared memory: the words of each structure, counted from its reference
 * (a reference times 2 is an index of words, times 8 an index of octets).
 *
 * Everything that can change hangs from a chain of versions, newest first. A reader has one number,
 * the version it entered with, and takes in each chain the first element that is not newer. So one
 * store of that number publishes a commit, however many structures it touched.
 */
/** Words of the arena's header that the zone image uses, besides those that it defines itself. */
export const imageHeader = {
  /** The version that a reader enters with; the arena's `root`. */
  version: 4,
  /** Seed of every hash over names in this image. */
  seed: 5,
  /** Holder of the table of zones (a name table whose nodes are zone apexes). */
  zones: 6,
  /** Layout of the structures below; a snapshot with another number is not read. */
  layout: 7,
  /** Bit d: some hosted zone has an apex of d labels (31: of 31 or more). */
  zoneDepths: 8,
  /** Zones in force. */
  zoneCount: 9,
} as const;

export const layoutNumber = 2;

/** A name in a table. All but `head` and `children` is written once, before the node is linked. */
export const node = {
  hash: 0,
  /** Newest element of the version chain, or 0. */
  head: 1,
  parent: 2,
  /** Names directly below, for the writer alone. */
  children: 3,
  /** Octets of the name | labels << 8 | flags << 16. */
  info: 4,
  /** The name in wire form, folded to lower case; then, with `nodeFlag.originalCase`, as it was written. */
  nameOctet: 20,
} as const;

export const nodeFlag = {
  originalCase: 0x10000,
  /** The name's first label is `*`. */
  wildcard: 0x20000,
} as const;

/** What a name owns in one version. */
export const nodeVersion = {
  version: 0,
  older: 1,
  /** RRsets (16 bits) | flags; see nodeVersionFlag. */
  info: 2,
  /** Bit (type & 31) for each type owned: most absent types are known without a look. */
  typeMask: 3,
  /** References of the RRsets, one word each; with `hashed`, the denial block's stands before them. */
  rrsets: 4,
} as const;

export const nodeVersionFlag = {
  /** From this version on the name does not exist. */
  deleted: 0x10000,
  /** Owns NS and is not the apex: a zone cut (RFC 9499). */
  cut: 0x20000,
  dname: 0x40000,
  cname: 0x80000,
  /** Owns no RRset itself, but names below it do (RFC 4592 §2.2.2). */
  emptyNonTerminal: 0x100000,
  /** A denial block (NSEC3 hashes) stands before the RRsets. */
  hashed: 0x200000,
  /** Owns nothing but NSEC3: the owner of a hash, not a name that is asked for (RFC 5155 §7.2.8). */
  hashOwner: 0x400000,
} as const;

/** NSEC3 hashes of a name, computed when the zone is loaded so that a denial hashes one name only. */
export const denialBlock = {
  /** 32 octets, base32hex in lower case: as in the owner of the matching NSEC3. */
  nameHashOctet: 0,
  /** The same for `*.name`. */
  wildcardHashOctet: 32,
  sizeOctets: 64,
} as const;

/** An RRset, immutable, ready to be copied into a message. */
export const rrset = {
  /** Type | records << 16. */
  info: 0,
  ttlSeconds: 1,
  /** Octets of the records | octets of their RRSIGs << 16, as they stand in the blob. */
  sizes: 2,
  /** Marks | additional names << 16. */
  counts: 3,
  /** Additional names (2 words each: place of the name in the blob, node), then marks (1 word each), then the blob. */
  body: 4,
} as const;

/**
 * A mark says that the blob has, at a place, two octets that stand for the end of a name: place |
 * kind << 16 | distance << 18. When the blob is copied they become a compression pointer.
 */
export const markKind = {
  /** To the zone's apex. */
  apex: 0,
  /** To the owner of the RRset. */
  owner: 1,
  /** To the place in the blob that lies `distance` after its start. */
  blob: 2,
} as const;

/** A zone in one version. */
export const zoneVersion = {
  version: 0,
  older: 1,
  flags: 2,
  apex: 3,
  /** Holder of the table of names. */
  names: 4,
  /** Root of the tree of names in canonical order, or 0 where nothing needs it. */
  order: 5,
  /** Root of the tree of NSEC3 owners, or 0. */
  nsec3Order: 6,
  soa: 7,
  /** Bit d: a zone cut (resp. DNAME, wildcard) may stand d labels below the apex (31: 31 or more). */
  cutDepths: 8,
  dnameDepths: 9,
  wildcardDepths: 10,
  /** Labels of the deepest name. */
  maxLabels: 11,
  nsec3Iterations: 12,
  /** Octets of the salt << 24 | reference (the salt's octets stand there). */
  nsec3Salt: 13,
  nsec3SaltOctets: 14,
  records: 15,
  rrsets: 16,
  nodes: 17,
  serial: 18,
  /** min(SOA TTL, MINIMUM), RFC 2308 §3. */
  negativeTtlSeconds: 19,
  /** Place of the zone's counters. */
  number: 20,
  words: 22,
} as const;

export const zoneFlag = {
  /** From this version on the zone is not hosted. */
  deleted: 1,
  /** Has an NSEC chain. */
  nsec: 2,
  /** Has an NSEC3 chain. */
  nsec3: 4,
  /** Is hosted, but its data must not be given out (expired): SERVFAIL. */
  withheld: 8,
  /** With `deleted`: there is to be a zone, and none has come yet: SERVFAIL. */
  expected: 16,
} as const;

/** A table of names: the holder points to the slots, so that growth is one store. */
export const tableHolder = { slots: 0, nodes: 1, sizeOctets: 8 } as const;
/** Slots: mask of the slot number, then pairs of hash and node; a node of 0 ends a probe. */
export const tableSlots = { mask: 0, first: 2 } as const;

/** No probe is longer; a table in which one would be is grown. */
export const maxProbe = 64;
