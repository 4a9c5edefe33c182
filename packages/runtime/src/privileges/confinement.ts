/** What a service's process may touch, and whose name it runs under. */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { landlockAbi } from '@riad/net/ffi/landlock';
import { ffiMissing } from '@riad/net/ffi/libc';

/** Tells the launcher what to give up and what to become. */
export const confinementVariable = 'RIAD_CONFINEMENT';

export type Account = {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
};

export type Confinement = {
  /** Whom to become; only when started as root. */
  readonly account: Account | undefined;
  /** `undefined`: the files are not limited, see `confinementMissing`. */
  readonly files:
    | { readonly read: readonly string[]; readonly write: readonly string[] }
    | undefined;
};

/** Why services cannot be confined to their files here, for people; `undefined` when they can. */
export function confinementMissing(): string | undefined {
  const missing = ffiMissing();
  if (missing !== undefined) return missing;
  return landlockAbi() === 0
    ? 'the kernel has no Landlock (Linux 5.13 or later, lsm=landlock)'
    : undefined;
}

/** Programs and libraries, name service and certificates, what Node looks at; read only. */
const systemPaths = ['/bin', '/lib', '/lib64', '/sbin', '/usr', '/etc', '/proc', '/sys', '/dev'];
const writablePaths = ['/dev/null'];

/** Our own sources, wherever they stand. */
const house = resolve(import.meta.dirname, '..', '..', '..', '..');

/**
 * Node's compile cache of what runs with rights: services cannot write there, or they could choose
 * what the launcher does. A service has its own, in its state.
 */
export const houseCompileCache: string = resolve(house, 'node_modules', '.cache', 'riad');

export function confinement(
  user: string | undefined,
  read: readonly string[],
  write: readonly string[],
): Confinement {
  const account = user === undefined || process.getuid?.() !== 0 ? undefined : findAccount(user);
  if (confinementMissing() !== undefined) return { account, files: undefined };
  const node = dirname(dirname(process.execPath));
  const sources = ['apps', 'packages', 'services', 'node_modules', 'package.json'];
  return {
    account,
    files: {
      read: [...systemPaths, node, ...sources.map((name) => resolve(house, name)), ...read],
      write: [...writablePaths, ...write],
    },
  };
}

/** From /etc/passwd; services are the machine's own users. */
export function findAccount(name: string): Account {
  for (const line of readFileSync('/etc/passwd', 'utf8').split('\n')) {
    const [entry, , uid, gid] = line.split(':');
    if (entry === name) return { name, uid: Number(uid), gid: Number(gid) };
  }
  throw new RangeError(`user: there is no "${name}" in /etc/passwd`);
}
