import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { decodeMessage, type Message } from '@riad/dns/message';
import { encodeMessage } from '@riad/dns/message-writer';

const main = join(import.meta.dirname, 'main.ts');
const folder = mkdtempSync(join(tmpdir(), 'riad-command-'));
after(() => rmSync(folder, { recursive: true }));

type Ended = { status: number | null; stdout: string; stderr: string };

async function riad(...args: string[]): Promise<Ended> {
  const child = spawn(process.execPath, [main, ...args], {
    cwd: folder,
    env: { PATH: '/usr/bin' },
  });
  const output = { stdout: '', stderr: '' };
  gather(child, output);
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, ...output };
}

function gather(child: ChildProcess, output: { stdout: string; stderr: string }): void {
  child.stdout?.on('data', (chunk) => {
    output.stdout += String(chunk);
  });
  child.stderr?.on('data', (chunk) => {
    output.stderr += String(chunk);
  });
}

const goodZone = `$TTL 3600
@ SOA ns hostmaster 1 3600 900 2419200 300
  NS ns
ns A 192.0.2.1 ; the only one
`;

describe('riad', { timeout: 60_000 }, () => {
  test('every command has help', async () => {
    for (const args of [
      [],
      ['up'],
      ['run'],
      ['check'],
      ['zone'],
      ['zone', 'check'],
      ['zone', 'diff'],
      ['zone', 'why'],
      ['zone', 'hooks'],
      ['zone', 'hooks', 'install'],
      ['key'],
      ['key', 'rotate'],
      ['query'],
      ['transfer'],
      ['notify'],
      ['update'],
      ['update', 'address'],
    ]) {
      const { status, stdout } = await riad(...args, '--help');
      assert.equal(status, 0);
      assert.match(stdout, /^Usage: riad/);
    }
  });

  test('what it does not know goes to standard error with a status of 1', async () => {
    for (const args of [['dance'], ['up', '--port', 'x'], ['check'], ['run', 'names'], ['query']]) {
      const { status, stdout, stderr } = await riad(...args);
      assert.equal(status, 1, args.join(' '));
      assert.equal(stdout, '');
      assert.notEqual(stderr, '');
      assert.doesNotMatch(stderr, /\n {4}at /, 'a sentence, not a stack');
    }
  });

  test('zone check tells file, line and column, and is good about a good zone', async () => {
    const second = '@ NS ns.elsewhere.example.\n';
    writeFileSync(join(folder, 'good.example'), `${goodZone}${second}`);
    writeFileSync(join(folder, 'odd.example'), `${goodZone}${second}@ MX 10 nobody\n`);
    writeFileSync(join(folder, 'bad.example'), `${goodZone}www AAAAA 192.0.2.2\n`);
    assert.deepEqual(await riad('zone', 'check', 'good.example'), {
      status: 0,
      stdout: 'good.example: good\n',
      stderr: '',
    });
    const odd = await riad('zone', 'check', 'odd.example');
    assert.equal(odd.status, 0);
    assert.match(odd.stdout, /^odd\.example:6:1: warning: MX of .* does not exist$/m);
    const bad = await riad('zone', 'check', 'good.example', 'bad.example');
    assert.equal(bad.status, 1);
    assert.match(bad.stdout, /^bad\.example:5:5: \S/m);
    const json = await riad('zone', 'check', '--json', 'bad.example');
    assert.equal(json.status, 1);
    assert.equal((JSON.parse(json.stdout) as { good: boolean }[])[0]?.good, false);
  });

  test('zone format prints a zone that reads the same', async () => {
    const file = join(folder, 'format.example');
    writeFileSync(file, goodZone);
    const once = await riad('zone', 'format', 'format.example');
    assert.equal(once.status, 0, once.stderr);
    writeFileSync(file, once.stdout);
    assert.equal((await riad('zone', 'format', 'format.example')).stdout, once.stdout);
  });

  test('zone status without a server says so', async () => {
    const { status, stderr } = await riad('zone', 'status');
    assert.equal(status, 1);
    assert.match(stderr, /not running/);
  });

  test('check names line and column of what is wrong in riad.yaml', async () => {
    const file = join(folder, 'wrong.yaml');
    writeFileSync(file, 'services:\n  names: { type: dns-primary, zones: 3, foldre: x }\n');
    const { status, stderr } = await riad('check', '--config', file);
    assert.equal(status, 1);
    assert.match(stderr, /wrong\.yaml:2:31: zones: /);
    assert.match(stderr, /wrong\.yaml:2:41: unknown key "foldre"/);
  });
});

/** A server that truncates over UDP, so that both ways are taken; told apart by the TTL. */
async function fakeServer(): Promise<{ port: number; close(): void; asked: Message[] }> {
  const asked: Message[] = [];
  const answer = (octets: Uint8Array, tc: boolean): Uint8Array => {
    const query = decodeMessage(octets);
    assert.ok(query.ok);
    asked.push(query.value);
    const [question] = query.value.questions;
    assert.ok(question);
    const record = {
      owner: question.name,
      type: 1,
      class: 1,
      ttlSeconds: 300,
      rdata: Uint8Array.of(192, 0, 2, 80),
    };
    return encodeMessage({
      ...query.value,
      flags: { ...query.value.flags, qr: true, aa: true, tc },
      answers: tc ? [] : [record],
    });
  };
  const server = createServer((socket) => {
    socket.once('data', (chunk: Uint8Array) => {
      const octets = answer(chunk.subarray(2), false);
      socket.end(Uint8Array.of(octets.length >> 8, octets.length & 0xff, ...octets));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const udp = createSocket('udp4');
  udp.on('message', (octets, from) => {
    const good = answer(octets, true);
    udp.send(good.with(0, good[0]! ^ 1), from.port, from.address); // not the ID that was asked
    udp.send(good, from.port, from.address);
  });
  udp.bind(port, '127.0.0.1');
  await once(udp, 'listening');
  return {
    port,
    asked,
    close() {
      server.close();
      udp.close();
    },
  };
}

describe('riad query', { timeout: 60_000 }, () => {
  test('asks over UDP, then over TCP when the answer is truncated', async () => {
    const server = await fakeServer();
    const at = ['@127.0.0.1', '--port', String(server.port)];
    const { status, stdout, stderr } = await riad('query', ...at, 'www.example', '--dnssec');
    assert.equal(status, 0, stderr);
    assert.match(stdout, /^;; flags: qr aa; QUERY: 1, ANSWER: 1,/m);
    assert.match(stdout, /^www\.example\.\t300\tIN\tA\t192\.0\.2\.80$/m);
    assert.match(stderr, /\(TCP\)/);
    assert.deepEqual(
      server.asked.map(({ edns }) => edns?.dnssecOk),
      [true, true],
    );
    const json = await riad('query', ...at, 'www.example', '--tcp', '--json', '--no-edns');
    const message = JSON.parse(json.stdout) as { answerRRs: { rdataA: string }[] };
    assert.equal(message.answerRRs[0]?.rdataA, '192.0.2.80');
    assert.equal(server.asked.at(-1)?.edns, undefined);
    server.close();
  });

  test('what cannot be asked is said in a sentence', async () => {
    for (const [args, expected] of [
      [['@ns.example', 'a'], /not an IP address/],
      [['a', 'AAAAA'], /no record type/],
      [['a', 'A', 'b'], /one name/],
      [['a..b'], /no name/],
    ] as const) {
      const { status, stderr } = await riad('query', ...args);
      assert.equal(status, 1);
      assert.match(stderr, expected);
    }
  });
});
