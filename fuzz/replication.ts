/**
 * `npm run campaign -- replication [--seeds=N] [--from=SEED] [--threads=N]`: primaries and secondaries in
 * virtual time, through crashes, lost disks, moved clocks and bad networks
 * (packages/dns-server/src/testing/replication-simulation.ts). Ten thousand seeds from RIAD_SEED on, on all
 * processors, unless told otherwise.
 */
import { availableParallelism } from 'node:os';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import {
  type ReplicationRun,
  simulateReplication,
} from '@riad/dns-server/testing/replication-simulation';
import { seed } from '@riad/octets/testing/random';

type Range = { readonly from: number; readonly count: number };
type Done =
  | { readonly sum: Record<string, number> }
  | { readonly failed: number; readonly why: string };

/** So many a thread is given at a time. */
const share = 20;
/** Most of what is made lives for one event; with room it never becomes old. */
const youngMebibytes = 64;

if (isMainThread) await main();
else parentPort!.on('message', (range: Range) => parentPort!.postMessage(simulate(range)));

function simulate({ from, count }: Range): Done {
  const sum: Record<string, number> = {};
  for (let i = 0; i < count; i++) {
    const own = (from + i) >>> 0;
    let run: ReplicationRun;
    try {
      run = simulateReplication(own);
    } catch (error) {
      return { failed: own, why: (error as Error).stack ?? String(error) };
    }
    for (const [key, value] of Object.entries(run)) sum[key] = (sum[key] ?? 0) + value;
  }
  return { sum };
}

async function main(): Promise<void> {
  const wanted = option('seeds', 10_000);
  const first = option('from', seed);
  const threads = option('threads', availableParallelism());
  const begun = performance.now();
  const sum: Record<string, number> = {};
  let given = 0;
  let done = 0;
  let told = 0;
  const failures: string[] = [];
  await Promise.all(
    Array.from({ length: Math.max(1, threads) }, async () => {
      const worker = new Worker(new URL(import.meta.url), {
        resourceLimits: { maxYoungGenerationSizeMb: youngMebibytes },
      });
      while (given < wanted && failures.length === 0) {
        const count = Math.min(share, wanted - given);
        const from = (first + given) >>> 0;
        given += count;
        const outcome = await ask(worker, { from, count });
        if ('failed' in outcome) {
          failures.push(
            `${outcome.why}\nnpm run campaign -- replication --from=${outcome.failed} --seeds=1\n`,
          );
          break;
        }
        done += count;
        for (const [key, value] of Object.entries(outcome.sum)) sum[key] = (sum[key] ?? 0) + value;
        if (done - told < 500) continue;
        told = done;
        const seconds = (performance.now() - begun) / 1000;
        process.stderr.write(`${done} of ${wanted} in ${Math.round(seconds)} s\n`);
      }
      await worker.terminate();
    }),
  );
  const seconds = Math.round((performance.now() - begun) / 1000);
  process.stdout.write(`${done} runs from seed ${first}, ${seconds} s: ${JSON.stringify(sum)}\n`);
  for (const failure of failures) process.stderr.write(failure);
  if (failures.length > 0) process.exitCode = 1;
}

function ask(worker: Worker, range: Range): Promise<Done> {
  const { promise, resolve, reject } = Promise.withResolvers<Done>();
  worker.once('message', resolve);
  worker.once('error', reject);
  worker.postMessage(range);
  return promise.finally(() => worker.off('error', reject));
}

function option(name: string, otherwise: number): number {
  const given = process.argv.find((arg) => arg.startsWith(`--${name}=`));
  if (given === undefined) return otherwise;
  const value = Number(given.slice(name.length + 3));
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`${given}: not a number`);
  return value;
}
