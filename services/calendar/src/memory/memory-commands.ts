/** What `riad calendar` asks a running service over its socket. Who asks there may everything. */
import { randomUUID } from 'node:crypto';
import type { CalendarStorage } from '@riad/calendar-store/options';
import { type Command, CommandError } from '@riad/runtime/service';
import type { Engine } from '@riad/webdav/engine';
import type { Actor, Path } from '@riad/webdav/storage/storage';
import type { MemoryCommand } from '../commands.ts';
import type { FollowedRepository } from '../remote/followed-repository.ts';
import { type ExportFormat, exportCollection, exportFormats } from './export.ts';
import { importFile } from './import.ts';
import { momentOf, nowSeconds, pathOf, secondsSince } from './place.ts';
import { revert, type Undo } from './revert.ts';
import { timeline } from './timeline.ts';

export type MemoryParts = {
  readonly storage: CalendarStorage;
  readonly engine: Engine;
  readonly timeZone: string;
  /** Follows what is erased. */
  readonly followed: FollowedRepository | undefined;
};

export function memoryCommands(parts: MemoryParts): Readonly<Record<MemoryCommand, Command>> {
  const { storage, timeZone, followed } = parts;
  return {
    'calendar-history': async (input) => {
      await storage.ready;
      const { path, uid, user, device, since, limit } = record(input);
      if (path === undefined && user === undefined)
        throw new CommandError('whose history? Name a path, or a user');
      return {
        entries: await timeline(storage, {
          ...(path === undefined ? {} : { path: pathOf(text(path)) }),
          ...(uid === undefined ? {} : { uid: text(uid) }),
          ...(user === undefined ? {} : { user: text(user) }),
          ...(device === undefined ? {} : { device: text(device) }),
          ...(since === undefined ? {} : { sinceSeconds: secondsSince(text(since)) }),
          ...(typeof limit === 'number' ? { limit } : {}),
        }),
      };
    },
    'calendar-revert': async (input) => {
      await storage.ready;
      const { user, dryRun, overwrite, ...what } = record(input);
      const undo = undoOf(what);
      const owner =
        undo.what === 'path' ? undo.path[1]! : undo.what === 'actor' ? undo.user : undefined;
      const who = user === undefined ? owner : text(user);
      if (who === undefined) throw new CommandError('on whose behalf? Name a user');
      return revert(parts, undo, {
        user: who,
        actor: actorOf(who, 'REVERT'),
        summary: `${who}: ${wordsOf(undo)} undone`,
        nowSeconds: nowSeconds(),
        dryRun: dryRun === true,
        overwrite: overwrite === true,
      });
    },
    'calendar-export': async (input) => {
      await storage.ready;
      const { path, format, at } = record(input);
      if (format !== undefined && !exportFormats.includes(format as ExportFormat))
        throw new CommandError(`--format is one of ${exportFormats.join(', ')}`);
      const { octets, contentType } = await exportCollection(
        storage,
        pathOf(text(path)),
        format as ExportFormat | undefined,
        at === undefined ? undefined : momentOf(text(at), nowSeconds()),
        timeZone,
      );
      return { contentType, base64: Buffer.from(octets).toString('base64') };
    },
    'calendar-import': async (input) => {
      await storage.ready;
      const { path, base64, fileName, dryRun } = record(input);
      const place = pathOf(text(path));
      const user = place[1]!;
      return importFile(parts, place, Buffer.from(text(base64), 'base64'), {
        user,
        actor: actorOf(user, 'IMPORT'),
        nowSeconds: nowSeconds(),
        dryRun: dryRun === true,
        fileName: text(fileName),
        timeZone,
      });
    },
    /** All that is acknowledged is in git then, for who copies the repository. */
    'calendar-seal': async () => {
      await storage.store.seal();
      return { head: storage.store.head };
    },
    /** Erases for good, history included. */
    'calendar-purge': async (input) => {
      await storage.ready;
      const { paths } = record(input);
      if (!Array.isArray(paths) || paths.length === 0) throw new CommandError('purge what?');
      const view = await storage.view();
      const gone: Path[] = [];
      for (const path of paths.map((each) => pathOf(text(each)))) {
        if (path.length < 4)
          throw new CommandError(`${path.join('/')}: objects are purged, not collections`);
        // What is there has to go first, by the ordinary way, so that clients hear of it.
        if ((await view.resource(path)) !== undefined)
          throw new CommandError(`${path.join('/')} is there: delete it first`);
        gone.push(path);
      }
      if (followed === undefined) return storage.erase(gone);
      // Afterwards its history is no continuation of ours, and what others push there would be none.
      const rewritten = await followed
        .replace(() => storage.erase(gone))
        .catch((error: unknown) => {
          if ((error as Error).name !== 'GitError') throw error;
          throw new CommandError(
            `nothing was erased, for the remote repository, which has it too, is not in step: ${(error as Error).message}`,
          );
        });
      return { ...rewritten, remote: followed.status().current ? 'replaced' : 'waits' };
    },
    'calendar-release': async (input) => {
      const { user, device } = record(input);
      storage.release(text(user), device === undefined ? undefined : text(device));
      return { released: text(user) };
    },
  };
}

/** Who stands in the commit: the owner, by this way. */
export function actorOf(user: string, method: string, device?: string): Actor {
  return {
    user,
    device,
    userAgent: 'riad',
    method,
    target: '',
    requestId: randomUUID(),
  };
}

function undoOf({ commit, path, at, device, since, actor }: Record<string, unknown>): Undo {
  if (commit !== undefined) return { what: 'commit', revision: text(commit) };
  if (path !== undefined) {
    if (at === undefined) throw new CommandError('as of when? --at');
    return { what: 'path', path: pathOf(text(path)), moment: momentOf(text(at), nowSeconds()) };
  }
  if (actor === undefined || since === undefined)
    throw new CommandError('undo what? A commit, a path with --at, or a user with --since');
  return {
    what: 'actor',
    user: text(actor),
    device: device === undefined ? undefined : text(device),
    sinceSeconds: secondsSince(text(since)),
  };
}

export function wordsOf(undo: Undo): string {
  if (undo.what === 'commit') return `commit ${undo.revision.slice(0, 8)}`;
  if (undo.what === 'path') return `changes of ${undo.path.slice(2).join('/')}`;
  return `changes${undo.device === undefined ? '' : ` by ${undo.device}`}`;
}

function record(input: unknown): Record<string, unknown> {
  if (typeof input !== 'object' || input === null)
    throw new CommandError('a JSON object is wanted');
  return input as Record<string, unknown>;
}

function text(value: unknown): string {
  if (typeof value !== 'string' || value === '') throw new CommandError('a text is wanted');
  return value;
}
