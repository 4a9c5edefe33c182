/**
 * Calendars beside Radicale and Xandikos, in one run, by one script: new and changed events a second with one
 * connection and with eight, and what questions take in a calendar of 10,000 events, with the number of results
 * checked. How often each has the disk write through for a write. Of Riad also what a small GET takes while others
 * ask for the worst. The server has one core, the clients have the other.
 *
 *   npm run bench -- calendar [--events=10000] [--seconds=5] [--servers=riad,radicale,xandikos] [--only=beside]
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Done, runClients, type Work } from './calendar/clients.ts';
import { inWeek, withWord } from './calendar/events.ts';
import {
  loads,
  measureBeside,
  type OthersDone,
  type OthersLoad,
  putSmall,
} from './calendar/others.ts';
import {
  otherAuthorization,
  otherPath,
  type ServerName,
  serverNames,
  startCalendar,
} from './calendar/servers.ts';
import { syncsPerWrite } from './calendar/syncs.ts';
import { type Bar, bar, barLine } from './dns-authoritative/report.ts';

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '10000' },
    seconds: { type: 'string', default: '5' },
    servers: { type: 'string', default: serverNames.join(',') },
    only: { type: 'string' },
  },
});
const events = Number(values.events);
const seconds = Number(values.seconds);
const servers = values.servers.split(',') as ServerName[];
const folder = mkdtempSync(join(tmpdir(), 'riad-bench-'));
const cores = { server: 0, clients: 1 };
const say = (text: string): void => void process.stderr.write(`${text}\n`);

type Load = { readonly title: string; readonly work: Work; readonly connections: number };

const rates: readonly Load[] = [
  { title: 'new events, 1 connection', work: 'put', connections: 1 },
  { title: 'new events, 8 connections', work: 'put', connections: 8 },
  { title: 'changed events with If-Match, 8 connections', work: 'update', connections: 8 },
  { title: 'GET, 8 connections', work: 'get', connections: 8 },
];
const questions: readonly Load[] = (['sync', 'week', 'text', 'multiget', 'etags'] as const).map(
  (work) => ({ title: work, work, connections: 1 }),
);

type Figures = Record<string, { perSecond: number; medianMs: number; p99Ms: number }>;

try {
  const all: Partial<Record<ServerName, Figures>> = {};
  const syncs: Partial<Record<ServerName, number>> = {};
  const beside: Partial<Record<OthersLoad, OthersDone>> = {};
  for (const name of servers) {
    say(`${name}: ${events} events`);
    const server = await startCalendar(name, join(folder, name), events, cores.server);
    const figures: Figures = {};
    all[name] = figures;
    let from = events;
    try {
      const load = async ({ title, work, connections }: Load): Promise<Done> => {
        const { port, path, authorization } = server;
        const many = rates.some((rate) => rate.work === work);
        const plan = { port, path, authorization, work, connections, events, from };
        // The first answers of each kind make caches that the others use, and have code compiled.
        if (!many) await runClients({ ...plan, seconds: seconds * 2, most: 500 }, cores.clients);
        const limits = many ? { seconds, most: 1e9 } : { seconds: seconds * 3, most: 1000 };
        const done = await runClients({ ...plan, ...limits }, cores.clients);
        if (work === 'put') from += done.count;
        const medianMs = done.times[done.times.length >> 1] ?? Number.NaN;
        const p99Ms = done.times[Math.floor(done.times.length * 0.99)] ?? Number.NaN;
        figures[title] = { perSecond: done.count / done.seconds, medianMs, p99Ms };
        say(
          `  ${title}: ${(done.count / done.seconds).toFixed(0)} a second, median ${medianMs.toFixed(2)} ms, 99 % ${p99Ms.toFixed(2)} ms, ${done.results} results`,
        );
        return done;
      };
      // Questions first: then all have the same events.
      if (values.only === undefined)
        for (const question of questions) {
          if (isRight(question, await load(question))) continue;
          figures[question.title] = { perSecond: 0, medianMs: Infinity, p99Ms: Infinity };
        }
      if (values.only === undefined) {
        for (const rate of rates) await load(rate);
        const { port, path, authorization, pid } = server;
        const plan = { port, path, authorization, events, from, connections: 1 };
        const perWrite = await syncsPerWrite(pid, folder, async () => {
          const { count } = await runClients(
            { ...plan, work: 'put', seconds: 60, most: 200 },
            cores.clients,
          );
          from += count;
          return count;
        });
        if (perWrite !== undefined) {
          syncs[name] = perWrite;
          say(`  ${perWrite.toFixed(2)} syncs of the disk for each new event, 1 connection`);
        }
      }
      if (name === 'riad') {
        const plan = {
          ...{ port: server.port, path: server.path, authorization: server.authorization, events },
          ...{ smallAuthorization: otherAuthorization, smallPath: `${otherPath}small.ics` },
          ...{ seconds: seconds * 2, perSecond: 100 },
        };
        await putSmall(plan);
        for (const one of loads) {
          const done = await measureBeside(one, plan, cores.clients);
          beside[one] = done;
          say(
            `  small GETs, 100 a second, beside ${one}: median ${done.medianMs.toFixed(2)} ms, 99 % ${done.p99Ms.toFixed(2)} ms, at most ${done.mostMs.toFixed(0)} ms; ${done.loadAnswers} answers to the others`,
          );
        }
      }
      say(`  memory: ${(server.memory() / 2 ** 20).toFixed(0)} MiB`);
    } finally {
      await server.stop();
    }
  }
  const bars = barsOf(all);
  for (const load of loads) {
    const p99 = beside[load]?.p99Ms;
    if (p99 !== undefined)
      bars.push(
        bar(
          `small GETs beside ${load}: 99 % within 20 ms wanted, ${p99.toFixed(2)} ms`,
          p99 / 20,
          1,
        ),
      );
  }
  for (const one of bars) process.stdout.write(`${barLine(one)}\n`);
  const results = join(import.meta.dirname, 'results');
  mkdirSync(results, { recursive: true });
  writeFileSync(
    join(results, 'calendar.json'),
    `${JSON.stringify({ events, seconds, figures: all, syncs, beside, bars }, null, 2)}\n`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exit();

/** A fast answer that is wrong is none. */
function isRight({ work }: Load, { results }: Done): boolean {
  const expected: Partial<Record<Work, number>> = {
    etags: events,
    week: inWeek(events),
    text: withWord(events),
    multiget: 100,
    sync: 1,
  };
  if (results === expected[work]) return true;
  say(`  WRONG: ${work}: ${results} results, not ${expected[work]}`);
  return false;
}

function barsOf(all: Partial<Record<ServerName, Figures>>): Bar[] {
  const { riad, ...peers } = all;
  if (riad === undefined || values.only !== undefined) return [];
  const bars: Bar[] = [];
  const atLeast = (title: string, least: number): void => {
    const { perSecond } = riad[title]!;
    bars.push(
      bar(`${title}: ${least} a second wanted, ${perSecond.toFixed(0)}`, least / perSecond, 1),
    );
  };
  atLeast('new events, 1 connection', 800);
  atLeast('new events, 8 connections', 2000);
  atLeast('GET, 8 connections', 6000);
  for (const { title } of questions) {
    const times = Object.values(peers).map((figures) => figures[title]?.medianMs ?? Infinity);
    if (times.length === 0) continue;
    const best = Math.min(...times);
    const { medianMs } = riad[title]!;
    bars.push(
      bar(
        `${title}: median ${medianMs.toFixed(2)} ms / the better peer’s ${best.toFixed(2)} ms`,
        medianMs / best,
        0.1,
      ),
    );
  }
  return bars;
}
