/** A storage for tests, and the few words that most of them need. */
import type { TestContext } from 'node:test';
import { eachOf } from '@riad/webdav/storage/pages';
import type {
  Actor,
  CollectionKind,
  Operation,
  Path,
  Requirement,
  WriteResult,
} from '@riad/webdav/storage/storage';
import { openCalendarStorage } from '../calendar-storage.ts';
import type { CalendarReport, CalendarStorage, CalendarStorageOptions } from '../options.ts';
import { describeLine } from './literal-storage.ts';
import { temporaryFolder } from './temporary-folder.ts';

export const work: Path = ['calendars', 'ann', 'work'];
const none = { properties: [], acl: [] };

export class Place {
  readonly folder: string;
  readonly reports: CalendarReport[] = [];
  readonly clock: { nowMs: number } = { nowMs: Date.UTC(2026, 0, 1) };

  constructor(t: TestContext) {
    this.folder = temporaryFolder(t);
  }

  get repository(): string {
    return `${this.folder}/store.git`;
  }

  async open(more: Partial<CalendarStorageOptions> = {}): Promise<CalendarStorage> {
    const storage = await openCalendarStorage({
      folder: this.folder,
      describe: describeLine,
      now: () => this.clock.nowMs,
      report: (report) => this.reports.push(report),
      store: { refreshMs: 0, segmentOctets: 1 << 18, leftLockMs: 0 },
      ...more,
    });
    await storage.ready;
    return storage;
  }
}

export const ann: Actor = {
  user: 'ann',
  device: 'phone',
  userAgent: 'Test/1',
  method: 'PUT',
  target: '/calendars/ann/work/x.ics',
  requestId: '1',
};

export function event(uid: string, more = ''): Uint8Array {
  return new TextEncoder().encode(`UID:${uid} VEVENT 10 20\n${more}`);
}

export function put(name: string, octets: Uint8Array, collection: Path = work): Operation {
  const path = [...collection, name];
  return {
    type: 'put',
    path,
    octets,
    contentType: 'text/calendar',
    facts: describeLine(octets, 'calendar'),
  };
}

export function make(path: Path, kind: CollectionKind): Operation {
  return { type: 'make-collection', path, kind, components: undefined, metadata: none };
}

export function request(
  storage: CalendarStorage,
  operations: readonly Operation[],
  requirements: readonly Requirement[] = [],
  actor: Actor = ann,
  summary = 'change',
): Promise<WriteResult> {
  return storage.write({ operations, requirements, actor, summary });
}

/** Ann’s home and her calendar `work`. */
export async function begin(storage: CalendarStorage): Promise<void> {
  await request(storage, [make(work.slice(0, 2), 'folder'), make(work, 'calendar')]);
}

/** Names in `work` with what they hold. */
export async function contents(
  storage: CalendarStorage,
  path: Path = work,
): Promise<Record<string, string>> {
  const view = await storage.view();
  const found: Record<string, string> = {};
  for await (const member of eachOf(view.members(path, Infinity))) {
    if (member.type !== 'member') continue;
    found[member.path.at(-1)!] = new TextDecoder().decode(await view.content(member));
  }
  return found;
}

export async function syncState(storage: CalendarStorage, path: Path = work): Promise<string> {
  const found = await (await storage.view()).resource(path);
  if (found?.type !== 'collection') throw new Error(`no collection ${path.join('/')}`);
  return found.syncState;
}
