/** Rounds of one load after another on servers that run side by side, one of them busy at a time. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { LoadResult } from './load-generator.ts';
import { processorTime } from './processor-time.ts';
import type { Server, ServerName } from './servers.ts';

export type Load = { readonly name: string; readonly rate?: number; readonly window?: number };

/**
 * The rates are a little off: the kernel looks 250 times a second whether a process is in user or in
 * system mode, and with a multiple of that it would see every query at the same moment of its life.
 */
export const loads: readonly Load[] = [
  { name: '10000/s', rate: 10_007 },
  { name: '50000/s', rate: 50_021 },
  { name: 'saturation', window: 128 },
];

export type Sample = {
  readonly microseconds: number;
  readonly userTicks: number;
  readonly systemTicks: number;
  readonly queriesPerSecond: number;
  readonly lost: number;
  readonly wrong: number;
  readonly p50: number;
  readonly p99: number;
};

/** The medians of a server's rounds; times in microseconds of processor time per answer. */
export type Figures = {
  readonly user: number;
  readonly system: number;
  readonly total: number;
  readonly queriesPerSecond: number;
  readonly lost: number;
  readonly p50: number;
  readonly p99: number;
};

export type Plan = {
  readonly queries: string;
  readonly rounds: number;
  readonly seconds: number;
  readonly generatorCore: number;
  readonly say: (text: string) => void;
};

/** Runs the load generator in a process of its own. */
export async function generate(
  file: string,
  port: number,
  seconds: number,
  load: Omit<Load, 'name'>,
  core: number,
): Promise<LoadResult> {
  const order = JSON.stringify({ file, port, seconds, ...load });
  const program = join(import.meta.dirname, 'load-generator.ts');
  // Before all others of its core: when it waits itself, it takes that for a wait for the server.
  const words = ['-n', '-20', 'taskset', '-c', String(core), process.execPath, program, order];
  const child = spawn('nice', words, {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return JSON.parse(await text(child.stdout)) as LoadResult;
}

/** Runs the plan; the order of the servers turns with each round. */
export async function measure(
  servers: readonly Server[],
  chosen: readonly Load[],
  plan: Plan,
): Promise<Map<string, Map<ServerName, Figures>>> {
  const samples = new Map<string, Map<ServerName, Sample[]>>();
  for (const { port } of servers) // compiled, cached and learnt before anything counts
    await generate(
      plan.queries,
      port,
      Math.min(3, plan.seconds),
      { window: 128 },
      plan.generatorCore,
    );
  for (let round = 0; round < plan.rounds; round++) {
    for (const load of chosen) {
      const byServer = samples.get(load.name) ?? new Map<ServerName, Sample[]>();
      samples.set(load.name, byServer);
      for (let i = 0; i < servers.length; i++) {
        const server = servers[(i + round) % servers.length]!;
        const sample = await sampleOf(server, load, plan);
        byServer.set(server.name, [...(byServer.get(server.name) ?? []), sample]);
        plan.say(
          `round ${round + 1} ${load.name} ${server.name}: ${sample.microseconds.toFixed(2)} µs, ${Math.round(sample.queriesPerSecond)}/s, p99 ${sample.p99} µs`,
        );
      }
    }
  }
  return new Map(
    [...samples].map(([load, byServer]) => [
      load,
      new Map([...byServer].map(([name, list]) => [name, figuresOf(list)])),
    ]),
  );
}

async function sampleOf(server: Server, { rate, window }: Load, plan: Plan): Promise<Sample> {
  const before = processorTime(server.pids);
  const load = rate === undefined ? { window: window ?? 128 } : { rate };
  const result = await generate(plan.queries, server.port, plan.seconds, load, plan.generatorCore);
  const after = processorTime(server.pids);
  if (server.name !== 'echo' && result.wrong > 0)
    throw new Error(`${server.name} answered ${result.wrong} times wrongly: ${result.firstWrong}`);
  return {
    microseconds: (after.nanoseconds - before.nanoseconds) / 1000 / result.answered,
    userTicks: after.userTicks - before.userTicks,
    systemTicks: after.systemTicks - before.systemTicks,
    queriesPerSecond: result.answered / result.seconds,
    lost: result.lost,
    wrong: result.wrong,
    p50: result.latencyMicroseconds.p50,
    p99: result.latencyMicroseconds.p99,
  };
}

/**
 * The total is exact in each round, the share of user time is one of samples: it is taken over all
 * rounds together.
 */
function figuresOf(list: readonly Sample[]): Figures {
  const middle = (pick: (sample: Sample) => number): number => median(list.map(pick));
  const user = list.reduce((sum, { userTicks }) => sum + userTicks, 0);
  const system = list.reduce((sum, { systemTicks }) => sum + systemTicks, 0);
  const total = middle(({ microseconds }) => microseconds);
  const share = user / Math.max(1, user + system);
  return {
    user: total * share,
    system: total * (1 - share),
    total,
    queriesPerSecond: middle(({ queriesPerSecond }) => queriesPerSecond),
    lost: list.reduce((sum, { lost }) => sum + lost, 0),
    p50: middle(({ p50 }) => p50),
    p99: middle(({ p99 }) => p99),
  };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}
