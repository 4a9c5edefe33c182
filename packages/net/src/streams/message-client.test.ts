import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { MessageClient, type TlsPeer } from './message-client.ts';
import { framed } from './stream-connection.ts';

const servers: Server[] = [];
const sockets = new Set<Socket>();
after(() => {
  for (const socket of sockets) socket.destroy();
  for (const server of servers) server.close();
});

async function listening(server: Server): Promise<number> {
  servers.push(server);
  server.on('connection', (socket) => void sockets.add(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

const echo = (socket: Socket): void => {
  socket.on('error', () => {});
  socket.pipe(socket);
};

async function collect(client: MessageClient, count: number, messageMs = 5000): Promise<string[]> {
  const got: string[] = [];
  for await (const group of client.messages(messageMs)) {
    for (const message of group) got.push(message.toHex());
    if (got.length >= count) break;
  }
  return got;
}

describe('messages over TCP', { timeout: 60_000 }, () => {
  test('come whole, whatever pieces they travel in', async () => {
    const messages = [new Uint8Array(0), Uint8Array.of(1), new Uint8Array(65_535).fill(7)];
    const stream = Buffer.concat(messages.map(framed));
    for (const pieces of [1, 2, 3, 1000]) {
      const port = await listening(
        createServer((socket) => {
          const size = Math.ceil(stream.length / pieces);
          const next = (at: number): void => {
            if (at >= stream.length) return void socket.end();
            socket.write(stream.subarray(at, at + size), () => setImmediate(next, at + size));
          };
          next(0);
          socket.on('error', () => {});
        }),
      );
      const client = await MessageClient.open({ address: '127.0.0.1', port, tls: undefined });
      const got = await collect(client, 4);
      assert.deepEqual(
        got,
        messages.map((message) => message.toHex()),
        `${pieces} pieces`,
      );
    }
  });

  test('a server that says nothing, or half a message, is not waited for', async () => {
    for (const start of [new Uint8Array(0), Uint8Array.of(0, 9, 1, 2)]) {
      const port = await listening(createServer((socket) => void socket.write(start)));
      const client = await MessageClient.open({ address: '127.0.0.1', port, tls: undefined });
      await assert.rejects(collect(client, 1, 50), { message: 'no message within 0.05 s' });
    }
  });

  test('the time a caller takes is not the server’s', async () => {
    const port = await listening(
      createServer((socket) => void socket.write(Buffer.concat([framed(Uint8Array.of(1))]))),
    );
    const client = await MessageClient.open({ address: '127.0.0.1', port, tls: undefined });
    let groups = 0;
    await assert.rejects(
      async () => {
        for await (const group of client.messages(100)) {
          groups += group.length;
          const end = performance.now() + 150;
          while (performance.now() < end);
        }
      },
      { name: 'StreamFailure' },
    );
    assert.equal(groups, 1);
  });

  test('nobody there; given up before or meanwhile', async () => {
    const server = createServer();
    const port = await listening(server);
    server.close();
    await once(server, 'close');
    const target = { address: '127.0.0.1', port, tls: undefined };
    await assert.rejects(MessageClient.open(target), { name: 'StreamFailure' });
    const aborted = AbortSignal.abort();
    await assert.rejects(MessageClient.open(target, aborted), { message: 'given up' });
  });
});

const missing = spawnSync('openssl', ['version']).status === 0 ? false : 'openssl is not here';

describe('messages over TLS (RFC 9103 §7)', { skip: missing, timeout: 60_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'riad-client-tls-'));
  after(() => rmSync(folder, { recursive: true }));
  const make = (name: string, san: string): { cert: string; key: string; pin: string } => {
    const cert = join(folder, `${name}.crt`);
    const key = join(folder, `${name}.key`);
    const made = spawnSync('openssl', [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
      ...['-days', '1', '-subj', `/CN=${name}`, '-addext', `subjectAltName=${san}`],
      ...['-out', cert, '-keyout', key],
    ]);
    assert.equal(made.status, 0, String(made.stderr));
    const text = readFileSync(cert, 'utf8');
    const spki = new X509Certificate(text).publicKey.export({ type: 'spki', format: 'der' });
    const pin = createHash('sha256').update(spki).digest('base64');
    return { cert: text, key: readFileSync(key, 'utf8'), pin };
  };
  const named = missing ? undefined : make('ns.example', 'DNS:ns.example');
  const addressed = missing ? undefined : make('address', 'IP:127.0.0.1');
  const peer = (changes: Partial<TlsPeer>): TlsPeer => ({
    name: undefined,
    authorities: undefined,
    pins: [],
    own: undefined,
    ...changes,
  });

  async function ask(server: TlsOptions, tls: TlsPeer): Promise<string> {
    const port = await listening(createTlsServer({ ALPNProtocols: ['dot'], ...server }, echo));
    try {
      const client = await MessageClient.open({ address: '127.0.0.1', port, tls });
      client.send(Uint8Array.of(5));
      const [answer = ''] = await collect(client, 1);
      return answer;
    } catch (error) {
      assert.equal((error as Error).name, 'StreamFailure');
      return (error as Error).message;
    }
  }

  for (const [why, tls, expected] of [
    ['authority and name', { authorities: named?.cert, name: 'ns.example' }, '05'],
    ['authority and another name', { authorities: named?.cert, name: 'other.example' }, /altnames/],
    ['authority, and a name where the address has to be', { authorities: named?.cert }, /altnames/],
    ['another authority', { authorities: addressed?.cert, name: 'ns.example' }, /certificate/],
    ['no authority that anybody knows', { name: 'ns.example' }, /self-signed/],
    ['the pinned key', { pins: ['x', named?.pin ?? ''] }, '05'],
    ['another pinned key', { pins: [addressed?.pin ?? ''] }, /another key than the pinned/],
    [
      'the pinned key of another name',
      { pins: [named?.pin ?? ''], name: 'o.example' },
      /self-signed/,
    ],
  ] as const) {
    test(why, async () => {
      const answer = await ask(
        { cert: named!.cert, key: named!.key },
        peer(tls as Partial<TlsPeer>),
      );
      if (typeof expected === 'string') assert.equal(answer, expected);
      else assert.match(answer, expected);
    });
  }

  test('the address’s own certificate', async () => {
    const { cert, key } = addressed!;
    assert.equal(await ask({ cert, key }, peer({ authorities: cert })), '05');
  });

  test('neither TLS 1.2, nor a server of something else', async () => {
    const { cert, key, pin } = named!;
    const tls = peer({ pins: [pin] });
    assert.match(await ask({ cert, key, maxVersion: 'TLSv1.2' }, tls), /version|alert/);
    const port = await listening(createTlsServer({ cert, key }, echo));
    await assert.rejects(MessageClient.open({ address: '127.0.0.1', port, tls }), /ALPN dot/);
  });

  test('our own certificate is shown where it is asked for', async () => {
    const { cert, key, pin } = named!;
    const own = { certificate: addressed!.cert, key: addressed!.key };
    const server = { cert, key, requestCert: true, ca: addressed!.cert, rejectUnauthorized: true };
    assert.equal(await ask(server, peer({ pins: [pin], own })), '05');
    assert.notEqual(await ask(server, peer({ pins: [pin] })), '05');
  });
});
