/**
 * Digests of OpenSSL's EVP over memory at fixed addresses, with one context that is used again, so that no call
 * allocates. The caller has asked `ffiMissing` first.
 */
import { libc } from '../ffi/libc.ts';

/** Digests `size` octets at `data` into `out`; addresses of this process. One for each thread. */
export type EvpDigest = {
  /** What OpenSSL calls a digest: `SHA1`, `sha256`. */
  method(name: string): number;
  /** Throws when OpenSSL does not. */
  digest(method: number, data: number, size: number, out: number): void;
  addressOf(octets: Uint8Array): number;
};

export function evpDigest(): EvpDigest {
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
  return {
    method: (name) => Number(koffi.address(fetch(null, name, null))),
    addressOf: (octets) => Number(koffi.address(octets)),
    digest(method, data, size, out) {
      if (
        init(context, method, null) !== 1 ||
        update(context, data, size) !== 1 ||
        final(context, out, null) !== 1
      )
        throw new Error('OpenSSL does not compute a digest');
    },
  };
}
