/** What an account has from its first request on: three homes, a calendar, a list of tasks, an address book. */
import type { Engine } from '../engine.ts';
import type { Actor, CollectionKind, Operation, Path, View } from '../storage/storage.ts';
import { escapeText } from '../xml/serialize-element.ts';

type Provided = {
  readonly path: Path;
  readonly kind: CollectionKind;
  readonly components?: readonly string[];
  readonly name?: string;
};

function providedFor(user: string): Provided[] {
  return [
    { path: ['calendars', user], kind: 'folder' },
    // Apple’s Reminders show lists only that take nothing but VTODO.
    {
      path: ['calendars', user, 'calendar'],
      kind: 'calendar',
      components: ['VEVENT'],
      name: 'Calendar',
    },
    { path: ['calendars', user, 'tasks'], kind: 'calendar', components: ['VTODO'], name: 'Tasks' },
    { path: ['addressbooks', user], kind: 'folder' },
    { path: ['addressbooks', user, 'contacts'], kind: 'address-book', name: 'Contacts' },
    { path: ['files', user], kind: 'folder' },
  ];
}

const provided = new WeakMap<Engine, Set<string>>();

/** Looks once for each user in the life of an engine. */
export async function provideHomes(engine: Engine, user: string, actor: Actor): Promise<void> {
  let users = provided.get(engine);
  if (users === undefined) {
    users = new Set();
    provided.set(engine, users);
  }
  if (users.has(user)) return;
  if ((await engine.directory.principal('user', user)) === undefined) return;
  const operations = await missing(await engine.storage.view(), user);
  if (operations.length > 0) {
    const result = await engine.storage.write({
      operations,
      requirements: operations.map(({ path }) => ({ type: 'absent', path })),
      actor,
      summary: `${user}: homes made`,
    });
    // Somebody else’s request has made them meanwhile, or nothing can be written: reading goes on.
    if (result.type !== 'written') return;
  }
  users.add(user);
}

/** A home that is there stays as it is, even if its calendars were removed. */
async function missing(view: View, user: string): Promise<Operation[]> {
  const operations: Operation[] = [];
  const present = new Set<string>();
  for (const { path, kind, components, name } of providedFor(user)) {
    const [area = ''] = path;
    if (path.length === 2 && (await view.resource(path)) !== undefined) present.add(area);
    if (present.has(area)) continue;
    const xml = `<D:displayname xmlns:D="DAV:">${escapeText(name ?? '')}</D:displayname>`;
    const properties = name === undefined ? [] : [{ namespace: 'DAV:', name: 'displayname', xml }];
    const metadata = { properties, acl: [] };
    operations.push({ type: 'make-collection', path, kind, components, metadata });
  }
  return operations;
}
