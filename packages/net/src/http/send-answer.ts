/** Sends what a handler has answered. Not here: which requests there are, and what they mean. */
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import { compressed, isCompressible } from './compression.ts';
import { drained } from './drained.ts';
import { maxDroppedOctets } from './http-limits.ts';
import type { HttpResponse } from './http-server.ts';
import { dropBody } from './request-body.ts';

export type Request = IncomingMessage | Http2ServerRequest;
export type Response = ServerResponse | Http2ServerResponse;

/** Of one hop, and none of HTTP/2's (RFC 9113 §8.2.2). */
const ofConnection = new Set(['connection', 'keep-alive', 'transfer-encoding', 'upgrade']);

/** Whether the client went away before it had the answer. */
export class Leaving {
  hasLeft = false;

  constructor(response: Response) {
    response.once('close', () => {
      this.hasLeft = !response.writableFinished;
    });
  }
}

export async function send(
  request: Request,
  response: Response,
  { status, headers, body }: HttpResponse,
  leaving: Leaving,
): Promise<void> {
  const fields: Fields = { ...headers };
  const whole = body instanceof Uint8Array;
  const compress =
    body !== undefined && isCompressible(request.headers['accept-encoding'], headers, body);
  if (compress) {
    setField(fields, 'Content-Encoding', () => 'gzip');
    const wanted = 'Accept-Encoding';
    setField(fields, 'Vary', (vary) =>
      vary === undefined ? wanted : `${String(vary)}, ${wanted}`,
    );
  } else if (whole) setField(fields, 'Content-Length', () => String(body.length));
  else if (body === undefined && status !== 204 && status !== 304 && request.method !== 'HEAD')
    setField(fields, 'Content-Length', () => '0');
  if (!request.complete && hasBody(request) && !leaveBody(request, response))
    setField(fields, 'Connection', () => 'close');
  const streamed = body !== undefined && request.method !== 'HEAD' && (compress || !whole);
  if (request.httpVersionMajor === 1 && !streamed) {
    // All at once, which takes Node half the time.
    (response as ServerResponse).writeHead(status, fields as OutgoingHttpHeaders);
  } else {
    for (const [name, value] of Object.entries(fields))
      if (!(request.httpVersionMajor > 1 && ofConnection.has(name.toLowerCase())))
        response.setHeader(name, value as string | string[]);
    response.statusCode = status;
  }
  if (streamed)
    await stream(
      compress ? compressed(body) : (body as AsyncIterable<Uint8Array>),
      response,
      leaving,
    );
  else if (whole && request.method !== 'HEAD') response.end(body);
  else response.end();
}

type Fields = Record<string, string | readonly string[]>;

/** However its name was written before. */
function setField(
  fields: Fields,
  name: string,
  fieldOf: (before: string | readonly string[] | undefined) => string,
): void {
  let before: string | readonly string[] | undefined;
  for (const written of Object.keys(fields)) {
    if (written.length !== name.length || written.toLowerCase() !== name.toLowerCase()) continue;
    before = fields[written];
    delete fields[written];
  }
  fields[name] = fieldOf(before);
}

/**
 * What is left of a body stands before the next request. Many clients read no answer before they have sent all, and
 * a connection that is closed with octets in it is reset, which can take the answer with it: so the rest is taken and
 * dropped, and of a huge one the connection ends only then. False when it has to end with the answer.
 */
export function leaveBody(request: Request, response: Response): boolean {
  void dropBody(request, maxDroppedOctets).then((dropped) => {
    if (!dropped) endAfter(response, request);
  });
  // Who waits to be asked for the body may send none, and then nobody knows where the next request begins.
  return request.httpVersionMajor > 1 || request.headers.expect === undefined;
}

/** Ends a request whose body goes on, but not its answer. */
function endAfter(response: Response, request: Request): void {
  const end = (): void => {
    // RFC 9113 §8.1: with NO_ERROR the answer still counts.
    if ('stream' in request) request.stream.close();
    else request.socket.destroy();
  };
  if (response.writableFinished) end();
  else response.once('finish', end);
}

function hasBody({ headers }: Request): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/** Writes as fast as the client takes it. */
async function stream(
  body: AsyncIterable<Uint8Array>,
  response: Response,
  leaving: Leaving,
): Promise<void> {
  for await (const piece of body) {
    if (leaving.hasLeft) return; // and so ends the body
    if (!(response as ServerResponse).write(piece)) await drained(response);
  }
  response.end();
}
