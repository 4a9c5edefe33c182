/** Clients of a calendar in a process of their own: so many connections, each waiting for its answer. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request as httpRequest } from 'node:http';
import { event, fileName, week, word } from './events.ts';

export type Work =
  | 'put'
  | 'update'
  | 'spread'
  | 'get'
  | 'etags'
  | 'week'
  | 'text'
  | 'multiget'
  | 'sync';

/** Calendars beside the one of the plan, and events in each, that `spread` changes in turn. */
export const spread = { calendars: 50, events: 20 };

export type Plan = {
  readonly port: number;
  readonly path: string;
  readonly authorization: string;
  readonly work: Work;
  readonly connections: number;
  /** How long, or how many times. */
  readonly seconds: number;
  readonly most: number;
  /** Events that are there; new ones get numbers from `from` on. */
  readonly events: number;
  readonly from: number;
};

export type Done = {
  readonly count: number;
  readonly seconds: number;
  /** Of each answer, sorted, in ms. */
  readonly times: readonly number[];
  /** What the last one found. */
  readonly results: number;
};

export async function runClients(plan: Plan, core: number): Promise<Done> {
  const child = spawn('taskset', ['-c', String(core), process.execPath, import.meta.filename], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdin.end(JSON.stringify(plan));
  let text = '';
  child.stdout.on('data', (piece: Buffer) => {
    text += piece.toString();
  });
  const [code] = (await once(child, 'close')) as [number];
  if (code !== 0) throw new Error(`the clients failed: ${plan.work}`);
  return JSON.parse(text) as Done;
}

type Answer = { status: number; text: string; headers: Record<string, unknown> };

const namespaces = 'xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"';
const filter = (inner: string): string =>
  `<C:calendar-query ${namespaces}><D:prop><D:getetag/></D:prop><C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT">${inner}</C:comp-filter></C:comp-filter></C:filter></C:calendar-query>`;

async function work(plan: Plan): Promise<Done> {
  const agent = new Agent({ keepAlive: true, maxSockets: plan.connections });
  const ask = (
    method: string,
    path: string,
    headers: Record<string, string>,
    body = '',
  ): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const sent = httpRequest(
        {
          host: '127.0.0.1',
          port: plan.port,
          method,
          path,
          agent,
          headers: {
            authorization: plan.authorization,
            ...headers,
            ...(body === '' ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
          },
        },
        (answer) => {
          const pieces: Buffer[] = [];
          answer.on('data', (piece: Buffer) => pieces.push(piece));
          answer.once('error', reject);
          answer.once('end', () =>
            resolve({
              status: answer.statusCode ?? 0,
              text: Buffer.concat(pieces).toString(),
              headers: answer.headers,
            }),
          );
        },
      );
      sent.once('error', reject);
      sent.end(body);
    });
  const expect = (answer: Answer, ...statuses: number[]): Answer => {
    if (!statuses.includes(answer.status))
      throw new Error(`${plan.work}: ${answer.status} ${answer.text.slice(0, 300)}`);
    return answer;
  };
  const responses = ({ text }: Answer): number => text.split(/<(?:\w+:)?response[ >]/).length - 1;
  const xml = { 'content-type': 'application/xml; charset=utf-8' };
  const ics = { 'content-type': 'text/calendar; charset=utf-8' };
  let token = '';
  const tags = new Map<string, string>();
  const steps: Record<Work, (number: number) => Promise<number>> = {
    async put(number) {
      const file = `${plan.path}${fileName(plan.from + number)}`;
      const headers = { ...ics, 'if-none-match': '*' };
      expect(await ask('PUT', file, headers, event(plan.from + number)), 201);
      return 1;
    },
    async update(number) {
      const file = `${plan.path}${fileName(number % plan.events)}`;
      const tag = expect(await ask('GET', file, {}), 200).headers['etag'];
      const headers = { ...ics, 'if-match': String(tag) };
      expect(
        await ask('PUT', file, headers, event(number % plan.events, number + 1)),
        200,
        201,
        204,
      );
      return 1;
    },
    async spread(number) {
      const calendar = number % spread.calendars;
      const which = Math.floor(number / spread.calendars) % spread.events;
      const file = `${plan.path.replace(/[^/]+\/$/, '')}spread-${calendar}/${fileName(which)}`;
      const tag = tags.get(file) ?? String(expect(await ask('GET', file, {}), 200).headers['etag']);
      const headers = { ...ics, 'if-match': tag };
      const answer = expect(await ask('PUT', file, headers, event(which, number + 1)), 200, 204);
      tags.set(file, String(answer.headers['etag']));
      return 1;
    },
    async get(number) {
      const file = `${plan.path}${fileName((number * 7919) % plan.events)}`;
      expect(await ask('GET', file, {}), 200);
      return 1;
    },
    async etags() {
      const body = `<D:propfind ${namespaces}><D:prop><D:getetag/></D:prop></D:propfind>`;
      return (
        responses(expect(await ask('PROPFIND', plan.path, { ...xml, depth: '1' }, body), 207)) - 1
      );
    },
    async week() {
      const body = filter(`<C:time-range start="${week.start}" end="${week.end}"/>`);
      return responses(expect(await ask('REPORT', plan.path, { ...xml, depth: '1' }, body), 207));
    },
    async text() {
      const body = filter(
        `<C:prop-filter name="SUMMARY"><C:text-match>${word}</C:text-match></C:prop-filter>`,
      );
      return responses(expect(await ask('REPORT', plan.path, { ...xml, depth: '1' }, body), 207));
    },
    async multiget(number) {
      const hrefs = Array.from(
        { length: 100 },
        (_, i) => `<D:href>${plan.path}${fileName((number * 100 + i * 97) % plan.events)}</D:href>`,
      );
      const body = `<C:calendar-multiget ${namespaces}><D:prop><D:getetag/><C:calendar-data/></D:prop>${hrefs.join('')}</C:calendar-multiget>`;
      return responses(expect(await ask('REPORT', plan.path, { ...xml, depth: '1' }, body), 207));
    },
    async sync(number) {
      const file = `${plan.path}${fileName(number % plan.events)}`;
      expect(
        await ask('PUT', file, ics, event(number % plan.events, number + 1000)),
        200,
        201,
        204,
      );
      const begun = performance.now();
      const body = `<D:sync-collection ${namespaces}><D:sync-token>${token}</D:sync-token><D:sync-level>1</D:sync-level><D:prop><D:getetag/></D:prop></D:sync-collection>`;
      const answer = expect(await ask('REPORT', plan.path, { ...xml, depth: '0' }, body), 207);
      const first = token === '';
      token = /<(?:\w+:)?sync-token>([^<]*)</.exec(answer.text)?.[1] ?? '';
      own = first ? undefined : performance.now() - begun;
      return responses(answer);
    },
  };
  /** Of a step that has more in it than what is measured; undefined: it does not count. */
  let own: number | undefined;
  const step = steps[plan.work];
  const times: number[] = [];
  let next = 0;
  let results = 0;
  const begun = performance.now();
  const end = begun + plan.seconds * 1000;
  const client = async (): Promise<void> => {
    while (performance.now() < end && next < plan.most) {
      const started = performance.now();
      results = await step(next++);
      if (plan.work !== 'sync') times.push(performance.now() - started);
      else if (own !== undefined) times.push(own);
    }
  };
  await Promise.all(Array.from({ length: plan.connections }, client));
  const seconds = (performance.now() - begun) / 1000;
  agent.destroy();
  times.sort((a, b) => a - b);
  return { count: times.length, seconds, times, results };
}

if (process.argv[1] === import.meta.filename) {
  let text = '';
  for await (const piece of process.stdin) text += String(piece);
  process.stdout.write(JSON.stringify(await work(JSON.parse(text) as Plan)));
}
