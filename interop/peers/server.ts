/**
 * Runs an authoritative server on a free loopback port: starts the program, waits until it answers
 * for each of its zones, and stops it. What it is and how it is configured stands beside this file.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseName } from '@riad/dns/name';
import { freePort } from '@riad/net/testing/free-port';
import { encodeUtf8 } from '@riad/octets/utf8';

export const loopback = '127.0.0.1';

/** A zone as it is handed to each server: the same octets to all. */
export type ServedZone = {
  /** As in text, with or without the final dot; the root is `.`. */
  readonly name: string;
  readonly text: string | Uint8Array;
};

/** A server that can be asked, whoever started it. */
export type Target = { readonly name: string; readonly address: string; readonly port: number };

export type RunningServer = Target & {
  readonly pid: number;
  /** What it has printed so far. */
  log(): string;
  /** How many lines that were. */
  logLines(): number;
  stop(): Promise<void>;
};

/** A program and its arguments. */
export type Command = readonly [string, ...string[]];

export type Program = {
  readonly name: string;
  /** Writes the configuration into `folder` and returns the command to start. */
  configure(folder: string, port: number, zones: readonly ZoneFile[]): Command;
};

export type ZoneFile = { readonly name: string; readonly path: string };

const attempts = 3; // another process may take the free port before the server does
const readyTimeoutMs = 30_000;
const pollMs = 50;
const stopTimeoutMs = 5_000;

export async function startServer(
  program: Program,
  zones: readonly ServedZone[],
  folder: string,
  choosePort: () => Promise<number> = freePort,
): Promise<RunningServer> {
  mkdirSync(folder, { recursive: true });
  const files = zones.map(({ name, text }, index): ZoneFile => {
    const path = join(folder, `zone-${index}`);
    writeFileSync(path, text);
    return { name: name === '.' ? '.' : name.replace(/\.$/, ''), path };
  });
  for (let attempt = 1; ; attempt++) {
    const port = await choosePort();
    const [command, ...args] = program.configure(folder, port, files);
    const server = watch(program.name, port, spawn(command, args, { cwd: folder, stdio: 'pipe' }));
    try {
      await ready(server, files);
      return server;
    } catch (error) {
      await server.stop();
      if (attempt === attempts) throw error;
    }
  }
}

type Watched = RunningServer & { readonly exited: Promise<void>; hasExited(): boolean };

function watch(name: string, port: number, child: ChildProcess): Watched {
  let log = '';
  let lines = 0;
  let over = false;
  const keep = (chunk: Buffer): void => {
    for (const octet of chunk) if (octet === 0x0a) lines++;
    log = (log + chunk.toString()).slice(-20_000);
  };
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
  const exited = new Promise<void>((resolve) => {
    const end = (): void => {
      over = true;
      resolve();
    };
    child.once('exit', end);
    child.once('error', (error) => {
      log += String(error);
      end();
    });
  });
  const killWithUs = (): void => void child.kill('SIGKILL');
  process.once('exit', killWithUs);
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), stopTimeoutMs);
    await exited;
    clearTimeout(timer);
    process.removeListener('exit', killWithUs);
  };
  const pid = child.pid ?? 0;
  return {
    name,
    address: loopback,
    port,
    pid,
    log: () => log,
    logLines: () => lines,
    stop,
    exited,
    hasExited: () => over,
  };
}

/** Asks for the SOA of every zone until each is answered, or fails with the server's log. */
async function ready(server: Watched, zones: readonly ZoneFile[]): Promise<void> {
  const socket = createSocket('udp4');
  socket.connect(server.port, loopback);
  await once(socket, 'connect');
  socket.on('error', () => undefined); // nobody listens yet: asked again
  const deadline = performance.now() + readyTimeoutMs;
  try {
    for (const zone of zones) {
      const query = soaQuery(zone.name);
      while (!(await answered(socket, query))) {
        if (server.hasExited()) throw new Error(`${server.name} ended:\n${server.log()}`);
        if (performance.now() > deadline) {
          throw new Error(`${server.name} does not answer for ${zone.name}:\n${server.log()}`);
        }
      }
    }
  } finally {
    socket.close();
  }
}

function soaQuery(zone: string): Uint8Array {
  const name = parseName(zone === '.' ? '.' : `${zone}.`);
  const header = [0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0];
  const query = Uint8Array.from([...header, ...name, 0, 6, 0, 1]);
  new DataView(query.buffer).setUint16(0, nextId++ & 0xffff);
  return query;
}

let nextId = 1;

/** Whether an authoritative answer without error comes within a moment. */
function answered(socket: Socket, query: Uint8Array): Promise<boolean> {
  return new Promise((resolve) => {
    const done = (result: boolean): void => {
      clearTimeout(timer);
      socket.removeListener('message', look);
      resolve(result);
    };
    const timer = setTimeout(() => done(false), pollMs);
    const look = (reply: Buffer): void => {
      if (reply[0] !== query[0] || reply[1] !== query[1]) return;
      // Refused or failing until the zone is loaded: asked again when the moment is over.
      // (A parent of the zone may be loaded already: it has no SOA for this name.)
      if ((reply[3]! & 15) === 0 && (reply[2]! & 0x04) !== 0 && reply[7]! > 0) done(true);
    };
    socket.on('message', look);
    socket.send(query, () => undefined); // an error is like no answer
  });
}

/** Lines of a configuration, one for each item. */
export function lines<Item>(items: readonly Item[], text: (item: Item) => string): string {
  return items.map(text).join('\n');
}

export function writeConfiguration(folder: string, file: string, text: string): string {
  const path = join(folder, file);
  writeFileSync(path, encodeUtf8(text));
  return path;
}
