/**
 * SHA-1 over octets in place, through OpenSSL's EVP with a context that is used again, so that no call
 * allocates; through node:crypto where there are no native calls. SHA-1 is here for NSEC3 alone
 * (RFC 5155 §11), where it hides nothing that matters.
 */
import { hash } from 'node:crypto';
import { ffiMissing } from '../ffi/libc.ts';
import { evpDigest } from './evp-digest.ts';

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
  const evp = evpDigest();
  const method = evp.method('SHA1');
  const buffer = new Uint8Array(inputOctets + digestOctets);
  const input = evp.addressOf(buffer);
  const output = input + inputOctets;
  return (data, start, end, out, outAt) => {
    const size = end - start;
    if (size > inputOctets) {
      portableSha1(data, start, end, out, outAt);
      return;
    }
    for (let i = 0; i < size; i++) buffer[i] = data[start + i]!;
    evp.digest(method, input, size, output);
    for (let i = 0; i < digestOctets; i++) out[outAt + i] = buffer[inputOctets + i]!;
  };
}
