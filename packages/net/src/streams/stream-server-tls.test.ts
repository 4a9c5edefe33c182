import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { type StreamOptions, StreamServer } from './stream-server.ts';
import { openClient, openTlsClient, type StreamClient, until } from './testing/stream-client.ts';
import { WatchedContext } from './watched-context.ts';

const folder = mkdtempSync(join(tmpdir(), 'riad-tls-'));
after(() => rmSync(folder, { recursive: true }));
const missing = spawnSync('openssl', ['version']).status === 0 ? false : 'openssl is not here';

function makePair(name: string): { certificate: string; key: string } {
  const files = { certificate: join(folder, `${name}.crt`), key: join(folder, `${name}.key`) };
  const made = spawnSync('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
    ...['-days', '1', '-subj', `/CN=${name}`, '-out', files.certificate, '-keyout', files.key],
  ]);
  assert.equal(made.status, 0, String(made.stderr));
  return files;
}

/** A copy under another name, so that it can be replaced. */
function place(pair: { certificate: string; key: string }, name: string): typeof pair {
  const files = { certificate: join(folder, `${name}.crt`), key: join(folder, `${name}.key`) };
  copyFileSync(pair.certificate, files.certificate);
  copyFileSync(pair.key, files.key);
  return files;
}

const question = new Uint8Array(20).fill(5);
const nameOf = (client: StreamClient): string | undefined =>
  String((client.socket as TLSSocket).getPeerCertificate().subject.CN);

describe('messages over TLS', { skip: missing, timeout: 60_000 }, () => {
  const pair = missing ? { certificate: '', key: '' } : makePair('first.example');
  const another = missing ? pair : makePair('second.example');
  const reports: string[] = [];
  const servers: StreamServer[] = [];
  after(async () => void (await Promise.all(servers.map((server) => server.stop()))));

  async function serve(
    files: typeof pair,
    options: Partial<StreamOptions> = {},
  ): Promise<{ server: StreamServer; port: number }> {
    const server = new StreamServer({
      maxClients: 100,
      maxClientsPerAddress: 100,
      idleTimeoutMs: 30_000,
      answer: (message, client) => (client.tls ? message : undefined),
      report: (event) => void reports.push(event),
      ...options,
    });
    servers.push(server);
    const { port } = await server.listen({ address: '127.0.0.1', port: 0 }, files);
    return { server, port };
  }

  test('versions, protocols and sessions', async () => {
    const { port, server } = await serve(pair);
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      const client = await openTlsClient(port, { minVersion: version, maxVersion: version });
      assert.deepEqual(await client.ask(question), question);
      assert.equal((client.socket as TLSSocket).getProtocol(), version);
      await client.close();
    }
    const dot = await openTlsClient(port, { ALPNProtocols: ['dot'] });
    assert.equal((dot.socket as TLSSocket).alpnProtocol, 'dot');
    const session = new Promise<Buffer>((resolve) => dot.socket.once('session', resolve));
    await dot.ask(question);
    const again = await openTlsClient(port, { session: await session });
    assert.ok((again.socket as TLSSocket).isSessionReused());
    assert.deepEqual(await again.ask(question), question);
    await Promise.all([dot.close(), again.close()]);

    await until(() => server.counts.active === 0, 'all gone');
    const before = server.counts.tlsErrors;
    await assert.rejects(openTlsClient(port, { ALPNProtocols: ['h2'] }));
    await assert.rejects(openTlsClient(port, { minVersion: 'TLSv1', maxVersion: 'TLSv1.1' }));
    const stranger = await openClient(port);
    stranger.socket.write('GET / HTTP/1.1\r\n\r\n');
    await stranger.untilClosed();
    await until(() => server.counts.tlsErrors === before + 3, 'three failed handshakes');
    assert.equal(server.counts.active, 0);
  });

  test('half-close: the answers, then the end', async () => {
    const { port } = await serve(pair);
    const client = await openTlsClient(port, {});
    const one = Buffer.concat([Uint8Array.of(0, question.length), question]);
    client.socket.end(Buffer.concat(Array.from({ length: 600 }, () => one)));
    await client.received(600);
    await client.untilClosed();
  });

  test('handshakes that do not go on count and are cut like connections', async () => {
    const { port, server } = await serve(pair, { maxClientsPerAddress: 2, idleTimeoutMs: 150 });
    const silent = [await openClient(port), await openClient(port)];
    await until(() => server.counts.active === 2, 'two handshakes');
    const third = await openClient(port);
    await third.untilClosed();
    assert.equal(server.counts.refusedPerAddress, 1);
    await Promise.all(silent.map((client) => client.untilClosed()));
    assert.equal(server.counts.idleClosed, 2);
    const client = await openTlsClient(port, {});
    assert.deepEqual(await client.ask(question), question);
    await client.close();
  });

  test('a new certificate is used for new connections, a broken one is not', async () => {
    const files = place(pair, 'served');
    const { port, server } = await serve(files);
    const kept = await openTlsClient(port, {});
    assert.equal(nameOf(kept), 'first.example');
    // The certificate alone: it does not belong to the key.
    copyFileSync(another.certificate, files.certificate);
    server.lookAtCertificates();
    server.lookAtCertificates();
    assert.deepEqual(reports, ['certificate not reloaded'], 'said once');
    const meanwhile = await openTlsClient(port, {});
    assert.equal(nameOf(meanwhile), 'first.example');
    copyFileSync(another.key, files.key);
    server.lookAtCertificates();
    const fresh = await openTlsClient(port, {});
    assert.equal(nameOf(fresh), 'second.example');
    writeFileSync(files.certificate, 'no certificate');
    server.lookAtCertificates();
    rmSync(files.key);
    server.lookAtCertificates();
    assert.equal(reports.length, 3);
    const last = await openTlsClient(port, {});
    assert.equal(nameOf(last), 'second.example');
    for (const client of [kept, meanwhile, fresh, last]) {
      assert.deepEqual(await client.ask(question), question);
      await client.close();
    }
  });

  test('files that are no pair at the start are an error', () => {
    const mixed = { certificate: pair.certificate, key: another.key };
    assert.throws(() => new WatchedContext(mixed, () => {}));
    assert.throws(() => new WatchedContext({ ...pair, key: join(folder, 'none') }, () => {}), {
      code: 'ENOENT',
    });
  });
});
