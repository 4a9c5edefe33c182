/** Proves that a warm worker answers without collecting garbage and without giving up compiled code. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { freePort } from '@riad/net/testing/free-port';
import { generate } from './loads.ts';
import { type Bar, bar } from './report.ts';
import { firstAnswer, type Zone } from './servers.ts';
import type { SteadyOrder } from './steady-server.ts';
import { marks } from './steady-worker.ts';

const warmUp = 500_000;
/** Seconds of load at a time, until the worker has had enough. */
const pieceSeconds = 10;
const mostPieces = 60;

export async function measureSteadyState(
  zone: Zone,
  queries: string,
  count: number,
  cores: { readonly server: number; readonly generator: number },
): Promise<{
  figures: { queries: number; collections: number; deoptimisations: string[] };
  bars: Bar[];
}> {
  const port = await freePort();
  const order: SteadyOrder = { zone, port, warmUp, count };
  const program = join(import.meta.dirname, 'steady-server.ts');
  const args = [
    '-c',
    String(cores.server),
    process.execPath,
    '--trace-deopt',
    program,
    JSON.stringify(order),
  ];
  const child = spawn('taskset', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const killWithUs = (): void => void child.kill('SIGKILL');
  process.once('exit', killWithUs);
  const deoptimisations: string[] = [];
  let steady = false;
  let collections: number | undefined;
  createInterface(child.stdout).on('line', (line) => {
    if (line.startsWith(marks.begin)) steady = true;
    else if (line.startsWith(marks.end)) {
      steady = false;
      collections = Number(line.slice(marks.end.length));
    } else if (steady && line.includes('bailout')) deoptimisations.push(line);
  });
  try {
    await firstAnswer(port, `host1.${zone.name}`, (octets) => octets[7]! > 0);
    for (let piece = 0; piece < mostPieces && collections === undefined; piece++)
      await generate(queries, port, pieceSeconds, { window: 128 }, cores.generator);
    if (collections === undefined) throw new Error(`${count} queries were not answered in time`);
  } finally {
    child.kill('SIGKILL');
    await once(child, 'exit');
    process.removeListener('exit', killWithUs);
  }
  return {
    figures: { queries: count, collections, deoptimisations },
    bars: [
      bar('steady state: garbage collections in the worker', collections, 0),
      bar('steady state: deoptimisations', deoptimisations.length, 0),
    ],
  };
}
