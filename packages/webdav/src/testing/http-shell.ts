/** A few lines of HTTP around the engine, so that other people’s programs can be tried on it. Any password is right. */

import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import type { Engine } from '../engine.ts';
import { handle } from '../handle.ts';

export function httpShell(engine: Engine): Server {
  return createServer((request, response) => {
    serve(engine, request, response).catch((error: unknown) => {
      console.error(request.method, request.url, error);
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  });
}

async function serve(
  engine: Engine,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const [, encoded] = /^Basic (.+)$/.exec(request.headers.authorization ?? '') ?? [];
  const user = encoded && Buffer.from(encoded, 'base64').toString().split(':', 1)[0];
  const { status, headers, body } = await handle(engine, {
    method: request.method ?? '',
    target: request.url ?? '',
    headers: request.headersDistinct,
    body: await buffer(request),
    user,
    device: undefined,
    baseUrl: `http://${request.headers.host}`,
    secure: false,
    requestId: randomUUID(),
    nowSeconds: Math.floor(Date.now() / 1000),
  });
  response.writeHead(status, headers);
  if (body instanceof Uint8Array) response.end(body);
  else {
    if (body !== undefined) for await (const piece of body) response.write(piece);
    response.end();
  }
}
