/**
 * `POST /hooks/git`: a forge says that somebody has pushed. Who knows the shared secret is believed: as
 * a signature over the body (GitHub, Gitea, Forgejo), or as it is (GitLab, or `Authorization: Bearer`).
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Hook } from '../service.ts';

const signatureHeaders = ['x-hub-signature-256', 'x-gitea-signature', 'x-forgejo-signature'];

/** `secretFile`: read at each call, so that it can be replaced. */
export function gitHook(secretFile: string, pushed: () => void): Hook {
  return async (request) => {
    const secret = readFileSync(secretFile, 'utf8').trim();
    if (secret === '') return false;
    const token =
      request.header('x-gitlab-token') ??
      request.header('authorization')?.replace(/^Bearer\s+/i, '');
    const signature = signatureHeaders.map((name) => request.header(name)).find(Boolean);
    let known = token !== undefined && same(Buffer.from(token), Buffer.from(secret));
    if (!known && signature !== undefined) {
      const body = await request.body();
      if (body === undefined) return false;
      const expected = createHmac('sha256', secret).update(body).digest();
      known = same(Buffer.from(signature.replace(/^sha256=/, ''), 'hex'), expected);
    }
    if (known) pushed();
    return known;
  };
}

/** In a time that does not tell where they differ. */
function same(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
