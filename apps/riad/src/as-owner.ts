/** Files that a command makes in the state of a service belong to whom the service runs as. */
import { existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { ffiMissing } from '@riad/net/ffi/libc';

/**
 * Root writes as the owner of the state folder, whose service then can read it, and whose links lead
 * root nowhere its owner could not go.
 */
export async function asOwnerOf<Result>(
  folder: string,
  body: () => Promise<Result>,
): Promise<Result> {
  let existing = folder;
  while (!existsSync(existing)) existing = dirname(existing);
  const { uid, gid } = statSync(existing);
  if (process.geteuid?.() !== 0 || uid === 0) return body();
  ffiMissing(); // loads the library while its files can surely be read
  process.setegid?.(gid);
  process.seteuid?.(uid);
  try {
    return await body();
  } finally {
    process.seteuid?.(0);
    process.setegid?.(0);
  }
}
