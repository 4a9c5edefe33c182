/** From the start of the service's process to its first right answer, and what was said before that. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { week } from './events.ts';

export type ColdStart = {
  /** Until a week was answered, all of it. */
  readonly rightMs: number;
  /** Of which on a processor: what is left on a machine that is busy with other things. */
  readonly processorMs: number;
  /** Requests that were told to come back, with how soon. */
  readonly notReady: number;
  /** The most memory it has had, in octets. */
  readonly memoryOctets: number;
};

export type Started = {
  readonly command: readonly string[];
  readonly port: number;
  readonly path: string;
  readonly authorization: string;
  readonly core: number;
};

const patienceMs = 120_000;
const askEveryMs = 5;
const query = `<C:calendar-query xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:prop><D:getetag/></D:prop><C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT"><C:time-range start="${week.start}" end="${week.end}"/></C:comp-filter></C:comp-filter></C:filter></C:calendar-query>`;

/** Throws at an answer that is neither right nor a 503 with Retry-After. */
export async function coldStart(
  { command, port, path, authorization, core }: Started,
  expected: number,
): Promise<ColdStart> {
  const begun = performance.now();
  const child = spawn('taskset', ['-c', String(core), ...command], { stdio: 'ignore' });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  let notReady = 0;
  try {
    for (;;) {
      const response = await fetch(`http://127.0.0.1:${port}${path}`, {
        method: 'REPORT',
        headers: { authorization, depth: '1', 'content-type': 'application/xml' },
        body: query,
      }).catch(() => undefined); // it does not listen yet
      const text = await response?.text();
      const rightMs = performance.now() - begun;
      if (response?.status === 207) {
        const results = text!.split(/<(?:\w+:)?response[ >]/).length - 1;
        if (results !== expected)
          throw new Error(`a partial answer: ${results} of ${expected} after ${rightMs} ms`);
        return {
          rightMs,
          processorMs: processorMs(child.pid!),
          notReady,
          memoryOctets: mostMemory(child.pid!),
        };
      }
      if (response?.status === 503 && response.headers.has('retry-after')) notReady++;
      else if (response !== undefined) throw new Error(`${response.status}: ${text}`);
      if (rightMs > patienceMs) throw new Error('it does not answer');
      await sleep(askEveryMs);
    }
  } finally {
    child.kill('SIGTERM');
    await exited;
  }
}

function mostMemory(pid: number): number {
  const [, kibioctets] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kibioctets) * 1024;
}

/** Of all its threads, from its start. */
function processorMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) * tickMs;
}

/** USER_HZ, the same on every Linux. */
const tickMs = 10;
