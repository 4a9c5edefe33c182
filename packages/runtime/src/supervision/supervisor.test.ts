import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { setTimeout as pass } from 'node:timers/promises';
import { ffiMissing } from '@riad/net/ffi/libc';
import type { Configuration } from '../configuration/configuration.ts';
import { parseListen } from '../configuration/listen.ts';
import { askService } from '../control/control-client.ts';
import { type Log, silentLog } from '../logging/log.ts';
import { confinementMissing } from '../privileges/confinement.ts';
import { type Supervisor, stopGraceMs, supervise } from './supervisor.ts';

const folder = mkdtempSync(join(tmpdir(), 'riad-supervisor-'));
after(() => rmSync(folder, { recursive: true }));

function house(name: string, ...urls: string[]): Configuration {
  const listen = urls.map((url) => {
    const entry = parseListen(url);
    if (typeof entry === 'string') throw new TypeError(entry);
    return entry;
  });
  const directory = join(folder, name);
  return {
    file: 'riad.yaml',
    directory,
    stateDirectory: join(directory, 'state'),
    log: 'warn',
    services: [
      {
        name: 'echo',
        type: 'echo',
        title: 'an echo',
        module: import.meta.resolve('./testing/echo-service.ts'),
        listen,
        protocols: ['udp', 'tcp'],
        udpShards: 1,
        stateDirectory: join(directory, 'state', 'echo'),
        accounts: false,
        user: undefined,
        tls: undefined,
        log: 'error',
        config: { greeting: 'hello' },
        paths: { read: [], write: [] },
      },
    ],
  };
}

/** Asks until somebody answers: between two processes of a service datagrams wait in the socket. */
async function ask(supervisor: Supervisor, text: string): Promise<string> {
  const listener = supervisor.listeners.get('echo')?.find(({ protocol }) => protocol === 'udp');
  assert.ok(listener);
  const client = createSocket(listener.address === '::1' ? 'udp6' : 'udp4');
  client.send(text, listener.port, listener.address);
  const [octets] = (await once(client, 'message')) as [Uint8Array];
  client.close();
  return Buffer.from(octets).toString();
}

describe('supervise', { skip: ffiMissing() ?? false, timeout: 30_000 }, () => {
  test('a service answers, dies, and answers again on the same socket', async () => {
    const configuration = house('restart', 'udp+tcp://127.0.0.1:0', 'udp+tcp://[::1]:0');
    const supervisor = supervise(configuration, silentLog);
    await supervisor.ready;
    assert.equal(await ask(supervisor, 'first'), 'first');

    const control = join(configuration.stateDirectory, 'run', 'echo.sock');
    const before = (await askService(control, 'GET', '/status'))?.body as { pid: number };
    process.kill(before.pid, 'SIGKILL');
    // Sent while nobody is there, answered by who comes next.
    assert.equal(await ask(supervisor, 'second'), 'second');
    const later = (await askService(control, 'GET', '/status'))?.body as { pid: number };
    assert.notEqual(later.pid, before.pid);

    const listeners = supervisor.listeners.get('echo') ?? [];
    assert.deepEqual(
      listeners.map(({ protocol, address }) => `${protocol} ${address}`),
      ['tcp 127.0.0.1', 'udp 127.0.0.1', 'tcp ::1', 'udp ::1'],
    );
    const [tcp, udp] = listeners;
    assert.equal(tcp?.port, udp?.port);
    const client = connect(tcp?.port ?? 0, '127.0.0.1');
    client.end('over TCP');
    const [octets] = (await once(client, 'data')) as [Uint8Array];
    assert.equal(String(octets), 'over TCP');

    const started = performance.now();
    await supervisor.stop();
    assert.ok(performance.now() - started < stopGraceMs);
    assert.throws(() => process.kill(later.pid, 0), { code: 'ESRCH' });
    assert.throws(() => statSync(control), { code: 'ENOENT' });
  });

  test('status, health, metrics and commands on the unix socket; no commands over http', async () => {
    const configuration = house('control', 'http://127.0.0.1:0');
    const supervisor = supervise(configuration, silentLog);
    await supervisor.ready;
    const control = join(configuration.stateDirectory, 'run', 'echo.sock');
    assert.equal(statSync(control).mode & 0o777, 0o600);
    assert.deepEqual(await askService(control, 'GET', '/health'), {
      status: 200,
      body: { healthy: true },
    });
    const input = { any: ['json', 1] };
    assert.deepEqual(await askService(control, 'POST', '/commands/echo', input), {
      status: 200,
      body: input,
    });
    assert.equal((await askService(control, 'POST', '/commands/toString'))?.status, 404);
    assert.equal((await askService(control, 'POST', '/commands/read', '/absent'))?.status, 422);
    const metrics = await askService(control, 'GET', '/metrics');
    assert.match(String(metrics?.body), /^riad_echo_commands_total 1$/m);
    assert.match(String(metrics?.body), /^process_resident_memory_bytes /m);

    const [web] = supervisor.listeners.get('echo') ?? [];
    const at = `http://127.0.0.1:${web?.port}`;
    assert.deepEqual(await (await fetch(`${at}/health`)).json(), { healthy: true });
    assert.equal((await fetch(`${at}/metrics`)).status, 200);
    assert.equal((await fetch(`${at}/status`)).status, 404);
    assert.equal((await fetch(`${at}/commands/echo`, { method: 'POST' })).status, 404);
    await supervisor.stop();
  });

  test('a service sees its own state and the system, nothing else', {
    skip: confinementMissing() ?? false,
  }, async () => {
    const configuration = house('confined');
    const supervisor = supervise(configuration, silentLog);
    await supervisor.ready;
    const { stateDirectory } = configuration;
    assert.equal(readFileSync(join(stateDirectory, 'echo', 'written'), 'utf8'), 'by the service');
    const secret = join(stateDirectory, 'secret-of-another');
    writeFileSync(secret, 'x');
    const answer = await askService(
      join(stateDirectory, 'run', 'echo.sock'),
      'POST',
      '/commands/read',
      secret,
    );
    assert.deepEqual(answer, { status: 422, body: { error: 'EACCES' } });
    await supervisor.stop();
  });

  test('a new configuration restarts what changed and leaves the rest', async () => {
    const configuration = house('apply', 'udp://127.0.0.1:0');
    const supervisor = supervise(configuration, silentLog);
    await supervisor.ready;
    const control = join(configuration.stateDirectory, 'run', 'echo.sock');
    const status = async () =>
      (await askService(control, 'GET', '/status'))?.body as { pid: number; config: object };
    const { pid } = await status();
    await supervisor.apply(configuration);
    assert.equal((await status()).pid, pid);
    const [service] = configuration.services;
    assert.ok(service);
    await supervisor.apply({
      ...configuration,
      services: [{ ...service, config: { greeting: 'good evening' } }],
    });
    assert.equal(await ask(supervisor, 'there?'), 'there?');
    assert.deepEqual((await status()).config, { greeting: 'good evening' });
    await supervisor.apply({ ...configuration, services: [] });
    assert.equal(await askService(control, 'GET', '/status'), undefined);
    await supervisor.stop();
  });

  test('a service that is still starting is stopped in time, not killed', async () => {
    const configuration = house('starting');
    const [service] = configuration.services;
    assert.ok(service);
    const said: string[] = [];
    const log: Log = { ...silentLog, error: (event) => void said.push(event), with: () => log };
    const supervisor = supervise(
      { ...configuration, services: [{ ...service, config: { never: true } }] },
      log,
    );
    const written = join(service.stateDirectory, 'written');
    while (!existsSync(written)) await pass(2);
    await supervisor.stop();
    assert.deepEqual(said, []);
  });

  test('a port that is taken is said before anything starts', async () => {
    const first = supervise(house('first', 'tcp://127.0.0.1:0'), silentLog);
    const [taken] = first.listeners.get('echo') ?? [];
    const url = `tcp://127.0.0.1:${taken?.port}`;
    assert.throws(() => supervise(house('second', url), silentLog), { code: 'EADDRINUSE' });
    await first.ready;
    await first.stop();
  });
});
