/**
 * Whether writes get slower as a calendar grows: new events a second beside 100 and beside 100,000, and changed ones with
 * If-Match, spread over fifty calendars. The server has one core, the clients have the other.
 *
 *   npm run bench -- calendar-growth [--events=100,100000] [--seconds=5] [--rounds=6]
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runClients, spread, type Work } from './calendar/clients.ts';
import { event, fileName } from './calendar/events.ts';
import { type CalendarServer, startCalendar } from './calendar/servers.ts';
import { median } from './dns-authoritative/loads.ts';
import { processesOf, processorTime } from './dns-authoritative/processor-time.ts';
import { type Bar, bar, barLine } from './dns-authoritative/report.ts';

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '100,100000' },
    seconds: { type: 'string', default: '5' },
    rounds: { type: 'string', default: '6' },
  },
});
const sizes = values.events.split(',').map(Number);
const seconds = Number(values.seconds);
const rounds = Number(values.rounds);
const cores = { server: 0, clients: 1 };
/** Slower by so much at most. */
const most = 1 / 0.85;

type Load = { readonly title: string; readonly work: Work; readonly connections: number };
const loads: readonly Load[] = [
  { title: 'new events, 1 connection', work: 'put', connections: 1 },
  { title: 'new events, 8 connections', work: 'put', connections: 8 },
  {
    title: `changed events in ${spread.calendars} calendars, 8 connections`,
    work: 'spread',
    connections: 8,
  },
];

const folder = mkdtempSync(join(tmpdir(), 'riad-bench-'));
try {
  const servers: { readonly events: number; readonly server: CalendarServer }[] = [];
  /** By load, then by events: events a second of each round. */
  const figures: Record<string, Record<number, number[]>> = {};
  /** The same in microseconds of the processor for each. */
  const costs: typeof figures = {};
  try {
    for (const events of sizes) {
      const server = await startCalendar(
        'riad',
        join(folder, String(events)),
        events,
        cores.server,
      );
      servers.push({ events, server });
      await fillOthers(server);
    }
    const from = new Map(sizes.map((events) => [events, events]));
    // The first round makes what the others use, and does not count.
    for (let round = 0; round <= rounds; round++) {
      for (const { title, work, connections } of loads) {
        // In turn the one and the other first: what a disk still has to do falls on whoever comes next.
        for (const { events, server } of round % 2 === 0 ? servers : servers.toReversed()) {
          const { port, path, authorization, pid } = server;
          const before = processorTime(processesOf(pid)).nanoseconds;
          const plan = { port, path, authorization, work, connections, events };
          const done = await runClients(
            { ...plan, from: from.get(events)!, seconds, most: 1e9 },
            cores.clients,
          );
          if (work === 'put') from.set(events, from.get(events)! + done.count);
          const perSecond = done.count / done.seconds;
          const spent = processorTime(processesOf(pid)).nanoseconds - before;
          const microseconds = spent / 1000 / done.count;
          process.stderr.write(
            `${events} events, ${title}: ${perSecond.toFixed(0)} a second, ${microseconds.toFixed(0)} µs of the processor each\n`,
          );
          if (round === 0) continue;
          for (const [kept, value] of [
            [figures, perSecond],
            [costs, microseconds],
          ] as const) {
            const ofLoad = kept[title] ?? {};
            kept[title] = ofLoad;
            ofLoad[events] = [...(ofLoad[events] ?? []), value];
          }
        }
      }
    }
  } finally {
    for (const { server } of servers) await server.stop();
  }
  const rate = (title: string, events: number): number => median(figures[title]![events]!);
  const [small, large] = [Math.min(...sizes), Math.max(...sizes)];
  const cost = (title: string, events: number): string =>
    `${median(costs[title]![events]!).toFixed(0)} µs`;
  const bars: Bar[] = loads.map(({ title }) =>
    bar(
      `${title}: beside ${small} events ${rate(title, small).toFixed(0)} a second (${cost(title, small)}), beside ${large} ${rate(title, large).toFixed(0)} (${cost(title, large)})`,
      rate(title, small) / rate(title, large),
      most,
    ),
  );
  for (const one of bars) process.stdout.write(`${barLine(one)}\n`);
  const results = join(import.meta.dirname, 'results');
  mkdirSync(results, { recursive: true });
  const kept = { seconds, rounds, perSecond: figures, microsecondsEach: costs, bars };
  writeFileSync(join(results, 'calendar-growth.json'), `${JSON.stringify(kept, null, 2)}\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exit();

/** The calendars that are changed in turn. */
async function fillOthers({ port, path, authorization }: CalendarServer): Promise<void> {
  const home = path.replace(/[^/]+\/$/, '');
  const ask = async (method: string, at: string, body?: string): Promise<void> => {
    const { status } = await fetch(`http://127.0.0.1:${port}${at}`, {
      method,
      headers: {
        authorization,
        ...(body === undefined ? {} : { 'content-type': 'text/calendar' }),
      },
      ...(body === undefined ? {} : { body }),
    });
    if (status !== 201) throw new Error(`${method} ${at}: ${status}`);
  };
  for (let calendar = 0; calendar < spread.calendars; calendar++) {
    await ask('MKCALENDAR', `${home}spread-${calendar}/`);
    for (let number = 0; number < spread.events; number++)
      await ask('PUT', `${home}spread-${calendar}/${fileName(number)}`, event(number));
  }
}
