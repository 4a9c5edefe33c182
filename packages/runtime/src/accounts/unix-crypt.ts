/**
 * Password hashes of htpasswd and crypt(3): MD5 as Apache changed it (`$apr1$`), SHA-256 and SHA-512 (`$5$`, `$6$`;
 * Ulrich Drepper, “Unix crypt using SHA-256 and SHA-512”, 2008). Written here because the libraries at hand hash
 * passwords beyond ASCII, or of just 32 or 64 octets, otherwise than crypt does. Only to verify: nothing new is kept so.
 */
import { createHash } from 'node:crypto';

const digits = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** What crypt takes where a hash does not say. */
const defaultRounds = 5000;
const apacheRounds = 1000;

const apache = /^\$apr1\$([^$:]{1,8})\$([./0-9A-Za-z]{22})$/;
const sha =
  /^\$([56])\$(?:rounds=(\d{1,9})\$)?([^$:\n]{0,16})\$([./0-9A-Za-z]{43}|[./0-9A-Za-z]{86})$/;

export type UnixCrypt = {
  readonly rounds: number;
  /** What the hash of a password ends in. */
  readonly expected: string;
  compute(password: Uint8Array): string;
};

/** Undefined for a hash of another form. */
export function parseUnixCrypt(hash: string): UnixCrypt | undefined {
  const md5 = apache.exec(hash);
  if (md5 !== null) {
    const [, salt = '', expected = ''] = md5;
    return {
      rounds: apacheRounds,
      expected,
      compute: (password) => apacheMd5(password, Buffer.from(salt)),
    };
  }
  const match = sha.exec(hash);
  if (match === null) return undefined;
  const [, kind, said, salt = '', expected = ''] = match;
  const form = kind === '5' ? sha256 : sha512;
  if (expected.length !== form.characters) return undefined;
  const rounds = said === undefined ? defaultRounds : Math.max(1000, Number(said));
  return {
    rounds,
    expected,
    compute: (password) => shaCrypt(password, Buffer.from(salt), rounds, form),
  };
}

function apacheMd5(password: Uint8Array, salt: Uint8Array): string {
  const md5 = (parts: readonly Uint8Array[]): Uint8Array => digest('md5', parts);
  const mixed = md5([password, salt, password]);
  const first = [password, Buffer.from('$apr1$'), salt, repeated(mixed, password.length)];
  for (let bits = password.length; bits > 0; bits >>= 1)
    first.push((bits & 1) === 1 ? new Uint8Array(1) : password.subarray(0, 1));
  let state = md5(first);
  for (let round = 0; round < apacheRounds; round++)
    state = md5(roundParts(round, state, password, salt));
  return encode(state, [[0, 6, 12], [1, 7, 13], [2, 8, 14], [3, 9, 15], [4, 10, 5], [11]]);
}

type ShaForm = {
  readonly algorithm: 'sha256' | 'sha512';
  readonly octets: number;
  readonly characters: number;
  /** The order in which octets of the digest are written: three to four characters, the highest first. */
  readonly order: readonly (readonly number[])[];
};

const sha256: ShaForm = {
  algorithm: 'sha256',
  octets: 32,
  characters: 43,
  order: [...rows([0, 10, 20], 'back'), [31, 30]],
};
const sha512: ShaForm = {
  algorithm: 'sha512',
  octets: 64,
  characters: 86,
  order: [...rows([0, 21, 42], 'forth'), [63]],
};

/** Rows of three columns, each turned by one more: (0,10,20), (21,1,11), …, or (0,21,42), (22,43,1), … */
function rows(start: readonly [0, number, number], turned: 'back' | 'forth'): number[][] {
  return Array.from({ length: start[1] }, (_, row) => {
    const indices = start.map((index) => index + row);
    const turn = turned === 'back' ? (3 - (row % 3)) % 3 : row % 3;
    return [...indices.slice(turn), ...indices.slice(0, turn)];
  });
}

function shaCrypt(
  password: Uint8Array,
  salt: Uint8Array,
  rounds: number,
  { algorithm, order }: ShaForm,
): string {
  const hash = (parts: readonly Uint8Array[]): Uint8Array => digest(algorithm, parts);
  const mixed = hash([password, salt, password]);
  const first = [password, salt, repeated(mixed, password.length)];
  for (let bits = password.length; bits > 0; bits >>= 1)
    first.push((bits & 1) === 1 ? mixed : password);
  let state = hash(first);
  const passwords = hash(Array.from(password, () => password));
  const salts = hash(Array.from({ length: 16 + state[0]! }, () => salt));
  const p = repeated(passwords, password.length);
  const s = repeated(salts, salt.length);
  for (let round = 0; round < rounds; round++) state = hash(roundParts(round, state, p, s));
  return encode(state, order);
}

function roundParts(
  round: number,
  state: Uint8Array,
  password: Uint8Array,
  salt: Uint8Array,
): Uint8Array[] {
  const odd = round % 2 === 1;
  const parts = [odd ? password : state];
  if (round % 3 !== 0) parts.push(salt);
  if (round % 7 !== 0) parts.push(password);
  parts.push(odd ? state : password);
  return parts;
}

function digest(algorithm: string, parts: readonly Uint8Array[]): Uint8Array {
  const hash = createHash(algorithm);
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** A digest over and over, to a length. */
function repeated(octets: Uint8Array, length: number): Uint8Array {
  const result = new Uint8Array(length);
  for (let at = 0; at < length; at += octets.length)
    result.set(octets.subarray(0, Math.min(octets.length, length - at)), at);
  return result;
}

/** Base64 of crypt: the lowest six bits first. */
function encode(octets: Uint8Array, order: readonly (readonly number[])[]): string {
  let text = '';
  for (const indices of order) {
    let bits = 0;
    for (const index of indices) bits = (bits << 8) | octets[index]!;
    for (let count = indices.length + 1; count > 0; count--) {
      text += digits[bits & 63];
      bits >>= 6;
    }
  }
  return text;
}
