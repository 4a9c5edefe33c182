/** Riad, Radicale and Xandikos, each as its manual recommends, with one user’s calendar of so many events. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '@riad/net/testing/free-port';
import { Accounts } from '@riad/runtime/accounts/accounts';
import { riadCommand, riadRunCommand } from '../../interop/peers/riad-command.ts';
import { event, fileName } from './events.ts';

export const serverNames = ['riad', 'radicale', 'xandikos'] as const;
export type ServerName = (typeof serverNames)[number];

export type CalendarServer = {
  readonly name: ServerName;
  readonly port: number;
  /** Of the calendar; ends in a slash. */
  readonly path: string;
  readonly authorization: string;
  readonly pid: number;
  /** Octets of memory now. */
  memory(): number;
  stop(): Promise<void>;
};

const user = 'ann';
/** Who asks for small things beside the first; Riad alone has one. */
const otherUser = 'bob';
const password = 'bench-password';

export const authorization: string = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
export const otherAuthorization: string = `Basic ${Buffer.from(`${otherUser}:${password}`).toString('base64')}`;
export const otherPath: string = `/calendars/${otherUser}/calendar/`;
const patienceMs = 120_000;
/** Files of more are refused, for their lines. */
const eventsOfImport = 20_000;

export async function startCalendar(
  name: ServerName,
  folder: string,
  events: number,
  core: number,
): Promise<CalendarServer> {
  mkdirSync(folder, { recursive: true });
  const port = await freePort();
  const { command, path } = await prepare[name](folder, port, events);
  const child = spawn('taskset', ['-c', String(core), ...command], {
    stdio: 'ignore',
    cwd: folder,
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const end = performance.now() + patienceMs;
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
      method: 'PROPFIND',
      headers: { authorization, depth: '0' },
    }).catch(() => undefined);
    await answer?.arrayBuffer();
    if (answer?.status === 207) break;
    if (performance.now() > end) throw new Error(`${name} does not answer: ${answer?.status}`);
    await sleep(100);
  }
  return {
    name,
    port,
    path,
    authorization,
    pid: child.pid!,
    memory: () =>
      Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1] ?? 0) *
      1024,
    async stop() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}

type Prepared = { readonly command: readonly string[]; readonly path: string };

/** A folder with a configuration and so many events. */
export const prepareRiad = (folder: string, port: number, events: number): Promise<Prepared> =>
  prepare.riad(folder, port, events);

const prepare: Readonly<
  Record<ServerName, (folder: string, port: number, events: number) => Promise<Prepared>>
> = {
  async riad(folder, port, events) {
    const command = riadRunCommand(folder, 'calendar', [
      'type: calendar',
      `listen: ["http://127.0.0.1:${port}"]`,
      'log: error',
    ]);
    {
      using accounts = new Accounts(join(folder, 'state', 'accounts', 'accounts.sqlite'));
      await accounts.addUser({ name: user, password });
      await accounts.addUser({ name: otherUser, password });
    }
    // What is there already came in by imports, as a user who moves in does it.
    for (let from = 0; from < events; from += eventsOfImport) {
      const file = join(folder, `from-${from}.ics`);
      const length = Math.min(eventsOfImport, events - from);
      writeFileSync(file, Array.from({ length }, (_, number) => event(from + number)).join(''));
      const importing = ['calendar', 'import', `${user}/calendar`, file];
      const [program, ...words] = riadCommand(...importing, '--config', join(folder, 'riad.yaml'));
      run(program, words);
    }
    return {
      command,
      path: `/calendars/${user}/calendar/`,
    };
  },

  async radicale(folder, port, events) {
    writeFileSync(join(folder, 'users'), `${user}:${password}\n`);
    writeFileSync(
      join(folder, 'config'),
      `[server]\nhosts = 127.0.0.1:${port}\nmax_connections = 100\n[auth]\ntype = htpasswd\nhtpasswd_filename = ${folder}/users\nhtpasswd_encryption = plain\ndelay = 0\n[storage]\nfilesystem_folder = ${folder}/collections\n[logging]\nlevel = error\n`,
    );
    const calendar = join(folder, 'collections', 'collection-root', user, 'calendar');
    mkdirSync(calendar, { recursive: true });
    writeFileSync(join(calendar, '.Radicale.props'), '{"tag": "VCALENDAR"}');
    for (let number = 0; number < events; number++)
      writeFileSync(join(calendar, fileName(number)), event(number));
    return {
      command: ['radicale', '--config', join(folder, 'config')],
      path: `/${user}/calendar/`,
    };
  },

  async xandikos(folder, port, events) {
    const calendar = join(folder, 'data', user, 'calendars', 'calendar');
    mkdirSync(calendar, { recursive: true });
    run('git', ['init', '-q', '-b', 'master', calendar]);
    writeFileSync(join(calendar, '.xandikos'), '[DEFAULT]\ntype = calendar\n');
    for (let number = 0; number < events; number++)
      writeFileSync(join(calendar, fileName(number)), event(number));
    run('git', ['-C', calendar, 'add', '-A']);
    const author = ['-c', 'user.name=bench', '-c', 'user.email=bench@riad.example'];
    run('git', ['-C', calendar, ...author, 'commit', '-q', '-m', 'events']);
    return {
      // It has no logins of its own.
      command: [
        ...['xandikos', '-d', join(folder, 'data'), '-l', '127.0.0.1', '-p', String(port)],
        ...['--current-user-principal', `/${user}/`, '--autocreate'],
      ],
      path: `/${user}/calendars/calendar/`,
    };
  },
};

function run(file: string, args: readonly string[]): void {
  const { status, stderr } = spawnSync(file, args, { encoding: 'utf8', maxBuffer: 1 << 28 });
  if (status !== 0) throw new Error(`${file} ${args.join(' ')}: ${stderr}`);
}
