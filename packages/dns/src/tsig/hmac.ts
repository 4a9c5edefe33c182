/**
 * The HMAC algorithms of TSIG (RFC 8945 §6), each with its name on the wire, the octets it gives, and
 * its number in key files. MD5 is not among them: RFC 8945 §6 says it must not be used.
 * Not here: computing them. That is injected.
 */
import { canonicalName, type Name, nameKey, parseName } from '../name.ts';

export type HmacAlgorithm =
  | 'hmac-sha1'
  | 'hmac-sha224'
  | 'hmac-sha256'
  | 'hmac-sha384'
  | 'hmac-sha512';

/** HMAC (RFC 2104) over `parts` as if they were one string of octets; the whole output. */
export type Hmac = (
  algorithm: HmacAlgorithm,
  secret: Uint8Array,
  parts: readonly Uint8Array[],
) => Uint8Array;

export type HmacFacts = {
  /** As the algorithm field has it: wire form, lower case. */
  readonly name: Name;
  /** Of the whole output. */
  readonly octets: number;
  /** Its number in the algorithm field of DNSKEY in key files: private ones, from 161 on. */
  readonly keyNumber: number;
  /** In `name:ALG:base64`. */
  readonly argument: string;
};

export const hmacAlgorithms: Readonly<Record<HmacAlgorithm, HmacFacts>> = {
  'hmac-sha1': facts('hmac-sha1', 20, 161, 'SHA1'),
  'hmac-sha224': facts('hmac-sha224', 28, 162, 'SHA224'),
  'hmac-sha256': facts('hmac-sha256', 32, 163, 'SHA256'),
  'hmac-sha384': facts('hmac-sha384', 48, 164, 'SHA384'),
  'hmac-sha512': facts('hmac-sha512', 64, 165, 'SHA512'),
};

/** In key files; refused (RFC 8945 §6, RFC 6151). */
export const md5KeyNumber = 157;

function facts(name: string, octets: number, keyNumber: number, argument: string): HmacFacts {
  return { name: canonicalName(parseName(`${name}.`)), octets, keyNumber, argument };
}

const entries = Object.entries(hmacAlgorithms) as [HmacAlgorithm, HmacFacts][];
const byName = new Map(entries.map(([algorithm, { name }]) => [nameKey(name), algorithm]));
const byNumber = new Map(entries.map(([algorithm, { keyNumber }]) => [keyNumber, algorithm]));
const byArgument = new Map(entries.map(([algorithm, { argument }]) => [argument, algorithm]));

/** The algorithm that a name in any case stands for. */
export function hmacOfName(name: Name): HmacAlgorithm | undefined {
  return byName.get(nameKey(name));
}

export function hmacOfKeyNumber(keyNumber: number): HmacAlgorithm | undefined {
  return byNumber.get(keyNumber);
}

/** What stands in `name:ALG:base64`: `SHA256`, or the number `163`. */
export function hmacOfArgument(text: string): HmacAlgorithm | undefined {
  return byArgument.get(text) ?? (/^\d{3}$/.test(text) ? byNumber.get(Number(text)) : undefined);
}

/** RFC 8945 §5.2.2.1: a MAC shorter than this is FORMERR, whatever the policy says. */
export function leastMacOctets(algorithm: HmacAlgorithm): number {
  return Math.max(10, hmacAlgorithms[algorithm].octets / 2);
}
