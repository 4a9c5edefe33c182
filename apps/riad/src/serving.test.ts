/** The commands against processes that run as users run them. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, describe, test } from 'node:test';
import { freePort } from '@riad/net/testing/free-port';
import { confinementMissing } from '@riad/runtime/privileges/confinement';
import { stopGraceMs } from '@riad/runtime/supervision/supervisor';

const main = join(import.meta.dirname, '..', 'riad.mjs');
const folder = mkdtempSync(join(tmpdir(), 'riad-serving-'));
chmodSync(folder, 0o755); // a service that is nobody's must get to its zones
after(() => rmSync(folder, { recursive: true }));
const deadlineMs = 30_000;
/** As in `riad up`: nothing of the tests' own environment. */
const env = { PATH: String(process.env['PATH']) };

type Ended = { status: number | null; stdout: string; stderr: string };

function start(cwd: string, args: readonly string[], more: Record<string, string> = {}) {
  const child = spawn(process.execPath, [main, ...args], { cwd, env: { ...env, ...more } });
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => {
    output.stdout += String(chunk);
  });
  child.stderr.on('data', (chunk) => {
    output.stderr += String(chunk);
  });
  return { child, output };
}

async function riad(cwd: string, ...args: string[]): Promise<Ended> {
  const { child, output } = start(cwd, args);
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, ...output };
}

let running: ChildProcess | undefined;
afterEach(async () => {
  if (running === undefined || running.exitCode !== null) return;
  const closed = once(running, 'close');
  running.kill('SIGTERM');
  await closed;
});

/** `riad up` or `riad run`; resolves when `met` holds. */
async function up(
  cwd: string,
  args: readonly string[],
  met: (stdout: string) => boolean | Promise<boolean>,
  more: Record<string, string> = {},
): Promise<ChildProcess> {
  const { child, output } = start(cwd, args, more);
  running = child;
  await until(
    async () => {
      assert.equal(child.exitCode, null, output.stderr);
      return met(output.stdout);
    },
    () => `${output.stdout}\n${output.stderr}`,
  );
  return child;
}

async function until(met: () => boolean | Promise<boolean>, what: () => string): Promise<void> {
  const end = performance.now() + deadlineMs;
  while (!(await met())) {
    if (performance.now() > end) throw new Error(`in vain: ${what()}`);
    await new Promise((resume) => setTimeout(resume, 50));
  }
}

/** Ends it as a system does; how long that took, in milliseconds, and with which status. */
async function terminate(child: ChildProcess): Promise<{ tookMs: number; status: number | null }> {
  const closed = once(child, 'close') as Promise<[number | null]>;
  const started = performance.now();
  child.kill('SIGTERM');
  const [status] = await closed;
  return { tookMs: performance.now() - started, status };
}

const children = (pid: number): number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number);

const zone = (serial: number, address: string, hosts: number = 0): string => `$TTL 60
@ SOA ns hostmaster ${serial} 3600 900 2419200 300
  NS ns
  NS ns.elsewhere.example.
ns A 192.0.2.1
www A ${address}
${Array.from({ length: hosts }, (_, i) => `host${i} A 192.0.2.${i}\n`).join('')}`;

describe('riad up', { timeout: 120_000 }, () => {
  test('the demonstration answers over UDP and TCP, follows an edit, and ends when told', async () => {
    const cwd = join(folder, 'demonstration');
    mkdirSync(cwd);
    let port = '';
    const child = await up(cwd, ['up', '--port', '0'], (stdout) => {
      port = /127\.0\.0\.1 port ([1-9]\d*)/.exec(stdout)?.[1] ?? '';
      return port !== '';
    });
    const pid = child.pid!;
    const at = ['@127.0.0.1', '--port', port];
    for (const [more, transport] of [
      [[], 'UDP'],
      [['--tcp'], 'TCP'],
      [['--dnssec', '--nsid'], 'UDP'],
    ] as const) {
      const { status, stdout, stderr } = await riad(
        cwd,
        'query',
        ...at,
        'www.riad.example',
        ...more,
      );
      assert.equal(status, 0, stderr);
      assert.match(stdout, /^www\.riad\.example\.\t3600\tIN\tA\t192\.0\.2\.80$/m);
      assert.match(stderr, new RegExp(`\\(${transport}\\)`));
    }
    const json = await riad(cwd, 'query', ...at, 'nobody.riad.example', 'TXT', '--json');
    const message = JSON.parse(json.stdout) as {
      RCODE: number;
      authorityRRs: { TYPEname: string }[];
    };
    assert.equal(message.RCODE, 3);
    assert.deepEqual(
      message.authorityRRs.map(({ TYPEname }) => TYPEname),
      ['SOA'],
    );
    const file = join(cwd, 'state', 'zones', 'riad.example');
    const text = readFileSync(file, 'utf8');
    writeFileSync(
      file,
      text.replace('hostmaster 1 ', 'hostmaster 2 ').replace('192.0.2.80', '192.0.2.81'),
    );
    await until(
      async () =>
        (await riad(cwd, 'query', ...at, 'www.riad.example')).stdout.includes('192.0.2.81'),
      () => 'the edit',
    );
    const status = await riad(cwd, 'zone', 'status', 'riad.example', '--json');
    assert.equal((JSON.parse(status.stdout) as { serial: number }).serial, 2);

    const [service] = children(pid);
    const { tookMs, status: ended } = await terminate(child);
    assert.equal(ended, 0);
    assert.ok(tookMs < stopGraceMs + 500, `${tookMs} ms`);
    assert.ok(!existsSync(`/proc/${service}`), 'the service has ended');
    const silent = await riad(cwd, 'query', ...at, 'www.riad.example', '--timeout', '0.5');
    assert.equal(silent.status, 1);
  });
});

describe('without native calls', { timeout: 60_000 }, () => {
  test('datagrams and streams are answered all the same', async () => {
    const cwd = join(folder, 'portable');
    mkdirSync(cwd);
    const port = String(await freePort());
    const at = ['query', '@127.0.0.1', '--port', port, 'www.riad.example', '--timeout', '1'];
    const child = await up(
      cwd,
      ['up', '--port', port],
      async () => (await riad(cwd, ...at)).stdout.includes('192.0.2.80'),
      { RIAD_FFI: 'off' },
    );
    assert.match((await riad(cwd, ...at, '--tcp')).stdout, /192\.0\.2\.80/);
    const status = await riad(cwd, 'zone', 'status', '--json');
    assert.match(status.stdout, /"state":"served"/);
    const { tookMs, status: ended } = await terminate(child);
    assert.equal(ended, 0);
    assert.ok(tookMs < stopGraceMs + 500, `${tookMs} ms`);
  });
});

describe('riad with a file', { timeout: 180_000 }, () => {
  test('zones are held, confirmed, missed and removed; check and health say what is wrong', async () => {
    const cwd = join(folder, 'file');
    mkdirSync(join(cwd, 'zones'), { recursive: true });
    const [port, web] = [await freePort(), await freePort()];
    writeFileSync(
      join(cwd, 'riad.yaml'),
      `services:
  names:
    type: dns-primary
    listen: ["udp+tcp://127.0.0.1:${port}", "http://127.0.0.1:${web}"]
    zones: { folder: ./zones }
    workers: 2
    log: error
`,
    );
    const write = (name: string, text: string): void =>
      writeFileSync(join(cwd, 'zones', name), text);
    write('large.example', zone(1, '192.0.2.10', 100));
    write('bad.example', zone(1, '192.0.2.11'));
    assert.equal((await riad(cwd, 'check')).status, 0, 'before anything runs');
    const child = await up(
      cwd,
      ['up'],
      async () => (await riad(cwd, 'zone', 'status', 'large.example')).status === 0,
    );
    const state = async (name: string): Promise<{ state: string; trouble?: string }> => {
      const { stdout } = await riad(cwd, 'zone', 'status', name, '--json');
      return JSON.parse(stdout === '' ? '{}' : stdout) as { state: string; trouble?: string };
    };
    const untilTrouble = (name: string, trouble: string | undefined): Promise<void> =>
      until(
        async () => (await state(name)).trouble === trouble,
        () => `${name} ${trouble}`,
      );
    const health = `http://127.0.0.1:${web}/health`;
    await untilTrouble('bad.example', undefined);
    assert.equal((await fetch(health)).status, 200);

    write('large.example', zone(2, '192.0.2.20'));
    write('bad.example', `${zone(2, '192.0.2.21')}www A 192.0.2.300\n`);
    await untilTrouble('large.example', 'held');
    await untilTrouble('bad.example', 'refused');
    assert.equal((await fetch(health)).status, 503);
    const metrics = await (await fetch(`http://127.0.0.1:${web}/metrics`)).text();
    assert.match(metrics, /^riad_dns_zones\{state="serving-last-good"\} 2$/m);
    const check = await riad(cwd, 'check');
    assert.equal(check.status, 1);
    assert.match(check.stdout, /bad\.example:7:7: /);
    assert.match(check.stdout, /large\.example.* held/);
    assert.equal((await riad(cwd, 'zone', 'confirm', 'bad.example')).status, 1);
    const confirmed = await riad(cwd, 'zone', 'confirm', 'large.example', '--json');
    assert.equal(confirmed.status, 0, confirmed.stderr);
    assert.equal((JSON.parse(confirmed.stdout) as { serial: number }).serial, 2);

    assert.equal((await riad(cwd, 'zone', 'remove', 'bad.example')).status, 1, 'the file is there');
    rmSync(join(cwd, 'zones', 'bad.example'));
    await untilTrouble('bad.example', 'missing');
    const at = ['@127.0.0.1', '--port', String(port)];
    assert.match((await riad(cwd, 'query', ...at, 'www.bad.example')).stdout, /192\.0\.2\.11/);
    assert.equal((await riad(cwd, 'zone', 'remove', 'bad.example')).status, 0);
    assert.match((await riad(cwd, 'query', ...at, 'www.bad.example')).stdout, /REFUSED/);

    // Killed while it serves: the supervisor starts it again on the same socket.
    const [service] = children(child.pid!);
    process.kill(service!, 'SIGKILL');
    await until(
      async () =>
        (await riad(cwd, 'query', ...at, 'www.large.example')).stdout.includes('192.0.2.20'),
      () => 'served again',
    );
    const { status } = await terminate(child);
    assert.equal(status, 0);
  });

  const openssl = spawnSync('openssl', ['version']).status === 0 ? false : 'openssl is not here';
  test('riad run, and queries over TLS', { skip: openssl }, async () => {
    const cwd = join(folder, 'tls');
    mkdirSync(join(cwd, 'zones'), { recursive: true });
    const made = spawnSync(
      'openssl',
      [
        ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
        ...['-days', '1', '-subj', '/CN=ns.example', '-addext', 'subjectAltName=DNS:ns.example'],
        ...['-out', 'cert.pem', '-keyout', 'key.pem'],
      ],
      { cwd },
    );
    assert.equal(made.status, 0, String(made.stderr));
    const port = await freePort();
    writeFileSync(
      join(cwd, 'riad.yaml'),
      `services:
  names:
    type: dns-primary
    listen: ["tls://127.0.0.1:${port}"]
    zones: { folder: ./zones }
    tls: { certificate: cert.pem, key: key.pem }
    identity: ns-1
`,
    );
    writeFileSync(join(cwd, 'zones', 'example.com'), zone(1, '192.0.2.10'));
    const at = ['query', '@127.0.0.1', '--port', String(port), '--tls', 'www.example.com'];
    const child = await up(cwd, ['run', 'names'], async () =>
      (await riad(cwd, ...at)).stdout.includes('192.0.2.10'),
    );
    const { stdout, stderr } = await riad(cwd, ...at, '--nsid', '--json');
    assert.match(stdout, /"rdataA":"192\.0\.2\.10"/);
    assert.equal(stderr, '');
    assert.match((await riad(cwd, ...at)).stderr, /\(TLS\)/);
    // Nobody vouches for the certificate, unless it is known.
    const stranger = await riad(cwd, ...at, '--tls-name', 'ns.example');
    assert.equal(stranger.status, 1);
    assert.match(stranger.stderr, /self-signed/);
    for (const [name, expected] of [
      ['ns.example', 0],
      ['other.example', 1],
    ] as const) {
      const known = start(cwd, [...at, '--tls-name', name], {
        NODE_EXTRA_CA_CERTS: join(cwd, 'cert.pem'),
      });
      assert.deepEqual(await once(known.child, 'close'), [expected, null], known.output.stderr);
    }
    const { tookMs, status } = await terminate(child);
    assert.equal(status, 0);
    assert.ok(tookMs < stopGraceMs + 500, `${tookMs} ms`);
  });

  const unconfined =
    process.getuid?.() === 0 ? (confinementMissing() ?? false) : 'only root gives up its rights';
  test('the service is nobody, gains no privileges and sees only its files', {
    skip: unconfined,
  }, async () => {
    const cwd = join(folder, 'confined');
    mkdirSync(join(cwd, 'zones'), { recursive: true });
    mkdirSync(join(cwd, 'outside'));
    const port = await freePort();
    writeFileSync(
      join(cwd, 'riad.yaml'),
      `user: nobody
services:
  names:
    type: dns-primary
    listen: ["udp+tcp://127.0.0.1:${port}"]
    zones: { folder: ./zones }
    log: error
`,
    );
    writeFileSync(join(cwd, 'zones', 'example.com'), zone(1, '192.0.2.10'));
    // Anybody may read it, says its mode; a service confined to its own files may not.
    writeFileSync(join(cwd, 'outside', 'secret'), zone(1, '192.0.2.66'));
    symlinkSync(join(cwd, 'outside', 'secret'), join(cwd, 'zones', 'outside.example'));
    const child = await up(
      cwd,
      ['up'],
      async () => (await riad(cwd, 'zone', 'status', 'example.com')).status === 0,
    );
    const [service] = children(child.pid!);
    const status = readFileSync(`/proc/${service}/status`, 'utf8');
    assert.match(status, /^Uid:\t(\d+)\t\1\t\1\t\1$/m);
    assert.doesNotMatch(status, /^Uid:\t0\t/m);
    assert.doesNotMatch(status, /^Gid:\t0\t/m);
    assert.match(status, /^Groups:\t\d+ ?$/m);
    assert.match(status, /^NoNewPrivs:\t1$/m);
    assert.match(status, /^CapEff:\t0+$/m);
    let seen = '';
    await until(
      async () => {
        seen = (await riad(cwd, 'zone', 'status', 'outside.example', '--json')).stdout;
        return seen.includes('refused');
      },
      () => seen,
    );
    assert.match(seen, /EACCES/);
    const at = ['@127.0.0.1', '--port', String(port)];
    assert.match((await riad(cwd, 'query', ...at, 'www.example.com')).stdout, /192\.0\.2\.10/);
    assert.match((await riad(cwd, 'query', ...at, 'www.outside.example')).stdout, /REFUSED/);
    assert.equal((await terminate(child)).status, 0);
  });
});
