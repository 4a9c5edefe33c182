/**
 * Passwords as argon2id strings in the PHC form, and a bound on how many are computed at a time: each takes
 * 19 MiB and tens of milliseconds of a processor, and anybody on the network can ask for one.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import type { HashJob } from './password-thread.ts';

/** OWASP's least for argon2id, 2024: 19 MiB, two passes, one lane. */
const memoryKibibytes = 19_456;
const passes = 2;
const lanes = 1;
const saltOctets = 16;
const tagOctets = 32;

export const minPasswordOctets = 8;
/** Longer ones are hashed no better, and would cost those who did not log in. */
export const maxPasswordOctets = 1024;
/** At a time; the rest of the processors remain for others. */
export const maxHashing = 2;
/** That wait; more are told to come again. */
export const maxHashesWaiting = 64;

/** Too many passwords are being checked: 503, and come again. */
export class HashingBusyError extends Error {
  override readonly name = 'HashingBusyError';
}

/** Threads of their own, for those of the pool have the priority of the one that answers requests. */
const idle: Worker[] = [];

async function compute(job: HashJob): Promise<Uint8Array> {
  const worker = idle.pop() ?? new Worker(new URL('./password-thread.ts', import.meta.url));
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
  worker.once('message', resolve).once('error', reject);
  // Without work it keeps no process from ending.
  worker.ref();
  worker.postMessage(job);
  const computed = await promise;
  worker.unref();
  worker.removeListener('error', reject);
  idle.push(worker);
  return computed;
}

let running = 0;
const waiting: (() => void)[] = [];

/** A few at a time, whatever form the hash has. */
export async function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
  if (running >= maxHashing) {
    if (waiting.length >= maxHashesWaiting)
      throw new HashingBusyError('too many passwords are being checked');
    // Whoever ends hands its place over.
    await new Promise<void>((resolve) => waiting.push(resolve));
  } else running++;
  try {
    return await work();
  } finally {
    const next = waiting.shift();
    if (next === undefined) running--;
    else next();
  }
}

type Parameters = { readonly memory: number; readonly passes: number; readonly lanes: number };

function digest(
  password: string,
  salt: Uint8Array,
  tag: number,
  { memory, passes: rounds, lanes: parallelism }: Parameters,
): Promise<Uint8Array> {
  return inTurn(() =>
    compute({
      message: Buffer.from(password, 'utf8'),
      nonce: salt,
      parallelism,
      tagLength: tag,
      memory,
      passes: rounds,
    }),
  );
}

/** `$argon2id$v=19$m=19456,t=2,p=1$SALT$HASH`. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(saltOctets);
  const parameters = { memory: memoryKibibytes, passes, lanes };
  const hash = await digest(password, salt, tagOctets, parameters);
  const encode = (octets: Uint8Array): string =>
    Buffer.from(octets).toString('base64').replace(/=+$/, '');
  return `$argon2id$v=19$m=${memoryKibibytes},t=${passes},p=${lanes}$${encode(salt)}$${encode(hash)}`;
}

const phc =
  /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{16,86})$/;

/** Of our own form. */
export function isPasswordHash(text: string): boolean {
  return phc.test(text);
}

/** Computed for names that nobody has, so that the time tells nothing. */
const nobody =
  '$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';

/** Undefined hash: false, after the same time. */
export async function verifyPassword(password: string, hash: string | undefined): Promise<boolean> {
  const match = phc.exec(hash ?? nobody);
  if (match === null) return false;
  const [, memory, rounds, parallelism, salt, expected] = match;
  const wanted = Buffer.from(expected!, 'base64');
  const computed = await digest(password, Buffer.from(salt!, 'base64'), wanted.length, {
    memory: Number(memory),
    passes: Number(rounds),
    lanes: Number(parallelism),
  });
  return timingSafeEqual(computed, wanted) && hash !== undefined;
}

/** Why a password is not taken, if it is not. */
export function passwordRefusal(password: string): string | undefined {
  const octets = Buffer.byteLength(password, 'utf8');
  if (octets < minPasswordOctets) return `a password has at least ${minPasswordOctets} octets`;
  if (octets > maxPasswordOctets) return `a password has at most ${maxPasswordOctets} octets`;
  return undefined;
}
