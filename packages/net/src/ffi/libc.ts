/**
 * The C library, loaded when first asked for: koffi costs some 13 ms, and a machine without it, or
 * other than Linux, still runs everything that has a portable way.
 */
import { createRequire } from 'node:module';

type Koffi = typeof import('koffi');
export type Libc = {
  readonly koffi: Koffi;
  /** Declares a function: `libc.func('int close(int fd)')`. */
  readonly func: (prototype: string) => (...args: unknown[]) => unknown;
};

let loaded: Libc | undefined;
let failure: string | undefined;

/** Why there is no C library to call, for people; `undefined` when there is. */
export function ffiMissing(): string | undefined {
  if (loaded || failure) return failure;
  if (process.platform !== 'linux')
    failure = `native calls are for Linux, this is ${process.platform}`;
  else if (process.env['RIAD_FFI'] === 'off') failure = 'RIAD_FFI=off';
  else {
    try {
      const koffi = createRequire(import.meta.url)('koffi') as Koffi;
      const library = koffi.load('libc.so.6');
      loaded = { koffi, func: (prototype) => library.func(prototype) };
    } catch (error) {
      failure = `koffi does not load: ${error instanceof Error ? error.message : String(error)}`;
    }
  }
  return failure;
}

/** The caller has asked `ffiMissing` first. */
export function libc(): Libc {
  const missing = ffiMissing();
  if (loaded === undefined) throw new Error(missing);
  return loaded;
}

/** A system call that failed: `bind: EADDRINUSE`. `code` is what Node's own errors would carry. */
export class SystemCallError extends Error {
  override readonly name = 'SystemCallError';
  readonly code: string;
  readonly call: string;

  constructor(call: string, code: string, about = '') {
    super(`${call}${about && ` ${about}`}: ${code}`);
    this.call = call;
    this.code = code;
  }
}

/** Right after the call: anything in between may change errno. */
export function systemCallError(call: string, about = ''): SystemCallError {
  const { koffi } = libc();
  const number = koffi.errno();
  const names = Object.entries(koffi.os.errno);
  const code = names.find(([, value]) => value === number)?.[0] ?? `errno ${number}`;
  return new SystemCallError(call, code, about);
}
