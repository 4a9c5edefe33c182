/**
 * Passwords as other servers have kept them, for users who move in: verified once, at the first login, and kept as
 * argon2id from then on. The forms are those of htpasswd and crypt(3), bcrypt, and `$robur$SALT$HASH`: SHA-256 over
 * salt, dash and password, in base64, as Robur’s CalDAV server keeps it.
 *
 * Some take a second on purpose, and none has a native implementation here: they are computed in a thread.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import { parseUnixCrypt } from './unix-crypt.ts';

/** SHA-crypt, some 3 s of a thread; passlib makes hashes of 656,000 rounds. */
export const maxCryptRounds = 1_000_000;
/** bcrypt, some 3 s of a thread; what is common is 5 to 12. */
export const maxBcryptCost = 14;

const robur = /^\$robur\$([^$\s]{0,200})\$([A-Za-z0-9+/]{43}=)$/;
const bcrypt = /^\$2[aby]\$(\d\d)\$[./0-9A-Za-z]{53}$/;

/** Why a hash cannot be taken over; undefined: it can. */
export function oldHashRefusal(hash: string): string | undefined {
  if (robur.test(hash)) return undefined;
  const cost = bcrypt.exec(hash)?.[1];
  if (cost !== undefined)
    return Number(cost) >= 4 && Number(cost) <= maxBcryptCost
      ? undefined
      : `bcrypt with a cost that is not 4 to ${maxBcryptCost}`;
  const crypt = parseUnixCrypt(hash);
  if (crypt === undefined) return 'a hash of an unknown form';
  return crypt.rounds <= maxCryptRounds ? undefined : `more than ${maxCryptRounds} rounds`;
}

export function isOldHash(hash: string): boolean {
  return !hash.startsWith('$argon2id$') && oldHashRefusal(hash) === undefined;
}

export async function verifyOldHash(password: string, hash: string): Promise<boolean> {
  const match = robur.exec(hash);
  if (match === null) return inThread(password, hash);
  const [, salt, expected] = match;
  const computed = createHash('sha256').update(`${salt}-${password}`, 'utf8').digest();
  return timingSafeEqual(computed, Buffer.from(expected!, 'base64'));
}

export type OldHashQuestion = { readonly password: string; readonly hash: string };

async function inThread(password: string, hash: string): Promise<boolean> {
  const question: OldHashQuestion = { password, hash };
  const worker = new Worker(new URL('./old-hash-worker.ts', import.meta.url), {
    workerData: question,
  });
  return new Promise((resolve, reject) => {
    worker.once('message', (right: boolean) => resolve(right));
    worker.once('error', reject);
    worker.once('exit', () => reject(new Error('the thread that checks a password has ended')));
  });
}
