/**
 * Where two of BIND, NSD and Knot take a hostile packet alike and Riad otherwise: what is excused, and why. README.md
 * has the same as a table.
 */
import { decodeMessage } from '@riad/dns/message';
import type { Reaction } from './ask.ts';

export type Disagreement = {
  readonly octets: Uint8Array;
  /** What two of them, or all three, did. */
  readonly theirs: Reaction;
  readonly riad: Reaction;
};

const rcode = {
  noerror: '0',
  formerr: '1',
  notimp: '4',
  refused: '5',
  notauth: '9',
  badvers: '16',
} as const;

/** Types that are no data: an OPT or TSIG record, a key exchange, and number 0 (RFC 6895 §3.1). */
const metaTypes: ReadonlySet<number> = new Set([0, 41, 249, 250]);
const transfers: ReadonlySet<number> = new Set([251, 252]);
const mailTypes: ReadonlySet<number> = new Set([253, 254]);
const classIn = 1;

const smallPayloads = [Buffer.of(0, 0, 41, 0), Buffer.of(0, 0, 41, 1)];
const pointerBeforeOpt = Buffer.of(0xc0, 12, 0, 41);

type Excuse = {
  readonly why: string;
  readonly applies: (disagreement: Disagreement & Partial<Asked>) => boolean;
};

export const excuses: readonly Excuse[] = [
  {
    why: 'a header is enough to answer: FORMERR or NOTIMP, no longer than what was sent, tells an honest client what is wrong (RFC 1035 §4.1.1); BIND does so too',
    applies: ({ theirs, riad }) =>
      theirs === 'silence' && (riad === rcode.formerr || riad === rcode.notimp),
  },
  {
    why: 'meta types are no data of any name, so asking for them is FORMERR as with BIND, whatever the name',
    applies: ({ type, riad }) => metaTypes.has(type ?? -1) && riad === rcode.formerr,
  },
  {
    why: 'MAILA and MAILB were withdrawn before anybody served them: NOTIMP as with BIND',
    applies: ({ type, riad }) => mailTypes.has(type ?? -1) && riad === rcode.notimp,
  },
  {
    why: 'no class but IN is served, and class ANY would need them all and could never be authoritative (RFC 1035 §6.2): refused; the others say FORMERR or nothing for some',
    applies: ({ recordClass, riad }) => recordClass !== classIn && riad === rcode.refused,
  },
  {
    why: 'a transfer takes a key or an address that is allowed: refused to everybody else, before anything in the query is looked at',
    applies: ({ type, riad }) => transfers.has(type ?? -1) && riad === rcode.refused,
  },
  {
    why: 'an update whose zone section asks for another type than SOA is malformed (RFC 2136 §3.1.1), also in a class that is not served',
    applies: ({ octets, type, riad }) =>
      ((octets[2] ?? 0) & 0x78) === 0x28 && type !== 6 && riad === rcode.formerr,
  },
  {
    why: 'a cookie of a wrong length is FORMERR (RFC 7873 §5.2.2) before a signature is looked at; the others have cookies switched off',
    applies: ({ octets, riad }) => riad === rcode.formerr && errorCode(octets) === 'edns.option',
  },
  {
    why: 'records of a query besides OPT and TSIG mean nothing: they are stepped over, and what is in them not read',
    applies: ({ octets, theirs, riad }) =>
      (theirs === rcode.formerr || theirs === 'silence') &&
      riad !== rcode.formerr &&
      (hasOtherRecords(octets) || /^(rdata|octets|name)\./.test(errorCode(octets))),
  },
  {
    why: 'options that change no answer here are not read, well made or not (RFC 6891 §6.1.2)',
    applies: ({ octets, theirs, riad }) =>
      theirs === rcode.formerr && riad !== rcode.formerr && errorCode(octets) === 'edns.option',
  },
  {
    why: 'a payload size below 512 counts as 512 (RFC 6891 §6.2.3) and is no error',
    applies: ({ octets, theirs, riad }) =>
      theirs === rcode.formerr &&
      riad !== rcode.formerr &&
      smallPayloads.some((opt) => Buffer.from(octets).includes(opt)),
  },
  {
    why: 'a signature is looked at before what was signed (RFC 8945 §5.2): NOTAUTH, also where the question would be refused',
    applies: ({ riad }) => riad === rcode.notauth,
  },
  {
    why: 'the owner of OPT is the octet 0 (RFC 6891 §6.1.2), and not a pointer to one',
    applies: ({ octets, riad }) =>
      riad === rcode.formerr && Buffer.from(octets).includes(pointerBeforeOpt),
  },
  {
    why: 'only QUERY is spoken here: NOTIMP, whatever else is wrong (RFC 8906 §3.1.4)',
    applies: ({ octets, riad }) => riad === rcode.notimp && ((octets[2] ?? 0) & 0x78) !== 0,
  },
  {
    why: 'the version of EDNS is looked at before what may be wrong behind it: BADVERS (RFC 6891 §6.1.3)',
    applies: ({ theirs, riad }) => theirs === rcode.formerr && riad === rcode.badvers,
  },
  {
    why: 'octets behind the last record are no part of any message (RFC 1035 §4.1): FORMERR, as with Knot',
    applies: ({ octets, riad }) =>
      riad === rcode.formerr && errorCode(octets) === 'message.trailing',
  },
  {
    why: 'a cookie without a question asks for a cookie (RFC 7873 §5.4); the others have cookies switched off',
    applies: ({ octets, riad }) => riad === rcode.noerror && octets[4] === 0 && octets[5] === 0,
  },
];

export function excuseOf(disagreement: Disagreement): string | undefined {
  const known = { ...disagreement, ...askedOf(disagreement.octets) };
  return excuses.find(({ applies }) => applies(known))?.why;
}

/** Whether the counts speak of more than a question and OPT. */
function hasOtherRecords(octets: Uint8Array): boolean {
  if (octets.length < 12) return false;
  const view = new DataView(octets.buffer, octets.byteOffset);
  return view.getUint16(6) > 0 || view.getUint16(8) > 0 || view.getUint16(10) > 1;
}

function errorCode(octets: Uint8Array): string {
  const decoded = decodeMessage(octets);
  return decoded.ok ? '' : decoded.error.code;
}

type Asked = { readonly type: number; readonly recordClass: number };

/** Type and class of the first question, as far as it can be read. */
function askedOf(octets: Uint8Array): Asked | undefined {
  let at = 12;
  while (at < octets.length && octets[at] !== 0) {
    if (octets[at]! > 63) return undefined;
    at += octets[at]! + 1;
  }
  if (at + 5 > octets.length) return undefined;
  const view = new DataView(octets.buffer, octets.byteOffset);
  return { type: view.getUint16(at + 1), recordClass: view.getUint16(at + 3) };
}
