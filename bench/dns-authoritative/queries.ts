/**
 * Queries with what must come back, in the load generator's format: length of the message (16 bits),
 * expected RCODE, expected number of answers or 255 for any, the message.
 */
import { parseName } from '@riad/dns/name';
import { joinOctets } from '@riad/octets/join';
import { mixedCounts, mixedZone, plainZone } from './zones.ts';

const typeA = 1;
const typeMx = 15;
const typeTxt = 16;
const typeAaaa = 28;
const typeSrv = 33;

const rcodeNxdomain = 3;

/** Numbers that are the same in every run (mulberry32). */
export function randomNumbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

type Edns = { readonly dnssecOk: boolean; readonly cookie: Uint8Array | undefined };

function query(
  name: string,
  type: number,
  rcode: number,
  answers: number,
  edns: Edns | undefined,
): Uint8Array {
  const additional = edns === undefined ? [] : optRecord(edns);
  const header = [0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, edns === undefined ? 0 : 1];
  const message = [...header, ...parseName(name), type >>> 8, type & 255, 0, 1, ...additional];
  return Uint8Array.from([message.length >>> 8, message.length & 255, rcode, answers, ...message]);
}

/** RFC 6891 §6.1.2, payload of 1232 octets as resolvers send it. */
function optRecord({ dnssecOk, cookie }: Edns): number[] {
  const options = cookie === undefined ? [] : [0, 10, 0, cookie.length, ...cookie];
  return [0, 0, 41, 4, 208, 0, 0, dnssecOk ? 0x80 : 0, 0, 0, options.length, ...options];
}

/** Addresses of hosts that exist. */
export function plainQueries(count: number, names: number): Uint8Array {
  const random = randomNumbers(1);
  return joinOctets(
    Array.from({ length: count }, () =>
      query(`host${random(names)}.${plainZone}.`, typeA, 0, 1, undefined),
    ),
  );
}

/** 60 % what exists, 15 % names that do not, 10 % referrals, 10 % wildcards, 5 % types that do not. */
export function mixedQueries(count: number): Uint8Array {
  const random = randomNumbers(2);
  return joinOctets(Array.from({ length: count }, () => mixedQuery(random)));
}

function mixedQuery(random: (below: number) => number): Uint8Array {
  const cookie = random(100) < 20 ? Uint8Array.from({ length: 8 }, () => random(256)) : undefined;
  const dnssecOk = random(100) < 40;
  const edns = dnssecOk || cookie || random(100) < 42 ? { dnssecOk, cookie } : undefined;
  const signatures = dnssecOk ? 1 : 0;
  const host = random(mixedCounts.hosts);
  const kind = random(100);
  const ask = (name: string, type: number, rcode: number, answers: number): Uint8Array =>
    query(`${name}.${mixedZone}.`, type, rcode, answers, edns);
  if (kind < 30) return ask(`host${host}`, typeA, 0, 1 + signatures);
  if (kind < 45) return ask(`host${host}`, typeAaaa, 0, 1 + signatures);
  if (kind < 50) return ask(`host${host - (host % 4)}`, typeMx, 0, 1 + signatures);
  if (kind < 54) return ask(`host${host - (host % 5)}`, typeTxt, 0, 1 + signatures);
  if (kind < 57) return ask(`a.b.deep${random(mixedCounts.deep)}`, typeA, 0, 1 + signatures);
  if (kind < 60) return ask(`alias${random(mixedCounts.aliases)}`, typeA, 0, 2 + 2 * signatures);
  if (kind < 75) return ask(`none${random(1_000_000)}`, typeA, rcodeNxdomain, 0);
  if (kind < 85) return ask(`www.cut${random(mixedCounts.cuts)}`, typeA, 0, 0);
  if (kind < 95)
    return ask(
      `x${random(1_000_000)}.wild${random(mixedCounts.wildcards)}`,
      typeA,
      0,
      1 + signatures,
    );
  return ask(`host${host}`, typeSrv, 0, 0);
}
