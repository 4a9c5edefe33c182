/**
 * What the WebDAV engine costs beside storage: processor time of requests over a calendar of 10,000
 * events in memory.
 *
 *   npm run bench -- webdav-engine [--members=10000]
 */
import { setImmediate } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { checkCalendarObject } from '@riad/webdav/caldav/check-calendar-object';
import type { Engine } from '@riad/webdav/engine';
import { handle } from '@riad/webdav/handle';
import type { DavRequest } from '@riad/webdav/request';
import { calendarObject, collect, House, namespaces } from '@riad/webdav/testing/house';

const { values } = parseArgs({ options: { members: { type: 'string', default: '10000' } } });
const members = Number(values.members);
const calendar = '/calendars/ann/calendar/';
const path = ['calendars', 'ann', 'calendar'];
const encoder = new TextEncoder();

function event(index: number): Uint8Array {
  const day = `2026${String(1 + (index % 12)).padStart(2, '0')}01`;
  return encoder.encode(
    calendarObject(
      `DTSTART:${day}T120000Z\nDTEND:${day}T130000Z\nSUMMARY:Event number ${index}\nDESCRIPTION:Some text that is here`,
      `uid-${index}`,
    ),
  );
}

const house = new House();
await house.ask('GET', calendar);
const collection = await (await house.storage.view()).resource(path);
if (collection?.type !== 'collection') throw new Error('the calendar is not there');
await house.storage.write({
  operations: Array.from({ length: members }, (_, index) => {
    const octets = event(index);
    return {
      type: 'put' as const,
      path: [...path, `event-${index}.ics`],
      octets,
      contentType: 'text/calendar',
      facts: checkCalendarObject(collection, octets, undefined).facts,
    };
  }),
  requirements: [],
  actor: {
    user: 'ann',
    device: undefined,
    userAgent: undefined,
    method: '',
    target: '',
    requestId: '',
  },
  summary: '',
});

// Storage that answers at once: a view that does not change, and writes that cost nothing.
const view = await house.storage.view();
const member = await view.resource([...path, 'event-7.ics']);
const still: Engine = {
  ...house.engine,
  pause: () => setImmediate(),
  storage: {
    view: async () => ({
      resource: (wanted) => view.resource(wanted),
      named: (wanted, names) => view.named(wanted, names),
      members: (wanted, limit) => view.members(wanted, limit),
      content: (wanted) => view.content(wanted),
      changes: (wanted, since, limit) => view.changes(wanted, since, limit),
      sharedWith: (principals) => view.sharedWith(principals),
      usedOctets: async () => 0,
      async *candidates(wanted, query) {
        if (query.uid === undefined) yield* view.candidates(wanted, query);
        else if (member?.type === 'member') yield [member];
      },
    }),
    write: async () => ({ type: 'written', view }),
  },
};

async function measure(name: string, times: number, request: DavRequest): Promise<void> {
  let octets = 0;
  const once = async (): Promise<void> => {
    const { status, body } = await handle(still, request);
    octets = (await collect(body)).length;
    if (status >= 300) throw new Error(`${name}: ${status}`);
  };
  for (let i = 0; i < Math.max(3, times / 10); i++) await once();
  const before = process.cpuUsage();
  for (let i = 0; i < times; i++) await once();
  const { user, system } = process.cpuUsage(before);
  const micros = (user + system) / times;
  const figure = micros < 1000 ? `${micros.toFixed(1)} µs` : `${(micros / 1000).toFixed(1)} ms`;
  console.log(`${name.padEnd(44)} ${figure.padStart(9)} ${String(octets).padStart(9)} octets`);
}

const ask = (
  method: string,
  target: string,
  body: string | Uint8Array = '',
  depth = '0',
): DavRequest => house.request(method, target, { user: 'ann', body, headers: { Depth: depth } });
const prop = (inside: string): string => `<D:prop>${inside}</D:prop>`;

await measure('GET', 20_000, ask('GET', `${calendar}event-7.ics`));
await measure('PUT', 20_000, ask('PUT', `${calendar}event-7.ics`, event(7)));
await measure(
  'PROPFIND of a home, 8 properties',
  2000,
  ask(
    'PROPFIND',
    '/calendars/ann/',
    `<D:propfind ${namespaces}>${prop('<D:resourcetype/><D:displayname/><CS:getctag/><D:sync-token/><D:current-user-privilege-set/><C:supported-calendar-component-set/><D:owner/><ICAL:calendar-color/>')}</D:propfind>`,
    '1',
  ),
);
await measure(
  `PROPFIND of ${members} tags`,
  30,
  ask('PROPFIND', calendar, `<D:propfind ${namespaces}>${prop('<D:getetag/>')}</D:propfind>`, '1'),
);
await measure(
  'sync-collection, all',
  30,
  ask(
    'REPORT',
    calendar,
    `<D:sync-collection ${namespaces}><D:sync-token/><D:sync-level>1</D:sync-level>${prop('<D:getetag/>')}</D:sync-collection>`,
  ),
);
const hrefs = Array.from(
  { length: Math.min(members, 1000) },
  (_, index) => `<D:href>${calendar}event-${index}.ics</D:href>`,
).join('');
await measure(
  'calendar-multiget of 1000',
  30,
  ask(
    'REPORT',
    calendar,
    `<C:calendar-multiget ${namespaces}>${prop('<D:getetag/><C:calendar-data/>')}${hrefs}</C:calendar-multiget>`,
  ),
);
await measure(
  'calendar-query of a month, 1 of 12 match',
  30,
  ask(
    'REPORT',
    calendar,
    `<C:calendar-query ${namespaces}>${prop('<D:getetag/>')}<C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT"><C:time-range start="20260301T000000Z" end="20260401T000000Z"/></C:comp-filter></C:comp-filter></C:filter></C:calendar-query>`,
    '1',
  ),
);
