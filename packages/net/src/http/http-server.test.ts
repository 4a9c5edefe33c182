import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { request as httpRequest, type IncomingHttpHeaders, type RequestOptions } from 'node:http';
import { connect } from 'node:http2';
import { connect as connectTcp } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { maxConnectionsPerAddress, maxDroppedOctets } from './http-limits.ts';
import { BodyTooLargeError, type HttpHandler, HttpServer } from './http-server.ts';

const crlf = Buffer.from('\r\n');
const servers: HttpServer[] = [];
after(async () => void (await Promise.all(servers.map((server) => server.stop(0)))));

async function serve(handle: HttpHandler): Promise<{ server: HttpServer; port: number }> {
  const server = new HttpServer({ handle, report: () => {} });
  servers.push(server);
  return { server, port: await server.listen({ address: '127.0.0.1', port: 0 }) };
}

type Answer = { status: number; headers: IncomingHttpHeaders; octets: Buffer; continued: boolean };

function ask(
  port: number,
  options: RequestOptions,
  pieces: readonly string[] = [],
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { headers = {} } = options;
    const length = pieces.length === 1 ? { 'content-length': String(pieces[0]!.length) } : {};
    const sent = httpRequest({
      host: '127.0.0.1',
      port,
      ...options,
      headers: { ...length, ...(headers as Record<string, string>) },
    });
    let continued = false;
    const body = (): void => {
      for (const piece of pieces) sent.write(piece);
      sent.end();
    };
    sent.once('continue', () => {
      continued = true;
      body();
    });
    sent.once('error', reject);
    sent.once('response', (response) => {
      const octets: Buffer[] = [];
      response.on('data', (piece: Buffer) => octets.push(piece));
      response.once('error', reject);
      response.once('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          octets: Buffer.concat(octets),
          continued,
        }),
      );
    });
    if ((headers as Record<string, string>)['expect'] === undefined) body();
    else sent.flushHeaders();
  });
}

const echo: HttpHandler = async (request) => {
  try {
    const body = await request.body(1000);
    return { status: 200, headers: { 'X-Method': request.method }, body };
  } catch (error) {
    if (!(error instanceof BodyTooLargeError)) throw error;
    return { status: 413, headers: {}, body: undefined };
  }
};

describe('HTTP/1.1', () => {
  test('W23 takes chunked bodies of WebDAV methods', async () => {
    const { port } = await serve(echo);
    const answer = await ask(port, { method: 'PROPFIND', path: '/a%20b/?c' }, ['ab', 'cd', 'ef']);
    assert.equal(answer.octets.toString(), 'abcdef');
    assert.equal(answer.headers['x-method'], 'PROPFIND');
    assert.equal(answer.headers['content-length'], '6');
  });

  test('W23 asks for a body only when it is wanted', async () => {
    const { port } = await serve(async (request) =>
      request.target === '/no' ? { status: 401, headers: {}, body: undefined } : echo(request),
    );
    const headers = { expect: '100-continue', 'content-length': '3' };
    const yes = await ask(port, { method: 'PUT', path: '/yes', headers }, ['abc']);
    assert.deepEqual([yes.status, yes.continued], [200, true]);
    const no = await ask(port, { method: 'PUT', path: '/no', headers }, ['abc']);
    assert.deepEqual([no.status, no.continued], [401, false]);
  });

  test('stops at the limit of a body, told or not', async () => {
    const { port } = await serve(echo);
    const piece = 'x'.repeat(400);
    assert.equal((await ask(port, { method: 'PUT' }, ['x'.repeat(1001)])).status, 413);
    assert.equal((await ask(port, { method: 'PUT' }, [piece, piece, piece])).status, 413);
    assert.equal((await ask(port, { method: 'PUT' }, [piece, piece])).status, 200);
  });

  test('drops a body that nobody wants, and goes on with the next request', async () => {
    let asked = 0;
    const { port } = await serve(async () => {
      asked++;
      return { status: 401, headers: {}, body: undefined };
    });
    const socket = connectTcp(port, '127.0.0.1');
    let text = '';
    const { promise, resolve } = Promise.withResolvers<void>();
    socket.on('data', (piece: Buffer) => {
      text += piece.toString();
      if (text.match(/HTTP\/1\.1 401/g)?.length === 2) resolve();
    });
    const body = 'x'.repeat(5 << 20);
    socket.write(`PUT /a HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    socket.write('GET /b HTTP/1.1\r\nHost: x\r\n\r\n');
    await promise;
    assert.equal(asked, 2);
    socket.destroy();
    // Who waits for 100 and gets another answer may send no body at all: then the connection ends.
    const waiting = connectTcp(port, '127.0.0.1');
    let answer = '';
    waiting.on('data', (piece: Buffer) => {
      answer += piece.toString();
    });
    waiting.write(
      'PUT /a HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n',
    );
    await once(waiting, 'close');
    assert.match(answer, /^HTTP\/1\.1 401[\s\S]*\r\nConnection: close\r\n/i);
  });

  test('an answer comes before the connection of a body without end is ended', async () => {
    const { port } = await serve(async () => ({ status: 401, headers: {}, body: undefined }));
    const socket = connectTcp(port, '127.0.0.1');
    socket.on('error', () => {}); // what is still written when it has ended
    const answered = once(socket, 'data');
    socket.write('PUT /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n');
    const chunk = Buffer.concat([Buffer.from('100000\r\n'), Buffer.alloc(1 << 20), crlf]);
    let sent = 0;
    const pump = (): void => {
      if (socket.destroyed) return;
      sent += chunk.length;
      socket.write(chunk, pump);
    };
    const closed = new Promise((resolve) => socket.once('close', resolve));
    pump();
    assert.match(String((await answered)[0]), /^HTTP\/1\.1 401/);
    await closed;
    assert.ok(sent > maxDroppedOctets && sent < 2 * maxDroppedOctets, `${sent} octets`);
  });

  test('W23 compresses text that has no ETag, for who takes it', async () => {
    const text = 'compress me '.repeat(500);
    const { port } = await serve(async ({ target }) => ({
      status: 207,
      headers: {
        'Content-Type': 'application/xml; charset=utf-8',
        Vary: 'Prefer',
        ...(target === '/tag' ? { ETag: '"x"' } : {}),
      },
      body:
        target === '/whole'
          ? Buffer.from(text)
          : (async function* () {
              for (let i = 0; i < text.length; i += 100) yield Buffer.from(text.slice(i, i + 100));
            })(),
    }));
    const headers = { 'accept-encoding': 'br, gzip;q=0.5' };
    for (const path of ['/whole', '/stream']) {
      const answer = await ask(port, { path, headers });
      assert.equal(answer.headers['content-encoding'], 'gzip');
      assert.equal(answer.headers.vary, 'Prefer, Accept-Encoding');
      assert.equal(gunzipSync(answer.octets).toString(), text);
      const plain = await ask(port, { path, headers: { 'accept-encoding': 'gzip;q=0' } });
      assert.equal(plain.octets.toString(), text);
    }
    const tagged = await ask(port, { path: '/tag', headers });
    assert.equal(tagged.headers['content-encoding'], undefined);
    assert.equal(tagged.octets.toString(), text);
  });

  test('HEAD has the headers of GET and no body; a failed handler is a 500', async () => {
    const { port } = await serve(async ({ target }) => {
      if (target === '/fails') throw new Error('no');
      return { status: 200, headers: {}, body: Buffer.from('abc') };
    });
    const head = await ask(port, { method: 'HEAD' });
    assert.deepEqual([head.headers['content-length'], head.octets.length], ['3', 0]);
    assert.equal((await ask(port, { path: '/fails' })).status, 500);
  });

  test('an answer that nobody takes waits, and ends with the client', async () => {
    let made = 0;
    const ended = Promise.withResolvers<void>();
    const { port } = await serve(async () => ({
      status: 200,
      headers: {},
      body: (async function* () {
        try {
          for (;;) {
            made++;
            yield new Uint8Array(65_536);
          }
        } finally {
          ended.resolve();
        }
      })(),
    }));
    const socket = connectTcp(port, '127.0.0.1');
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await new Promise((resolve) => socket.once('readable', resolve));
    let before = -1;
    while (made !== before) {
      before = made;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    assert.ok(made < 1000, `${made} pieces are held`);
    socket.destroy();
    await ended.promise;
  });

  test('one address has so many connections, and the next are closed', async () => {
    const { port, server } = await serve(echo);
    const sockets = Array.from({ length: maxConnectionsPerAddress + 5 }, () =>
      connectTcp(port, '127.0.0.1'),
    );
    let closed = 0;
    const five = Promise.withResolvers<void>();
    for (const socket of sockets)
      socket
        .on('error', () => {})
        .on('close', () => {
          if (++closed === 5) five.resolve();
        });
    await five.promise;
    assert.equal(server.connections, maxConnectionsPerAddress);
    for (const socket of sockets) socket.destroy();
  });

  test('header splitting is a 500 and not a header', async () => {
    const { port } = await serve(async ({ target }) => ({
      status: 200,
      headers: { Location: decodeURIComponent(target) },
      body: undefined,
    }));
    const answer = await ask(port, { path: '/a%0d%0aSet-Cookie:%20x=1' });
    assert.equal(answer.status, 500);
    assert.equal(answer.headers['set-cookie'], undefined);
  });
});

const folder = mkdtempSync(join(tmpdir(), 'riad-http-'));
after(() => rmSync(folder, { recursive: true }));
const missing = spawnSync('openssl', ['version']).status === 0 ? false : 'openssl is not here';

describe('HTTP/2', { skip: missing }, () => {
  test('is spoken over TLS, beside HTTP/1.1', async () => {
    const files = { certificate: join(folder, 'a.crt'), key: join(folder, 'a.key') };
    const made = spawnSync('openssl', [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
      ...['-days', '1', '-subj', '/CN=a', '-out', files.certificate, '-keyout', files.key],
    ]);
    assert.equal(made.status, 0, String(made.stderr));
    const server = new HttpServer({
      report: () => {},
      handle: async (request) => ({
        status: 207,
        headers: { Connection: 'close', 'X-Host': request.headers['host']?.[0] ?? '' },
        body: await request.body(100),
      }),
    });
    servers.push(server);
    const port = await server.listen({ address: '127.0.0.1', port: 0 }, files);
    const session = connect(`https://127.0.0.1:${port}`, { rejectUnauthorized: false });
    const stream = session.request({ ':method': 'REPORT', ':path': '/x' });
    stream.end('hello');
    const headers = await new Promise<Record<string, unknown>>((resolve) =>
      stream.once('response', resolve),
    );
    let text = '';
    for await (const piece of stream) text += String(piece);
    session.close();
    assert.equal(headers[':status'], 207);
    assert.equal(headers['x-host'], `127.0.0.1:${port}`);
    assert.equal(text, 'hello');
    const { request } = await import('node:https');
    const old = await new Promise<number | undefined>((resolve, reject) =>
      request({ host: '127.0.0.1', port, rejectUnauthorized: false }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .once('error', reject)
        .end(),
    );
    assert.equal(old, 207);
  });
});
