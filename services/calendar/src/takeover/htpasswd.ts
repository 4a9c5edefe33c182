/** Users of an htpasswd file, with passwords that can be verified here. */
import { oldHashRefusal } from '@riad/runtime/accounts/old-hash';
import { hashPassword } from '@riad/runtime/accounts/password-hash';

/** As Radicale’s `htpasswd_encryption` names them; `autodetect` takes nothing for plain text. */
export const htpasswdEncryptions = [
  'autodetect',
  'plain',
  'md5',
  'bcrypt',
  'sha256',
  'sha512',
] as const;
export type HtpasswdEncryption = (typeof htpasswdEncryptions)[number];

export type HtpasswdUser = {
  readonly there: string;
  readonly passwordHash: string | undefined;
  /** Why there is none. */
  readonly refusal: string | undefined;
};

export async function readHtpasswd(
  text: string,
  encryption: HtpasswdEncryption,
): Promise<HtpasswdUser[]> {
  const users = new Map<string, HtpasswdUser>();
  for (const line of text.split(/\r?\n/)) {
    if (line.trim() === '' || line.trimStart().startsWith('#')) continue;
    const colon = line.indexOf(':');
    const there = colon < 0 ? line : line.slice(0, colon);
    const kept = colon < 0 ? '' : line.slice(colon + 1);
    if (there === '' || users.has(there)) continue; // the first line counts
    users.set(there, await userOf(there, kept, encryption));
  }
  return [...users.values()];
}

async function userOf(
  there: string,
  kept: string,
  encryption: HtpasswdEncryption,
): Promise<HtpasswdUser> {
  if (encryption === 'plain') {
    // It is known, so that nothing weaker need be kept.
    return { there, passwordHash: await hashPassword(kept), refusal: undefined };
  }
  const hash = kept.trim();
  const refusal = hash === '' ? 'no password' : oldHashRefusal(hash);
  return refusal === undefined
    ? { there, passwordHash: hash, refusal }
    : { there, passwordHash: undefined, refusal };
}
