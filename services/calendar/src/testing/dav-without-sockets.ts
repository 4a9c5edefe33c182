/** The engine, history and undo over a storage, asked as over HTTP and without it: one user, who has logged in. */
import { randomBytes } from 'node:crypto';
import type { CalendarStorage } from '@riad/calendar-store/options';
import { BodyTooLargeError, type HttpRequest } from '@riad/net/http/http-server';
import { blobId } from '@riad/store/blob';
import type { Engine } from '@riad/webdav/engine';
import { LockTable } from '@riad/webdav/locks/lock-table';
import { MemoryDirectory, userNamed } from '@riad/webdav/testing/memory-directory';
import { memoryApi } from '../memory/memory-api.ts';
import { DavShell } from '../shell/dav-shell.ts';
import type { Ask } from './dav-reading.ts';

export const user = 'ann';
const proxyAddress = '127.0.0.1';
const userHeader = 'x-user';

export function askWithoutSockets(storage: CalendarStorage): Ask {
  const engine: Engine = {
    storage,
    directory: new MemoryDirectory([userNamed(user)], {}),
    locks: new LockTable(),
    random: (length) => randomBytes(length),
    blobId,
    pause: () => new Promise((resolve) => setImmediate(resolve)),
  };
  const shell = new DavShell({
    engine,
    // A proxy has checked already.
    login: undefined as never,
    isUser: (name) => name === user,
    pages: (request, visitor) => memoryApi({ storage, engine, timeZone: 'UTC' }, request, visitor),
    url: undefined,
    proxy: { addresses: [proxyAddress], userHeader },
    allowedOrigins: [],
    answered: () => {},
  });
  return async (method, target, { headers = {}, body = '' } = {}) => {
    const octets = typeof body === 'string' ? Buffer.from(body) : body;
    const request: HttpRequest = {
      method,
      target,
      headers: Object.fromEntries(
        Object.entries({ host: 'localhost', ...headers, [userHeader]: user }).map(
          ([name, value]) => [name, [value]],
        ),
      ),
      address: proxyAddress,
      secure: false,
      async body(limit) {
        if (octets.length > limit) throw new BodyTooLargeError(limit);
        return octets;
      },
      async *bodyPieces(limit) {
        if (octets.length > limit) throw new BodyTooLargeError(limit);
        for (let at = 0; at < octets.length; at += pieceOctets)
          yield octets.subarray(at, at + pieceOctets);
      },
    };
    const response = await shell.handle(request);
    const fields = new Headers();
    for (const [name, value] of Object.entries(response.headers))
      for (const one of typeof value === 'string' ? [value] : value) fields.append(name, one);
    return { status: response.status, headers: fields, text: await textOf(response.body) };
  };
}

/** As a socket gives them. */
const pieceOctets = 65_536;

async function textOf(body: Uint8Array | AsyncIterable<Uint8Array> | undefined): Promise<string> {
  if (body === undefined) return '';
  const pieces = body instanceof Uint8Array ? [body] : await Array.fromAsync(body);
  return Buffer.concat(pieces).toString();
}
