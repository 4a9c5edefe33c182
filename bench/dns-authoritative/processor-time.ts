/** What a server's processes have used, as the kernel counts it. */
import { readdirSync, readFileSync } from 'node:fs';

export type ProcessorTime = {
  /** Time on a processor, exact, of all threads. */
  readonly nanoseconds: number;
  /** The same in samples of the timer tick, which alone tell user from system. */
  readonly userTicks: number;
  readonly systemTicks: number;
};

/** A process and all that it started. */
export function processesOf(pid: number): number[] {
  const parents = new Map<number, number>();
  for (const entry of readdirSync('/proc')) {
    const fields = /^\d+$/.test(entry) ? statOf(Number(entry)) : undefined;
    if (fields !== undefined) parents.set(Number(entry), Number(fields[1]));
  }
  const found = [pid];
  for (let i = 0; i < found.length; i++)
    for (const [child, parent] of parents) if (parent === found[i]) found.push(child);
  return found;
}

export function processorTime(pids: readonly number[]): ProcessorTime {
  let nanoseconds = 0;
  let userTicks = 0;
  let systemTicks = 0;
  for (const pid of pids) {
    const fields = statOf(pid);
    if (fields === undefined) throw new Error(`process ${pid} has ended`);
    userTicks += Number(fields[11]);
    systemTicks += Number(fields[12]);
    for (const thread of readdirSync(`/proc/${pid}/task`)) {
      const [onProcessor = '0'] = readFileSync(
        `/proc/${pid}/task/${thread}/schedstat`,
        'utf8',
      ).split(' ');
      nanoseconds += Number(onProcessor);
    }
  }
  return { nanoseconds, userTicks, systemTicks };
}

/** Resident memory in MiB: of all processes, what they share counted once where the kernel tells. */
export function residentMebibytes(pids: readonly number[]): { rss: number; pss: number } {
  let rss = 0;
  let pss = 0;
  for (const pid of pids) {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    rss += Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
    const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
    pss += Number(/^Pss:\s+(\d+)/m.exec(rollup)?.[1] ?? 0) / 1024;
  }
  return { rss, pss };
}

/** The fields of /proc/PID/stat behind the name: [0] is the state, [1] the parent. */
function statOf(pid: number): string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined; // it ended in between
  }
}
