/**
 * HMAC (RFC 2104) over several parts: by node:crypto, or for who computes thousands a second through
 * OpenSSL's EVP with one context that is used again.
 */
import { createHmac } from 'node:crypto';
import { ffiMissing } from '../ffi/libc.ts';
import { evpDigest } from './evp-digest.ts';

export type HmacAlgorithm =
  | 'hmac-sha1'
  | 'hmac-sha224'
  | 'hmac-sha256'
  | 'hmac-sha384'
  | 'hmac-sha512';

export type Hmac = (
  algorithm: HmacAlgorithm,
  secret: Uint8Array,
  parts: readonly Uint8Array[],
) => Uint8Array;

type Hash = { readonly name: string; readonly blockOctets: number; readonly octets: number };

/** FIPS 180-4 §1: sizes of blocks and digests. */
const hashOf: Readonly<Record<HmacAlgorithm, Hash>> = {
  'hmac-sha1': { name: 'sha1', blockOctets: 64, octets: 20 },
  'hmac-sha224': { name: 'sha224', blockOctets: 64, octets: 28 },
  'hmac-sha256': { name: 'sha256', blockOctets: 64, octets: 32 },
  'hmac-sha384': { name: 'sha384', blockOctets: 128, octets: 48 },
  'hmac-sha512': { name: 'sha512', blockOctets: 128, octets: 64 },
};

/** The whole output, as octets of its own. */
export const hmac: Hmac = (algorithm, secret, parts) => {
  const computed = createHmac(hashOf[algorithm].name, secret);
  for (const part of parts) computed.update(part);
  return new Uint8Array(computed.digest());
};

/** A function for one thread: its buffers are its own. The same as `hmac`, at a third of the time. */
export function threadHmac(): Hmac {
  return ffiMissing() === undefined ? nativeHmac() : hmac;
}

/** Longer ones are rare, and the time goes into hashing them. */
const maxInputOctets = 4096;
const innerPad = 0x36;
const outerPad = 0x5c;

function nativeHmac(): Hmac {
  const evp = evpDigest();
  const methods = new Map<HmacAlgorithm, number>();
  const buffer = new Uint8Array(maxInputOctets);
  const address = evp.addressOf(buffer);
  const methodOf = (algorithm: HmacAlgorithm): number => {
    let found = methods.get(algorithm);
    if (found === undefined) {
      found = evp.method(hashOf[algorithm].name);
      methods.set(algorithm, found);
    }
    return found;
  };
  return (algorithm, secret, parts) => {
    const { blockOctets, octets } = hashOf[algorithm];
    let size = blockOctets;
    for (const part of parts) size += part.length;
    // RFC 2104 §2: a longer key is hashed first.
    if (size > maxInputOctets || secret.length > blockOctets) return hmac(algorithm, secret, parts);
    const method = methodOf(algorithm);
    pad(buffer, secret, blockOctets, innerPad);
    let at = blockOctets;
    for (const part of parts) {
      buffer.set(part, at);
      at += part.length;
    }
    evp.digest(method, address, size, address + blockOctets);
    pad(buffer, secret, blockOctets, outerPad);
    evp.digest(method, address, blockOctets + octets, address);
    return buffer.slice(0, octets);
  };
}

function pad(buffer: Uint8Array, secret: Uint8Array, blockOctets: number, octet: number): void {
  for (let i = 0; i < blockOctets; i++) buffer[i] = (secret[i] ?? 0) ^ octet;
}
