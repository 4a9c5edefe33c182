/**
 * HMAC (RFC 2104) over several parts: by node:crypto, or for who computes thousands a second through
 * OpenSSL's EVP with one context that is used again.
 */
import { createHmac } from 'node:crypto';
import { ffiMissing, libc } from '../ffi/libc.ts';

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
  const { koffi } = libc();
  const self = koffi.load(null); // OpenSSL is part of Node's own program
  const fetch = self.func('void *EVP_MD_fetch(void *, const char *, const char *)');
  const newContext = self.func('void *EVP_MD_CTX_new()');
  const init = self.func('int EVP_DigestInit_ex2(uintptr_t, uintptr_t, void *)') as (
    context: number,
    digest: number,
    none: null,
  ) => number;
  const update = self.func('int EVP_DigestUpdate(uintptr_t, uintptr_t, size_t)') as (
    context: number,
    data: number,
    size: number,
  ) => number;
  const final = self.func('int EVP_DigestFinal_ex(uintptr_t, uintptr_t, void *)') as (
    context: number,
    out: number,
    none: null,
  ) => number;
  const context = Number(koffi.address(newContext()));
  const digests = new Map<HmacAlgorithm, number>();
  const buffer = new Uint8Array(maxInputOctets);
  const address = Number(koffi.address(buffer));
  const digest = (algorithm: HmacAlgorithm): number => {
    let found = digests.get(algorithm);
    if (found === undefined) {
      found = Number(koffi.address(fetch(null, hashOf[algorithm].name, null)));
      digests.set(algorithm, found);
    }
    return found;
  };
  const hash = (method: number, size: number, out: number): void => {
    if (
      init(context, method, null) !== 1 ||
      update(context, address, size) !== 1 ||
      final(context, address + out, null) !== 1
    )
      throw new Error('OpenSSL does not hash');
  };
  return (algorithm, secret, parts) => {
    const { blockOctets, octets } = hashOf[algorithm];
    let size = blockOctets;
    for (const part of parts) size += part.length;
    // RFC 2104 §2: a longer key is hashed first.
    if (size > maxInputOctets || secret.length > blockOctets) return hmac(algorithm, secret, parts);
    const method = digest(algorithm);
    pad(buffer, secret, blockOctets, innerPad);
    let at = blockOctets;
    for (const part of parts) {
      buffer.set(part, at);
      at += part.length;
    }
    hash(method, size, blockOctets);
    pad(buffer, secret, blockOctets, outerPad);
    hash(method, blockOctets + octets, 0);
    return buffer.slice(0, octets);
  };
}

function pad(buffer: Uint8Array, secret: Uint8Array, blockOctets: number, octet: number): void {
  for (let i = 0; i < blockOctets; i++) buffer[i] = (secret[i] ?? 0) ^ octet;
}
