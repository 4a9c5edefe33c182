/** HMAC for tests, from node:crypto; `net` has the one that serves. */
import { createHmac } from 'node:crypto';
import type { Hmac } from '../tsig/hmac.ts';

export const nodeHmac: Hmac = (algorithm, secret, parts) => {
  const hmac = createHmac(algorithm.slice('hmac-'.length), secret);
  for (const part of parts) hmac.update(part);
  return new Uint8Array(hmac.digest());
};
