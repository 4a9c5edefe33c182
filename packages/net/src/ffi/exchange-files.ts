/** Puts two files into each other's place in one step (renameat2(2)), so that what was there is never lost unseen. */
import { ffiMissing, libc, systemCallError } from './libc.ts';

const AT_FDCWD = -100;
const RENAME_EXCHANGE = 2;

/** False where the system or the file system cannot; then nothing has happened. */
export function exchangeFiles(a: string, b: string): boolean {
  if (ffiMissing() !== undefined) return false;
  const renameat2 = libc().func(
    'int renameat2(int, const char *, int, const char *, unsigned int)',
  );
  if (renameat2(AT_FDCWD, a, AT_FDCWD, b, RENAME_EXCHANGE) === 0) return true;
  const error = systemCallError('renameat2', `${a} ${b}`);
  if (error.code === 'EINVAL' || error.code === 'ENOSYS') return false;
  throw error;
}
