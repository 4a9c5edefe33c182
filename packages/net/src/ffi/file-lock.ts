/**
 * An exclusive lock on a file, for programs that change the same files one after the other. Where
 * there are native calls it is flock(2), which the system lets go of when its holder ends, however that
 * happens; elsewhere a file beside it, which a holder that was killed leaves behind.
 */
import { closeSync, openSync, rmSync } from 'node:fs';
import { ffiMissing, libc, systemCallError } from './libc.ts';

const LOCK_EX = 2;
const LOCK_NB = 4;

export type FileLock = Disposable;

/** Undefined while somebody else holds it. The file at `path` is made if need be, and stays. */
export function lockFile(path: string): FileLock | undefined {
  return ffiMissing() === undefined ? nativeLock(path) : portableLock(`${path}.held`);
}

function nativeLock(path: string): FileLock | undefined {
  const fd = openSync(path, 'a', 0o600);
  const flock = libc().func('int flock(int fd, int operation)');
  if (flock(fd, LOCK_EX | LOCK_NB) !== 0) {
    const error = systemCallError('flock', path);
    closeSync(fd);
    if (error.code === 'EWOULDBLOCK' || error.code === 'EAGAIN') return undefined;
    throw error;
  }
  return { [Symbol.dispose]: () => closeSync(fd) };
}

function portableLock(path: string): FileLock | undefined {
  try {
    closeSync(openSync(path, 'wx', 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return undefined;
    throw error;
  }
  return { [Symbol.dispose]: () => rmSync(path, { force: true }) };
}
