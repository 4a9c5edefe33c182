/** HMAC (RFC 2104) over several parts, by node:crypto. */
import { createHmac } from 'node:crypto';

export type HmacAlgorithm =
  | 'hmac-sha1'
  | 'hmac-sha224'
  | 'hmac-sha256'
  | 'hmac-sha384'
  | 'hmac-sha512';

const hashOf: Readonly<Record<HmacAlgorithm, string>> = {
  'hmac-sha1': 'sha1',
  'hmac-sha224': 'sha224',
  'hmac-sha256': 'sha256',
  'hmac-sha384': 'sha384',
  'hmac-sha512': 'sha512',
};

/** The whole output, as octets of its own. */
export function hmac(
  algorithm: HmacAlgorithm,
  secret: Uint8Array,
  parts: readonly Uint8Array[],
): Uint8Array {
  const computed = createHmac(hashOf[algorithm], secret);
  for (const part of parts) computed.update(part);
  return new Uint8Array(computed.digest());
}
