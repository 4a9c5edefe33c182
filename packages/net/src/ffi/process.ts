/** What a process gives up for good, and how it becomes another program. */
import { libc, systemCallError } from './libc.ts';

const PR_SET_NO_NEW_PRIVS = 38;
const PRIO_PROCESS = 0;
const F_GETFD = 1;
const F_SETFD = 2;
const FD_CLOEXEC = 1;

/** No program started from here gains rights, set-user-ID ones included (prctl(2)). */
export function setNoNewPrivileges(): void {
  const prctl = libc().func(
    'int prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d)',
  );
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) !== 0) throw systemCallError('prctl');
}

/**
 * Makes the calling thread, and no other, give way to the rest (setpriority(2): on Linux 0 is the
 * calling thread). `niceness`: 1 to 19. False where it is not allowed.
 */
export function giveWay(niceness: number): boolean {
  const setpriority = libc().func('int setpriority(int which, uint32_t who, int niceness)');
  return setpriority(PRIO_PROCESS, 0, niceness) === 0;
}

/**
 * Replaces this process by `file`: the same process id and descriptors, none of our threads or
 * memory. `args` starts with the program's own name. Standard input, output and error are kept, and
 * of the others those in `descriptors`: Node closes all it finds at its start. Never returns.
 */
export function execute(
  file: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  descriptors: readonly number[] = [],
): never {
  for (const fd of [0, 1, 2, ...descriptors]) keepAcrossExec(fd);
  const execve = libc().func('int execve(const char *file, const char **args, const char **env)');
  const variables = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  execve(file, [...args, null], [...variables, null]);
  throw systemCallError('execve', file);
}

function keepAcrossExec(fd: number): void {
  const fcntl = libc().func('int fcntl(int fd, int command, int value)');
  const flags = fcntl(fd, F_GETFD, 0) as number;
  if (flags < 0) throw systemCallError('fcntl', `descriptor ${fd}`);
  if (fcntl(fd, F_SETFD, flags & ~FD_CLOEXEC) !== 0) throw systemCallError('fcntl');
}
