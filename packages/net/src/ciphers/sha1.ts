/**
 * SHA-1 over octets in place, through OpenSSL's EVP with a context that is used again, so that no call
 * allocates; through node:crypto where there are no native calls. SHA-1 is here for NSEC3 alone
 * (RFC 5155 §11), where it hides nothing that matters.
 */
import { hash } from 'node:crypto';
import { ffiMissing, libc } from '../ffi/libc.ts';

export type Sha1 = (
  data: Uint8Array,
  start: number,
  end: number,
  out: Uint8Array,
  outAt: number,
) => void;

const digestOctets = 20;
const inputOctets = 1024;

/** A function for one thread: its buffers are its own. */
export function sha1(): Sha1 {
  return ffiMissing() === undefined ? nativeSha1() : portableSha1;
}

const portableSha1: Sha1 = (data, start, end, out, outAt) => {
  out.set(hash('sha1', data.subarray(start, end), 'buffer'), outAt);
};

function nativeSha1(): Sha1 {
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
  const digest = Number(koffi.address(fetch(null, 'SHA1', null)));
  const buffer = new Uint8Array(inputOctets + digestOctets);
  const input = Number(koffi.address(buffer));
  const output = input + inputOctets;
  return (data, start, end, out, outAt) => {
    const size = end - start;
    if (size > inputOctets) {
      portableSha1(data, start, end, out, outAt);
      return;
    }
    for (let i = 0; i < size; i++) buffer[i] = data[start + i]!;
    if (
      init(context, digest, null) !== 1 ||
      update(context, input, size) !== 1 ||
      final(context, output, null) !== 1
    ) {
      throw new Error('OpenSSL does not compute SHA-1');
    }
    for (let i = 0; i < digestOctets; i++) out[outAt + i] = buffer[inputOctets + i]!;
  };
}
