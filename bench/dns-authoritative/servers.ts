/**
 * The servers that are compared, each with one thread that answers UDP and what its manual recommends
 * for production otherwise: no rate limiting (one client asks), minimal answers and cookies everywhere,
 * save that Knot's cookie module would refuse queries that have no server cookie yet (BADCOOKIE), so it
 * is left out and Knot does that much less.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseName } from '@riad/dns/name';
import { freePort } from '@riad/net/testing/free-port';
import { bindCommand } from '../../interop/peers/bind.ts';
import { knotCommand } from '../../interop/peers/knot.ts';
import { nsdCommand } from '../../interop/peers/nsd.ts';
import { riadRunCommand } from '../../interop/peers/riad-command.ts';
import type { Command } from '../../interop/peers/server.ts';
import { processesOf } from './processor-time.ts';

export const serverNames = ['echo', 'nsd', 'knot', 'bind', 'riad'] as const;
export type ServerName = (typeof serverNames)[number];

export type Zone = { readonly name: string; readonly path: string };
export type Server = {
  readonly name: ServerName;
  readonly port: number;
  readonly pids: readonly number[];
  /** Milliseconds from its start to the first right answer. */
  readonly startMs: number;
  kill(signal: NodeJS.Signals): Promise<void>;
};

const startWithinMs = 60_000;
const askEveryMs = 2;
const typeA = 1;

type Prepared = { readonly command: string; readonly args: readonly string[] };

const prepared = ([command, ...args]: Command): Prepared => ({ command, args });

/** Writes what the server needs to `folder`. */
export function prepare(name: ServerName, zone: Zone, folder: string, port: number): Prepared {
  mkdirSync(folder, { recursive: true });
  if (name === 'echo') {
    const program = join(folder, 'echo');
    execFileSync('cc', ['-O2', '-o', program, join(import.meta.dirname, 'echo.c')]);
    return { command: program, args: [String(port)] };
  }
  if (name === 'nsd') {
    return prepared(
      nsdCommand(folder, port, {
        server: '  minimal-responses: yes\n  answer-cookie: yes\n  rrl-ratelimit: 0',
        rest: `zone:\n  name: "${zone.name}"\n  zonefile: "${zone.path}"`,
      }),
    );
  }
  if (name === 'knot') {
    return prepared(
      knotCommand(folder, port, {
        server: '    automatic-acl: off',
        quiet: true,
        rest: `template:
  - id: default
    storage: "${folder}"
    zonefile-sync: -1
    zonefile-load: whole
    journal-content: none
zone:
  - domain: "${zone.name}"
    file: "${zone.path}"`,
      }),
    );
  }
  if (name === 'bind') {
    return prepared(
      bindCommand(folder, port, {
        options: '  allow-transfer { none; };\n  notify no;\n  minimal-responses yes;',
        statements: `zone "${zone.name}" { type primary; file "${zone.path}"; };`,
        quiet: true,
      }),
    );
  }
  mkdirSync(join(folder, 'zones'), { recursive: true });
  copyFileSync(zone.path, join(folder, 'zones', zone.name));
  return prepared(
    riadRunCommand(folder, 'names', [
      'type: dns-primary',
      `listen: ["udp+tcp://127.0.0.1:${port}"]`,
      `zones: { folder: ${folder}/zones }`,
      'workers: 1',
      'rateLimit: { responsesPerSecond: 0 }',
    ]),
  );
}

/** Forgets the zones Riad has loaded; its compiled modules stay, as on any machine where it ran before. */
export function forgetZones(folder: string): void {
  const state = join(folder, 'state', 'names');
  for (const name of ['zones', 'zones.json', 'zones.snapshot'])
    rmSync(join(state, name), { recursive: true, force: true });
}

/** Starts a server on `core` (undefined: any) and waits until it answers for `witness`. */
export async function start(
  name: ServerName,
  zone: Zone,
  folder: string,
  witness: string,
  core: number | undefined,
): Promise<Server> {
  const port = await freePort();
  const { command, args } = prepare(name, zone, folder, port);
  const pinned = core === undefined ? [] : ['taskset', '-c', String(core)];
  const [program = command, ...rest] = [...pinned, command, ...args];
  const begun = performance.now();
  const child = spawn(program, rest, { cwd: folder, stdio: 'ignore' });
  const killWithUs = (): void => void child.kill('SIGKILL');
  process.once('exit', killWithUs);
  await answers(child, name, port, witness);
  const startMs = performance.now() - begun;
  return {
    name,
    port,
    pids: processesOf(child.pid!),
    startMs,
    async kill(signal) {
      const ended = once(child, 'exit');
      child.kill(signal);
      await ended;
      process.removeListener('exit', killWithUs);
    },
  };
}

async function answers(
  child: ChildProcess,
  name: string,
  port: number,
  witness: string,
): Promise<void> {
  const answer = await firstAnswer(
    port,
    witness,
    (octets) => octets[7]! > 0 || name === 'echo',
    () => child.exitCode !== null,
  );
  if (answer === undefined) throw new Error(`${name} does not answer for ${witness}`);
}

/** Asks for the address of `witness` every 2 ms until `right` likes the answer. */
export async function firstAnswer(
  port: number,
  witness: string,
  right: (answer: Uint8Array) => boolean,
  givenUp: () => boolean = () => false,
  type: number = typeA,
): Promise<Uint8Array | undefined> {
  const header = [0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0];
  const query = Uint8Array.of(...header, ...parseName(`${witness}.`), 0, type, 0, 1);
  const socket = createSocket('udp4');
  socket.on('error', () => undefined); // nobody listens yet
  socket.connect(port, '127.0.0.1');
  await once(socket, 'connect');
  try {
    return await new Promise((resolve) => {
      const end = performance.now() + startWithinMs;
      const timer = setInterval(() => {
        if (performance.now() > end || givenUp()) finish(undefined);
        else socket.send(query, () => undefined);
      }, askEveryMs);
      const finish = (answer: Uint8Array | undefined): void => {
        clearInterval(timer);
        resolve(answer);
      };
      socket.on('message', (octets) => {
        if ((octets[3]! & 15) === 0 && right(octets)) finish(octets);
      });
    });
  } finally {
    socket.close();
  }
}
