/** Calendars and contacts: git underneath, the engine in the middle, HTTP around it. */
import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openCalendarStorage } from '@riad/calendar-store/calendar-storage';
import type { CalendarReport, CalendarStorage } from '@riad/calendar-store/options';
import { HttpServer } from '@riad/net/http/http-server';
import { Accounts } from '@riad/runtime/accounts/accounts';
import { LoginCheck } from '@riad/runtime/accounts/login';
import { gitHook } from '@riad/runtime/hooks/git-hook';
import type { Log } from '@riad/runtime/logging/log';
import type { Health, RunningService, ServiceContext } from '@riad/runtime/service';
import { Turns } from '@riad/runtime/turns';
import { blobId } from '@riad/store/blob';
import { ConflictBranches } from '@riad/store/git/conflict-branches';
import type { Engine } from '@riad/webdav/engine';
import { AccountDirectory } from './account-directory.ts';
import { commandsOf, loadCommands } from './commands.ts';
import type { CalendarConfig } from './config.ts';
import { describeObject, validateObject } from './described-object.ts';
import { FullDiskNotice } from './full-disk.ts';
import { keptLocks } from './kept-locks.ts';
import { PublicLinks, publicPath } from './links/public-links.ts';
import { mergeSides } from './merged-object.ts';
import { metrics as declared } from './metrics.ts';
import type { Notices } from './page/notices.ts';
import { FollowedRepository } from './remote/followed-repository.ts';
import { answerHook } from './remote/hook.ts';
import { DavShell, type Pages } from './shell/dav-shell.ts';

export async function start(context: ServiceContext<CalendarConfig>): Promise<RunningService> {
  const { config, log, metrics, stateDirectory, accountsFile, resolvePath } = context;
  if (accountsFile === undefined) throw new Error('the file of accounts is not given');
  mkdirSync(stateDirectory, { recursive: true });
  const accounts = new Accounts(accountsFile);
  const state = openState(stateDirectory);
  const conflicts = new ConflictBranches();
  // One for all that takes long, so that pieces of several works are never done in a row.
  const { pause } = new Turns();
  const storage = await openCalendarStorage({
    pause,
    folder: stateDirectory,
    describe: describeObject,
    merge: mergeSides,
    validate: validateObject,
    report: (report) => tell(report, conflicts, log),
    store: { branch: config.branch },
  });
  void conflicts.recall(storage.store);
  const { remote } = config;
  const followed =
    remote && new FollowedRepository({ storage, remote, stateDirectory, resolvePath, log });
  let indexFailed: string | undefined;
  storage.ready.catch((error: unknown) => {
    indexFailed = (error as Error).message;
  });
  const told = new FullDiskNotice(storage, stateDirectory, log);
  const engine: Engine = {
    storage: told,
    directory: new AccountDirectory(accounts, config.domain),
    locks: keptLocks(state),
    random: (length) => randomBytes(length),
    blobId,
    timeZone: config.timeZone,
    pause,
  };
  const login = new LoginCheck({
    accounts,
    domain: config.domain,
    trustOnFirstUse: config.trustOnFirstUse,
    made: async (user) => log.info('user made on first use', { user }),
    now: () => performance.now(),
  });
  const links = new PublicLinks(state);
  const { domain, timeZone } = config;
  const notices: Notices = {
    refusing: () => {
      if (storage.store.failure !== undefined) return 'read-only';
      return storage.shortage !== undefined || told.hasJustRefused ? 'full' : undefined;
    },
    conflicts: () => conflicts.waiting(storage.store),
  };
  const pages: Pages = async (request, visitor) => {
    const { target } = request;
    if (davTarget.test(target)) return undefined;
    if (target.startsWith(publicPath)) {
      const { publicPage } = await rest.publicPage();
      return publicPage({ engine, links }, request, visitor);
    }
    if (target.startsWith('/api/')) {
      const { memoryApi } = await rest.memoryApi();
      return memoryApi({ storage, engine, timeZone }, request, visitor);
    }
    if (!isAccountPath(target)) return undefined;
    const { AccountPages } = await rest.pages();
    const accountPages = new AccountPages({ engine, accounts, login, links, domain, notices });
    return accountPages.answer(request, visitor);
  };
  const requests = metrics.counter(declared.requests);
  const shell = new DavShell({
    engine,
    login,
    isUser: (name) => accounts.user(name)?.disabled === false,
    pages,
    url: config.url,
    proxy: config.proxy,
    allowedOrigins: config.allowedOrigins,
    answered: ({ method }, _visitor, status) =>
      requests.add(1, { method: known(method), status: `${Math.floor(status / 100)}xx` }),
  });
  const hook =
    config.hookSecretFile === undefined
      ? undefined
      : gitHook(resolvePath(config.hookSecretFile), () => followed?.pull());
  const server = new HttpServer({
    handle:
      hook === undefined
        ? (request) => shell.handle(request)
        : async (request) => (await answerHook(hook, request)) ?? shell.handle(request),
    report: (event, fields) => log.error(event, fields),
  });
  metrics.collect(declared.connections, () => [{ value: server.connections }]);
  metrics.collect(declared.ready, () => [{ value: storage.isReady ? 1 : 0 }]);
  for (const { fd, address, port, protocol } of context.listeners) {
    if (protocol === 'https' && context.tls === undefined)
      throw new Error('https needs a certificate: give the service the key tls');
    await server.listen(
      fd === undefined ? { address, port } : { fd },
      protocol === 'https' ? context.tls : undefined,
    );
  }
  log.info('answering', { head: storage.store.head });
  const loading = setTimeout(() => {
    loadRest().catch((error: unknown) => log.error('a part cannot be loaded', { error }));
  }, loadRestAfterMs).unref();

  return {
    async stop() {
      clearTimeout(loading);
      await server.stop();
      await followed?.close();
      await storage.close();
      state.close();
      accounts.close();
    },
    status: () => ({
      ready: storage.isReady,
      head: storage.store.head,
      connections: server.connections,
      users: accounts.users().length,
      ...(followed === undefined ? {} : { remote: followed.status() }),
    }),
    health: () =>
      healthOf([
        ...complaintsOf(storage, indexFailed),
        ...told.complaints(),
        ...conflicts.complaints(storage.store),
        ...(followed?.complaints() ?? []),
      ]),
    commands: commandsOf({ storage, engine, timeZone, followed, accounts, stateDirectory }),
    ...(hook === undefined ? {} : { hooks: { git: hook } }),
    async reload() {
      server.lookAtCertificates();
    },
  };
}

/** Nearly all requests: no page lies there. */
const davTarget = /^\/(?:calendars|addressbooks|files|principals)\//;

/** What calendars can answer without: loaded by who asks for it first, or a little after the start. */
const rest = {
  publicPage: () => import('./links/public-page.ts'),
  memoryApi: () => import('./memory/memory-api.ts'),
  pages: () => import('./page/pages.ts'),
} as const;

/** Later, its files may have become those of another version. */
const loadRestAfterMs = 3000;

async function loadRest(): Promise<void> {
  for (const load of Object.values(rest)) await load();
  await loadCommands();
}

function isAccountPath(target: string): boolean {
  return /^\/(?:account(?:\/.*)?)?(?:\?.*)?$/.test(target);
}

/** What is neither history nor derivable. */
function openState(folder: string): DatabaseSync {
  const state = new DatabaseSync(join(folder, 'state.db'), { timeout: 5000 });
  state.exec('PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL');
  return state;
}

function complaintsOf(storage: CalendarStorage, indexFailed: string | undefined): string[] {
  const complaints: string[] = [];
  if (indexFailed !== undefined) complaints.push(`the index could not be made: ${indexFailed}`);
  else if (!storage.isReady)
    complaints.push('the index is being made; requests are answered with 503');
  const { failure } = storage.store;
  if (failure !== undefined) complaints.push(`nothing can be written: ${failure.message}`);
  return complaints;
}

function healthOf(complaints: readonly string[]): Health {
  return complaints.length === 0 ? { healthy: true } : { healthy: false, complaints };
}

function tell(report: CalendarReport, conflicts: ConflictBranches, log: Log): void {
  if (report.type === 'conflict') {
    const { from, reference } = report;
    const about = conflicts.note(report);
    log.error('both sides changed the same', { from, kept: reference, about });
    return;
  }
  const { type, ...fields } = report;
  const event = type.replaceAll('-', ' ');
  if (type === 'index-begun' || type === 'index-ready') log.info(event, fields);
  else log.warn(event, fields);
}

/** Strangers must not make labels. */
function known(method: string): string {
  return knownMethods.has(method) ? method : 'other';
}

const knownMethods = new Set(
  'OPTIONS GET HEAD PUT POST DELETE MKCOL MKCALENDAR PROPFIND PROPPATCH COPY MOVE LOCK UNLOCK ACL REPORT'.split(
    ' ',
  ),
);
