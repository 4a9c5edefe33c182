/**
 * What a small GET takes while others ask for the worst: the GETs come at fixed times, whether the one before is
 * answered or not, so that a server that stops is seen in all that should have come meanwhile. Two processes: one
 * asks for the small things, the other, with the lowest priority, makes the load.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request as httpRequest } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { event, fileName } from './events.ts';

export const loads = ['quiet', 'queries', 'imports', 'xml', 'passwords', 'all'] as const;
export type OthersLoad = (typeof loads)[number];

export type OthersPlan = {
  readonly port: number;
  /** Of the large calendar, which the user with this login owns. */
  readonly path: string;
  readonly authorization: string;
  /** Of the user who asks for small things, and what that user asks for. */
  readonly smallAuthorization: string;
  readonly smallPath: string;
  readonly events: number;
  readonly seconds: number;
  readonly perSecond: number;
};

export type OthersDone = {
  readonly count: number;
  readonly medianMs: number;
  readonly p99Ms: number;
  readonly mostMs: number;
  /** Answers to the load meanwhile. */
  readonly loadAnswers: number;
};

export async function measureBeside(
  load: OthersLoad,
  plan: OthersPlan,
  core: number,
): Promise<OthersDone> {
  const run = (what: string, nice: number): { result: Promise<string>; stop: () => void } => {
    const child = spawn(
      'taskset',
      ['-c', String(core), 'nice', '-n', String(nice), process.execPath, import.meta.filename],
      { stdio: ['pipe', 'pipe', 'inherit'] },
    );
    let text = '';
    child.stdout.on('data', (piece: Buffer) => {
      text += piece.toString();
    });
    child.stdin.write(`${JSON.stringify({ what, plan })}\n`);
    const result = once(child, 'close').then(([code]) => {
      if (code !== 0) throw new Error(`${what} failed`);
      return text;
    });
    return { result, stop: () => child.stdin.end() };
  };
  const making = run(load, 19);
  await sleep(500); // until it is under way
  // Before all others of its core: when it waits itself, it takes that for a wait for the server.
  const asking = run('small', -20);
  const answered = await asking.result.finally(() => making.stop());
  const small = JSON.parse(answered) as Omit<OthersDone, 'loadAnswers'>;
  return { ...small, loadAnswers: Number(await making.result) };
}

type Asked = {
  readonly method: string;
  readonly path: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  readonly from?: string;
};

/** So long the asking process has its code compiled, and opens connections; that is no wait for the server. */
const warmSeconds = 2;

function asker(port: number, agent: Agent | false): (asked: Asked) => Promise<number> {
  return ({ method, path, headers = {}, body = '', from }) =>
    new Promise((resolve, reject) => {
      const sent = httpRequest(
        {
          host: '127.0.0.1',
          port,
          method,
          path,
          agent,
          ...(from === undefined ? {} : { localAddress: from }),
          headers: { ...headers, 'content-length': String(Buffer.byteLength(body)) },
        },
        (answer) => {
          answer.resume();
          answer.once('error', reject);
          answer.once('end', () => resolve(answer.statusCode ?? 0));
        },
      );
      sent.once('error', reject);
      sent.end(body);
    });
}

async function small({
  port,
  smallAuthorization,
  smallPath,
  seconds,
  perSecond,
}: OthersPlan): Promise<string> {
  const agent = new Agent({ keepAlive: true, maxSockets: 20 });
  const ask = asker(port, agent);
  const times: number[] = [];
  const begun = performance.now();
  const asked: Promise<void>[] = [];
  const uncounted = warmSeconds * perSecond;
  for (let i = 0; i < uncounted + seconds * perSecond; i++) {
    const at = begun + (i * 1000) / perSecond;
    const wait = at - performance.now();
    if (wait > 0) await sleep(wait);
    const sent = performance.now();
    asked.push(
      ask({
        method: 'GET',
        path: smallPath,
        headers: { authorization: smallAuthorization },
      }).then((status) => {
        if (status !== 200) throw new Error(`a small GET was answered with ${status}`);
        if (i >= uncounted) times.push(performance.now() - sent);
      }),
    );
  }
  await Promise.all(asked);
  agent.destroy();
  times.sort((a, b) => a - b);
  return JSON.stringify({
    count: times.length,
    medianMs: times[times.length >> 1],
    p99Ms: times[Math.floor(times.length * 0.99)],
    mostMs: times.at(-1),
  });
}

const namespaces = 'xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"';

async function make(load: OthersLoad, plan: OthersPlan, goesOn: () => boolean): Promise<string> {
  const agent = new Agent({ keepAlive: true, maxSockets: 16 });
  const ask = asker(plan.port, agent);
  const once = asker(plan.port, false);
  const { authorization, path } = plan;
  let answers = 0;
  const loop = async (step: (number: number) => Promise<number>): Promise<void> => {
    for (let i = 0; goesOn(); i++) {
      await step(i);
      answers++;
    }
  };
  const headers = { authorization, depth: '1', 'content-type': 'application/xml' };
  const report = (data: string, filter: string): Promise<number> =>
    ask({
      method: 'REPORT',
      path,
      headers,
      body: `<C:calendar-query ${namespaces}><D:prop><D:getetag/>${data}</D:prop><C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT">${filter}</C:comp-filter></C:comp-filter></C:filter></C:calendar-query>`,
    });
  const text =
    '<C:prop-filter name="DESCRIPTION"><C:text-match>nowhere</C:text-match></C:prop-filter>';
  const century = '<C:time-range start="20000101T000000Z" end="21000101T000000Z"/>';
  const expand =
    '<C:calendar-data><C:expand start="20260101T000000Z" end="20260301T000000Z"/></C:calendar-data>';
  const file = (round: number): string =>
    Array.from({ length: 1000 }, (_, i) => event(plan.events + i, round)).join('');
  const calendar = `${path.split('/').slice(0, 3).join('/')}/import/`;
  const wrong = (number: number): Promise<number> =>
    once({
      method: 'PROPFIND',
      path: '/',
      headers: { authorization: `Basic ${Buffer.from(`ann:wrong ${number}`).toString('base64')}` },
      from: `127.0.${1 + ((number >> 8) % 200)}.${1 + (number % 250)}`,
    });
  const makers: Record<Exclude<OthersLoad, 'quiet' | 'all'>, () => Promise<void>[]> = {
    queries: () => [
      loop(() => report('', text)),
      loop(() => report('<C:calendar-data/>', century)),
      loop(() => report(expand, century)),
      loop(() =>
        ask({
          method: 'PROPFIND',
          path,
          headers,
          body: `<D:propfind ${namespaces}><D:allprop/></D:propfind>`,
        }),
      ),
    ],
    imports: () => [
      loop((round) =>
        ask({
          method: 'POST',
          path: `/api/import?path=${calendar}&fileName=all.ics`,
          headers: { authorization },
          body: file(round),
        }),
      ),
    ],
    xml: () => [
      loop(() => ask({ method: 'PROPFIND', path, headers, body: '<a>'.repeat(100_000) })),
      loop(() =>
        ask({
          method: 'REPORT',
          path,
          headers,
          body: `<D:propfind ${namespaces}>${'<a/>'.repeat(900_000)}`,
        }),
      ),
      loop(() =>
        ask({
          method: 'PROPFIND',
          path,
          headers,
          body: `<D:propfind ${namespaces} a="${'x'.repeat(4_000_000)}"/>`,
        }),
      ),
    ],
    // A hundred a second, each from another address, or the server would not listen to most.
    passwords: () => [
      (async () => {
        for (let i = 0; goesOn(); i++) {
          void wrong(i).then(
            () => answers++,
            () => {},
          );
          await sleep(10);
        }
      })(),
    ],
  };
  if (load === 'imports' || load === 'all')
    await ask({ method: 'MKCALENDAR', path: calendar, headers: { authorization } });
  const chosen = load === 'quiet' ? [] : load === 'all' ? Object.values(makers) : [makers[load]];
  await Promise.all(chosen.flatMap((begin) => begin()));
  while (goesOn()) await sleep(50);
  agent.destroy();
  return String(answers);
}

/** Of the small things: made once, by their own user. */
export async function putSmall(plan: OthersPlan): Promise<void> {
  const ask = asker(plan.port, false);
  const status = await ask({
    method: 'PUT',
    path: plan.smallPath,
    headers: { authorization: plan.smallAuthorization, 'content-type': 'text/calendar' },
    body: event(0),
  });
  if (status !== 201 && status !== 204)
    throw new Error(`${fileName(0)}: the small thing was answered with ${status}`);
}

if (process.argv[1] === import.meta.filename) {
  let ended = false;
  let text = '';
  const { promise, resolve } = Promise.withResolvers<void>();
  process.stdin.on('data', (piece: Buffer) => {
    text += piece.toString();
    if (text.includes('\n')) resolve();
  });
  // The other end closes the line when it has seen enough.
  process.stdin.once('end', () => {
    ended = true;
  });
  await promise;
  const { what, plan } = JSON.parse(text) as { what: OthersLoad | 'small'; plan: OthersPlan };
  if (what === 'small') process.stdout.write(await small(plan));
  else process.stdout.write(await make(what, plan, () => !ended));
  process.exit();
}
