/** What a process gives up for good, and how it becomes another program. */
import { release } from 'node:os';
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

const SCHED_OTHER = 0;
const schedAttrOctets = 48; // struct sched_attr of Linux 3.14
const schedSetattr = process.arch === 'arm64' ? 274 : 314;
/** From this version on, a thread may ask for turns of another length (sched(7)). */
const turnsSince = [6, 12];

/** Whether `takeShortTurns` means something here. */
export function hasShortTurns(): boolean {
  const [major = 0, minor = 0] = release().split('.').map(Number);
  const [wantedMajor, wantedMinor] = turnsSince as [number, number];
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}

/**
 * Asks that the calling thread, when it wakes, need not wait until others have had long turns; its own
 * become as short. It gets no more of the processor than before, and nobody else less. False where
 * the system does not know that.
 */
export function takeShortTurns(microseconds: number): boolean {
  if (!hasShortTurns()) return false;
  const syscall = libc().func('long syscall(long number, int thread, void *attributes, int flags)');
  const attributes = new Uint8Array(schedAttrOctets);
  const view = new DataView(attributes.buffer);
  view.setUint32(0, schedAttrOctets, true);
  view.setUint32(4, SCHED_OTHER, true);
  view.setBigUint64(24, BigInt(microseconds * 1000), true); // sched_runtime: the length of a turn
  return Number(syscall(schedSetattr, 0, attributes, 0)) === 0;
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
