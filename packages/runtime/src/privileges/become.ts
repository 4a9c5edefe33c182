/** Gives up what a service must not have, then becomes it. */
import { restrictFiles } from '@riad/net/ffi/landlock';
import { execute, setNoNewPrivileges } from '@riad/net/ffi/process';
import type { Confinement } from './confinement.ts';

export type NextProgram = Confinement & {
  /** Arguments for Node. */
  readonly program: readonly string[];
  /** Descriptors to hand on. */
  readonly descriptors: readonly number[];
};

/**
 * Landlock and no_new_privs bind the calling thread and what it becomes: Node's other threads keep
 * their rights for the moment that they still live. Never returns.
 */
export function become(
  { account, files, program, descriptors }: NextProgram,
  environment: Readonly<Record<string, string>>,
): never {
  if (account !== undefined) {
    process.setgroups?.([account.gid]);
    process.setgid?.(account.gid);
    process.setuid?.(account.uid);
  }
  setNoNewPrivileges();
  if (files !== undefined) restrictFiles(files);
  execute(process.execPath, [process.execPath, ...program], environment, descriptors);
}
