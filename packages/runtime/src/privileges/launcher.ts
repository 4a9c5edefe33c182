/**
 * Stands between the supervisor and a service: gives up what the service must not have, then
 * becomes it. Done here, on the one thread of a process that has nothing else, because Landlock
 * and no_new_privs bind a thread and what comes from it.
 */
import { restrictFiles } from '@riad/net/ffi/landlock';
import { execute, setNoNewPrivileges } from '@riad/net/ffi/process';
import type { Confinement } from './confinement.ts';

export const confinementVariable = 'RIAD_CONFINEMENT';

export type LauncherInput = Confinement & {
  readonly program: readonly string[];
  /** Descriptors to hand on. */
  readonly descriptors: readonly number[];
};

const { [confinementVariable]: text, ...environment } = process.env as Record<string, string>;
if (text !== undefined) {
  const { account, files, program, descriptors } = JSON.parse(text) as LauncherInput;
  if (account !== undefined) {
    process.setgroups?.([account.gid]);
    process.setgid?.(account.gid);
    process.setuid?.(account.uid);
  }
  setNoNewPrivileges();
  if (files !== undefined) restrictFiles(files);
  execute(process.execPath, [process.execPath, ...program], environment, descriptors);
}
