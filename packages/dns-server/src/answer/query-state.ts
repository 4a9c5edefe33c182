/**
 * What is known of the query that is being answered, and how far its answer has got. One such object
 * belongs to one thread and is used for query after query, so that none of them allocates.
 */
import type { Arena } from '@riad/octets/arena';
import { Nsec3Hash, type Sha1 } from '../zone-image/denial-index.ts';
import { CanonicalOrder, HashOrder } from '../zone-image/order-tree.ts';

/** The most names that an alias may lead through in one answer. RFC 1034 §3.6.2 sets no number. */
export const maxAliases = 20;

/** The most RRsets of additional and of proving data that one answer remembers, to write none twice. */
export const maxRemembered = 64;

/** RFC 1035 §2.3.4: at most 255 octets, so at most 127 labels besides the root. */
const maxLabels = 127;

export class QueryState {
  readonly arena: Arena;
  readonly octets: Uint8Array;
  readonly words: Int32Array;
  readonly view: DataView;

  // The query, as octets in the arena.
  query = 0;
  queryEnd = 0;
  flags = 0;
  opcode = 0;
  type = 0;
  klass = 0;
  /** Octets of QNAME. */
  nameLength = 0;
  /** What the query asked by EDNS. */
  edns = false;
  ednsVersion = 0;
  udpPayloadOctets = 0;
  dnssecOk = false;
  /** Octet of the COOKIE option's value and its length; 0 without. */
  cookie = 0;
  cookieOctets = 0;
  nsid = false;
  keepalive = false;
  padding = false;
  expire = false;
  /** Octet at which a TSIG record begins, 0 without. */
  tsig = 0;
  transport = 0;
  /** Octet of the client's address in the arena, and whether it has 4 or 16 octets. */
  client = 0;
  clientOctets = 4;

  // The name being looked for: QNAME, then the targets of aliases.
  /** Octet of its folded form. */
  name = 0;
  readonly starts: Uint8Array = new Uint8Array(maxLabels + 1);
  readonly hashes: Int32Array = new Int32Array(maxLabels + 1);
  labels = 0;
  soughtLength = 0;

  // Where the search stands.
  version = 0;
  zone = 0;
  apex = 0;
  apexLabels = 0;
  names = 0;
  /** Labels of the closest encloser, its node and its version. */
  encloserLabels = 0;
  encloser = 0;
  encloserVersion = 0;
  /** The answer was made from the wildcard below the closest encloser. */
  fromWildcard = false;

  // The answer being written, in the arena.
  out = 0;
  at = 0;
  /** The answer ends before this octet. */
  limit = 0;
  rcode = 0;
  authoritative = false;
  truncated = false;
  answers = 0;
  authorities = 0;
  additionals = 0;
  /** Place in the message of the name being looked for, and of its zone's apex. */
  ownerPlace = 12;
  apexPlace = 0;
  /** What is told by EDNS of an error (RFC 8914), and what more; -1 for nothing. */
  extendedError = -1;
  furtherError = -1;
  cookieIsValid = false;
  /** Octets that the OPT record and what follows it will take. */
  reserved = 0;

  readonly aliasNodes: Int32Array = new Int32Array(maxAliases + 1);
  readonly aliasHashes: Int32Array = new Int32Array(maxAliases + 1);
  aliases = 0;
  readonly remembered: Int32Array = new Int32Array(maxRemembered);
  rememberedCount = 0;

  // Proofs that belong behind the answers of a chain of aliases that still goes on: the node, and the
  // apex of its zone with its place.
  readonly pendingProofs: Int32Array = new Int32Array(3 * (maxAliases + 1));
  pendingCount = 0;

  /** Octets of scratch space in the arena that `scratch` points to. */
  static readonly scratchOctets = 2048;
  readonly scratch: number;

  readonly canonicalOrder: CanonicalOrder;
  readonly hashOrder: HashOrder;
  readonly nsec3Hash: Nsec3Hash;

  constructor(arena: Arena, scratch: number, sha1: Sha1) {
    this.arena = arena;
    this.octets = arena.octets;
    this.words = arena.words;
    this.view = arena.view;
    this.scratch = scratch;
    this.canonicalOrder = new CanonicalOrder(arena.octets);
    this.hashOrder = new HashOrder(arena.octets);
    this.nsec3Hash = new Nsec3Hash(sha1);
  }
}

/** Places in the scratch space. */
export const scratchPlace = {
  /** The name being looked for, folded. */
  name: 0,
  /** A name as it is spelled: the target of an alias. */
  target: 256,
  /** `*` before the closest encloser. */
  wildcard: 768,
  /** Base32hex of a hash, and work space. */
  hash: 1280,
  cookie: 1408,
} as const;

export const transport = { udp: 0, tcp: 1, tls: 2 } as const;

/** What `answer` returns besides a length. */
export const outcome = { drop: 0, notMine: -1 } as const;
