/** Gives up what a service must not have, then becomes it. */

import { flushCompileCache } from 'node:module';
import { restrictFiles } from '@riad/net/ffi/landlock';
import { execute, setNoNewPrivileges } from '@riad/net/ffi/process';
import type { Confinement } from './confinement.ts';

export type NextProgram = Confinement & {
  /** Arguments for Node. */
  readonly program: readonly string[];
  /** Descriptors to hand on. */
  readonly descriptors: readonly number[];
  /** Folder for Node's compile cache, the next program's own. */
  readonly compileCache: string;
};

/**
 * Landlock and no_new_privs bind the calling thread and what it becomes: Node's other threads keep
 * their rights for the moment that they still live. Never returns.
 */
export function become(
  { account, files, program, descriptors, compileCache }: NextProgram,
  environment: Readonly<Record<string, string>>,
): never {
  flushCompileCache(); // what Node does when a process exits; this one will not
  if (account !== undefined) {
    process.setgroups?.([account.gid]);
    process.setgid?.(account.gid);
    process.setuid?.(account.uid);
  }
  setNoNewPrivileges();
  if (files !== undefined) restrictFiles(files);
  execute(
    process.execPath,
    [process.execPath, ...program],
    { ...environment, NODE_COMPILE_CACHE: compileCache },
    descriptors,
  );
}
