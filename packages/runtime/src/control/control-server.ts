/**
 * HTTP and JSON about one service: everything on its unix socket, which only its owner can reach;
 * health, metrics and hooks on `http` listeners; commands never there.
 */

import { rmSync } from 'node:fs';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Log } from '../logging/log.ts';
import type { MetricsRegistry } from '../metrics/registry.ts';
import { CommandError, type RunningService } from '../service.ts';

export type ControlOptions = {
  readonly service: RunningService;
  readonly metrics: MetricsRegistry;
  readonly log: Log;
  /** Whether the caller is somebody the operating system let in: status and commands are for them. */
  readonly trusted: boolean;
};

export const maxCommandOctets: number = 64 * 2 ** 20;
export const maxHookOctets: number = 2 ** 20;
export const requestTimeoutMs = 60_000;
export const maxStrangers = 64;

type Answer = { status: number; body: unknown; contentType?: string };

export function controlServer(options: ControlOptions): Server {
  // An `import` would load a client of HTTP and WebSockets with it, while somebody waits for an answer.
  const server = process.getBuiltinModule('node:http').createServer((request, response) => {
    answer(request, options).then(
      (result) => send(response, result),
      (error: unknown) => {
        options.log.error('control request failed', { url: request.url, error });
        send(response, { status: 500, body: { error: 'internal error; see the log' } });
      },
    );
  });
  server.requestTimeout = requestTimeoutMs;
  if (!options.trusted) server.maxConnections = maxStrangers;
  return server;
}

/** Listens on an open descriptor, or makes the socket at `path` itself. */
export async function listenControl(
  server: Server,
  { path, fd }: { readonly path: string; readonly fd: number | undefined },
): Promise<void> {
  if (fd === undefined) rmSync(path, { force: true });
  const mask = process.umask(0o177); // the socket is born with mode 0600
  try {
    await listen(server, fd === undefined ? { path } : { fd });
  } finally {
    process.umask(mask);
  }
}

export function listen(
  server: Server,
  where: { path: string } | { fd: number } | { host: string; port: number },
): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(where, () => {
      server.removeListener('error', reject);
      resolve();
    });
  });
}

async function answer(request: IncomingMessage, options: ControlOptions): Promise<Answer> {
  const { service, metrics, trusted } = options;
  const [, folder = '', name] = (request.url ?? '').split('?')[0]?.split('/') ?? [];
  const route = `${request.method} /${folder}${name === undefined ? '' : '/'}`;
  switch (route) {
    case 'GET /health': {
      const health = service.health();
      return { status: health.healthy ? 200 : 503, body: health };
    }
    case 'GET /metrics': {
      const { renderMetrics } = await import('../metrics/render.ts');
      const { contentType, text } = await renderMetrics(metrics);
      return { status: 200, body: text, contentType };
    }
    case 'POST /hooks/': {
      const hook = own(service.hooks, name);
      if (hook === undefined) return notFound;
      const taken = await hook({
        header: (header) => {
          const value = request.headers[header];
          return typeof value === 'string' ? value : undefined;
        },
        body: () => readOctets(request, maxHookOctets),
      });
      if (!taken) return { status: 403, body: { error: 'not with this secret' } };
      return { status: 204, body: undefined };
    }
  }
  if (!trusted) return notFound;
  switch (route) {
    case 'GET /process':
      return { status: 200, body: { pid: process.pid } };
    case 'GET /status':
      return { status: 200, body: service.status() ?? null };
    case 'POST /commands/': {
      const command = own(service.commands, name);
      if (command === undefined) return notFound;
      try {
        return { status: 200, body: (await command(await readJson(request))) ?? null };
      } catch (error) {
        if (!(error instanceof CommandError)) throw error;
        return { status: 422, body: { error: error.message } };
      }
    }
  }
  return notFound;
}

const notFound: Answer = { status: 404, body: { error: 'nothing here' } };

function own<Value>(
  record: Readonly<Record<string, Value>> | undefined,
  name: string | undefined,
): Value | undefined {
  return record && name !== undefined && Object.hasOwn(record, name) ? record[name] : undefined;
}

/** Undefined for more than `most`. */
async function readOctets(request: IncomingMessage, most: number): Promise<Buffer | undefined> {
  const chunks: Uint8Array[] = [];
  let octets = 0;
  for await (const chunk of request as AsyncIterable<Uint8Array>) {
    octets += chunk.length;
    if (octets > most) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const octets = await readOctets(request, maxCommandOctets);
  if (octets === undefined) throw new CommandError(`more than ${maxCommandOctets} octets`);
  const text = octets.toString();
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw new CommandError('the request is not JSON');
  }
}

function send(response: ServerResponse, { status, body, contentType }: Answer): void {
  if (body === undefined) {
    response.writeHead(status).end();
    return;
  }
  const text = contentType === undefined ? `${JSON.stringify(body)}\n` : (body as string);
  response.writeHead(status, { 'content-type': contentType ?? 'application/json' }).end(text);
}
