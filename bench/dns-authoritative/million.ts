/** A zone of a million names: loading, memory, restarting, an edited file, a changed record. */

import { readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { generate, median } from './loads.ts';
import { residentMebibytes } from './processor-time.ts';
import { type Bar, bar } from './report.ts';
import { firstAnswer, forgetZones, start, type Zone } from './servers.ts';
import { hostAddress } from './zones.ts';

export type MillionFigures = {
  readonly startMs: Record<string, number>;
  readonly rssMebibytes: Record<string, number>;
  readonly pssMebibytes: Record<string, number>;
  readonly restartMs: number;
  readonly editMs: number;
  readonly slowestAnswerMs: { readonly quiet: number; readonly duringEdit: number };
};

const snapshotWithinMs = 60_000;
/** Long enough that a service that was just started does nothing besides answering. */
const settleMs = 3000;
const editRounds = 3;

export async function measureMillion(
  zone: Zone,
  names: number,
  queries: string,
  folder: string,
  rounds: number,
  cores: { readonly server: number; readonly generator: number },
  say: (text: string) => void,
): Promise<{ figures: MillionFigures; bars: Bar[] }> {
  const last = `host${names - 1}.${zone.name}`;
  const at = (name: string): string => join(folder, `million-${name}`);
  // Once without figures: what is compiled stays compiled.
  await (await start('riad', zone, at('riad'), last, undefined)).kill('SIGTERM');
  const starts: Record<'nsd' | 'riad', number[]> = { nsd: [], riad: [] };
  const restarts: number[] = [];
  const rss: Record<string, number> = {};
  const pss: Record<string, number> = {};
  for (let round = 0; round < rounds; round++) {
    for (const name of ['nsd', 'riad'] as const) {
      if (name === 'riad') forgetZones(at(name));
      const server = await start(name, zone, at(name), last, undefined);
      starts[name].push(server.startMs);
      say(`start ${name}: ${server.startMs.toFixed(0)} ms`);
      if (name === 'riad') await snapshotOf(at(name));
      await sleep(settleMs);
      const memory = residentMebibytes(server.pids);
      rss[name] = Math.max(rss[name] ?? 0, memory.rss);
      pss[name] = Math.max(pss[name] ?? 0, memory.pss);
      await server.kill('SIGTERM');
    }
    const again = await start('riad', zone, at('riad'), last, undefined);
    restarts.push(again.startMs);
    say(`restart riad: ${again.startMs.toFixed(0)} ms`);
    await again.kill('SIGTERM');
  }
  const edit = await measureEdit(zone, names, queries, at('riad'), last, cores);
  say(`edited line served after ${edit.editMs.toFixed(0)} ms`);
  const figures: MillionFigures = {
    startMs: { nsd: median(starts.nsd), riad: median(starts.riad) },
    rssMebibytes: rss,
    pssMebibytes: pss,
    restartMs: median(restarts),
    ...edit,
  };
  return {
    figures,
    bars: [
      bar(
        'a million names: start to first answer / nsd',
        figures.startMs['riad']! / figures.startMs['nsd']!,
        1.2,
      ),
      bar('a million names: resident memory / nsd', rss['riad']! / rss['nsd']!, 0.8),
      bar('a million names: restart to first answer, ms', figures.restartMs, 300),
      bar('a million names: edited line served, ms', edit.editMs, 1000),
      bar(
        'a million names: slowest answer during the edit beside a quiet time, ms more',
        edit.slowestAnswerMs.duringEdit - edit.slowestAnswerMs.quiet,
        5,
      ),
    ],
  };
}

async function snapshotOf(folder: string): Promise<void> {
  const path = join(folder, 'state', 'names', 'zones.snapshot');
  for (let waited = 0; waited < snapshotWithinMs; waited += 100) {
    if (statSync(path, { throwIfNoEntry: false }) !== undefined) return;
    await sleep(100);
  }
  throw new Error(`no snapshot at ${path}`);
}

/** Edits the address of one host in the file, first with nobody else asking, then under load. */
async function measureEdit(
  zone: Zone,
  names: number,
  queries: string,
  folder: string,
  last: string,
  cores: { readonly server: number; readonly generator: number },
): Promise<Pick<MillionFigures, 'editMs' | 'slowestAnswerMs'>> {
  const server = await start('riad', zone, folder, last, cores.server);
  await sleep(settleMs);
  const path = join(folder, 'zones', zone.name);
  const original = readFileSync(path, 'latin1');
  const edited = names >> 1;
  const line = `host${edited} A ${hostAddress(edited)}\n`;
  if (!original.includes(line)) throw new Error(`no line ${line}`);
  /** Puts a file with another address of that host in the place of the zone's. */
  const prepared = (address: string): (() => void) => {
    const text = original.replace(line, `host${edited} A ${address}\n`);
    writeFileSync(join(folder, 'edited'), text, 'latin1');
    return () => renameSync(join(folder, 'edited'), path);
  };
  const served = (address: string): Promise<Uint8Array | undefined> =>
    firstAnswer(
      server.port,
      `host${edited}.${zone.name}`,
      (octets) => octets.subarray(-4).join('.') === address,
    );
  const times: number[] = [];
  const quiet: number[] = [];
  const during: number[] = [];
  for (let round = 0; round < editRounds; round++) {
    const edit = prepared(`192.0.2.${2 * round + 1}`);
    await sleep(settleMs);
    edit();
    const begun = performance.now();
    if ((await served(`192.0.2.${2 * round + 1}`)) === undefined)
      throw new Error('the edited line was never served');
    times.push(performance.now() - begun);
    // Nothing but server and generator runs while pauses are looked for: there are but two cores.
    const again = prepared(`192.0.2.${2 * round + 2}`);
    await sleep(settleMs);
    const slowest = async (): Promise<number> =>
      (await generate(queries, server.port, 4, { rate: 2000 }, cores.generator)).latencyMicroseconds
        .max / 1000;
    quiet.push(await slowest());
    setTimeout(again, 1500);
    during.push(await slowest());
    if ((await served(`192.0.2.${2 * round + 2}`)) === undefined)
      throw new Error('the edited line was never served');
  }
  await server.kill('SIGTERM');
  return {
    editMs: median(times),
    slowestAnswerMs: { quiet: median(quiet), duringEdit: median(during) },
  };
}
