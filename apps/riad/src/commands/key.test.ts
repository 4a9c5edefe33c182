/** `riad key`, as it is called: what it prints, what it writes, what it tells a running server. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, beforeEach, describe, test } from 'node:test';
import { Command } from 'commander';
import { run } from './key.ts';

const main = join(import.meta.dirname, '..', 'main.ts');
const top = mkdtempSync(join(tmpdir(), 'riad-key-'));
after(() => {
  process.chdir(import.meta.dirname);
  rmSync(top, { recursive: true });
});
let folder = '';
let count = 0;
beforeEach(() => {
  folder = join(top, String(count++));
  mkdirSync(join(folder, 'state', 'names'), { recursive: true });
  process.chdir(folder);
});

type Ended = { status: number | null; stdout: string; stderr: string };

async function riad(...args: string[]): Promise<Ended> {
  const child = spawn(process.execPath, [main, ...args], {
    cwd: folder,
    env: { PATH: '/usr/bin' },
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => {
    output.stdout += String(chunk);
  });
  child.stderr.on('data', (chunk) => {
    output.stderr += String(chunk);
  });
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, ...output };
}

/** The same in this process, which is quicker than one of its own for each; complaints are thrown. */
async function command(...words: string[]): Promise<Ended> {
  const output = { stdout: '', stderr: '' };
  const [action, ...rest] = words;
  const program = new Command();
  const options = (rest[0]?.startsWith('--') ?? true) ? rest : rest.slice(1);
  program
    .exitOverride()
    .option('--algorithm <word>')
    .option('--form <word>')
    .option('--service <word>')
    .option('--finish')
    .option('--json')
    .parse(options, { from: 'user' });
  const status = await run(
    action as 'generate' | 'rotate' | 'list',
    options === rest ? undefined : rest[0],
    program.opts(),
    {
      stdout: {
        write: (text) => {
          output.stdout += text;
        },
      },
      stderr: {
        write: (text) => {
          output.stderr += text;
        },
      },
    },
  );
  return { status, ...output };
}

const laptop = 'laptop._update.example.com';
const pathOf = (name: string): string => join(folder, 'state', 'names', 'keys', `${name}.key`);

async function good(...words: string[]): Promise<Ended> {
  const ended = await command(...words);
  assert.equal(ended.status, 0, ended.stderr);
  return ended;
}

async function refused(message: RegExp, ...words: string[]): Promise<void> {
  await assert.rejects(command(...words), { name: 'Refusal', message });
}

describe('riad key', { timeout: 120_000 }, () => {
  test('generate: once in every form, and on the disk for the owner alone', async () => {
    const { stdout, stderr } = await good('generate', laptop);
    const line = readFileSync(pathOf(laptop), 'utf8');
    const secret = /^laptop\._update\.example\.com\. DNSKEY 0 3 163 ([\w+/]{43}=)\n$/.exec(
      line,
    )?.[1];
    assert.ok(secret !== undefined, line);
    assert.equal(statSync(pathOf(laptop)).mode & 0o777, 0o600);
    for (const form of [
      `${laptop}:SHA256:${secret}\n`,
      `hmac-sha256:${laptop}:${secret}\n`,
      `key "${laptop}" {\n  algorithm hmac-sha256;\n  secret "${secret}";\n};\n`,
      `key:\n  name: "${laptop}"\n  algorithm: hmac-sha256\n  secret: "${secret}"\n`,
      `key:\n  - id: "${laptop}"\n    algorithm: hmac-sha256\n    secret: "${secret}"\n`,
    ]) {
      assert.ok(stdout.includes(form), form);
    }
    assert.match(stderr, /is kept in .*laptop\._update\.example\.com\.key/);
    assert.match(stderr, /does not run/);
    assert.ok(!stderr.includes(secret));
  });

  test('generate: one form alone, another algorithm, JSON', async () => {
    const { stdout } = await good(
      'generate',
      `${laptop}.`,
      '--algorithm',
      'hmac-sha512',
      '--form',
      'riad',
    );
    assert.match(stdout, /^laptop\._update\.example\.com:SHA512:[\w+/]{86}==\n$/);
    const json = await good('generate', '1.2.3.4.5.6.7.8._TRANSFER.example.com', '--json');
    const { secret, file, forms, ...rest } = JSON.parse(json.stdout) as Record<string, unknown>;
    assert.deepEqual(rest, {
      name: '1.2.3.4.5.6.7.8._transfer.example.com',
      right: 'transfer',
      zone: 'example.com.',
      primary: '1.2.3.4',
      secondary: '5.6.7.8',
      algorithms: ['hmac-sha256'],
      replacing: false,
    });
    assert.equal(typeof secret, 'string');
    assert.ok(existsSync(String(file)));
    assert.deepEqual(Object.keys(forms as object), ['riad', 'nsupdate', 'bind', 'nsd', 'knot']);
  });

  test('as a program: data to standard output, what there is to say to standard error', async () => {
    const made = await riad('key', 'generate', laptop, '--form', 'riad');
    assert.equal(made.status, 0, made.stderr);
    assert.match(made.stdout, /^laptop\._update\.example\.com:SHA256:[\w+/]{43}=\n$/);
    assert.match(made.stderr, /is kept in/);
    const again = await riad('key', 'generate', laptop);
    assert.deepEqual([again.status, again.stdout], [1, '']);
    assert.match(again.stderr, /^laptop\._update\.example\.com is there already/);
    assert.match((await riad('key', 'list')).stdout, /^laptop/);
  });

  test('two secrets are never alike', async () => {
    const one = await good('generate', 'a._update.example.com', '--form', 'riad');
    const two = await good('generate', 'b._update.example.com', '--form', 'riad');
    assert.notEqual(one.stdout.split(':')[2], two.stdout.split(':')[2]);
  });

  test('rotate: a second secret, both live; --finish retires the older', async () => {
    await good('generate', laptop);
    const secretOf = (line: string): string => line.trim().split(' ').at(-1)!;
    const before = secretOf(readFileSync(pathOf(laptop), 'utf8'));
    const rotated = await good('rotate', laptop, '--algorithm', 'SHA384', '--form', 'riad');
    const [newer = '', older = ''] = readFileSync(pathOf(laptop), 'utf8').split('\n');
    assert.match(newer, / DNSKEY 0 3 164 /);
    assert.match(older, / DNSKEY 128 3 163 /);
    assert.equal(secretOf(older), before);
    assert.equal(rotated.stdout, `${laptop}:SHA384:${secretOf(newer)}\n`);
    await refused(/two secrets already/, 'rotate', laptop);
    assert.match((await good('list')).stdout, /hmac-sha384 and hmac-sha256, being replaced/);
    const finished = await good('rotate', laptop, '--finish');
    assert.equal(finished.stdout, '');
    assert.equal(readFileSync(pathOf(laptop), 'utf8'), `${newer}\n`);
    await refused(/one secret only/, 'rotate', laptop, '--finish');
  });

  test('list: what each may do, and no secret', async () => {
    await good('generate', laptop);
    await good('generate', '1.2.3.4._transfer');
    const secrets = [laptop, '1.2.3.4._transfer'].map(
      (name) => readFileSync(pathOf(name), 'utf8').trim().split(' ').at(-1)!,
    );
    const listed = await good('list');
    assert.deepEqual(listed.stdout.split('\n'), [
      '1.2.3.4._transfer  transfer ., 1.2.3.4 to whoever asks  hmac-sha256',
      `${laptop}  update example.com.  hmac-sha256`,
      '',
    ]);
    const json = await good('list', '--json');
    const { keys } = JSON.parse(json.stdout) as { keys: { name: string }[] };
    assert.deepEqual(
      keys.map(({ name }) => name),
      ['1.2.3.4._transfer', laptop],
    );
    for (const secret of secrets) {
      assert.ok(!`${listed.stdout}${listed.stderr}${json.stdout}`.includes(secret));
    }
  });

  test('list: a file that is broken is named, without what it says', async () => {
    await good('generate', laptop);
    writeFileSync(
      pathOf('other._update.example.com'),
      'other._update.example.com. DNSKEY 0 3 163 s3cr3t!\n',
    );
    const { status, stdout, stderr } = await command('list');
    assert.equal(status, 1);
    assert.match(stdout, /^laptop/);
    assert.match(stderr, /other\._update\.example\.com\.key:1:43: base64 is expected/);
    assert.doesNotMatch(stderr, /s3cr3t/);
    await refused(/:1:43: base64/, 'rotate', 'other._update.example.com');
  });

  test('what makes no sense is refused', async () => {
    await good('generate', laptop);
    await Promise.all([
      refused(/is there already/, 'generate', laptop.toUpperCase()),
      refused(/would grant nothing/, 'generate', 'laptop.example.com'),
      refused(/would grant nothing/, 'generate', 'x._update._or.example.com'),
      refused(/is no name/, 'generate', 'a..b._update.example.com'),
      refused(/keep to letters/, 'generate', 'a/b._update.example.com'),
      refused(
        /there is SHA1, SHA224, SHA256, SHA384, SHA512/,
        'generate',
        'n._update',
        '--algorithm',
        'MD5',
      ),
      refused(/there is riad, nsupdate, bind, nsd, knot/, 'generate', 'n._update', '--form', 'x'),
      refused(/is not kept in/, 'rotate', 'absent._update.example.com'),
      refused(/makes no secret/, 'rotate', laptop, '--finish', '--form', 'riad'),
    ]);
    assert.equal(existsSync(pathOf('n._update')), false);
  });

  test('two at once: one after the other, and neither is lost', async () => {
    await good('generate', laptop);
    const ended = await Promise.all([
      riad('key', 'rotate', laptop),
      riad('key', 'rotate', laptop),
      riad('key', 'generate', 'a._update.example.com'),
      riad('key', 'generate', 'a._update.example.com'),
    ]);
    assert.deepEqual(
      ended.map(({ status }) => status ?? -1).sort((a, b) => a - b),
      [0, 0, 1, 1],
    );
    assert.equal(readFileSync(pathOf(laptop), 'utf8').trim().split('\n').length, 2);
  });

  test('with a file, the state is where it says', async () => {
    writeFileSync(
      join(folder, 'riad.yaml'),
      'state: ./kept\nservices:\n  one: { type: dns-primary, zones: { folder: . } }\n  two: { type: dns-primary, zones: { folder: . }, state: ./second }\n',
    );
    await refused(/which name server\?/, 'generate', laptop);
    await good('generate', laptop, '--service', 'one');
    await good('generate', laptop, '--service', 'two');
    assert.ok(existsSync(join(folder, 'kept', 'one', 'keys', `${laptop}.key`)));
    assert.ok(existsSync(join(folder, 'second', 'keys', `${laptop}.key`)));
  });

  test('as root, in the state folder of another user: the files are that user’s', {
    skip: process.getuid?.() === 0 ? false : 'only root becomes somebody else',
  }, async () => {
    const { chownSync, chmodSync } = await import('node:fs');
    for (const path of [top, folder, join(folder, 'state')]) chmodSync(path, 0o755);
    chownSync(join(folder, 'state', 'names'), 65534, 65534);
    await good('generate', laptop);
    assert.equal(statSync(pathOf(laptop)).uid, 65534);
    assert.equal(statSync(join(folder, 'state', 'names', 'keys')).uid, 65534);
    assert.match((await good('list')).stdout, /^laptop/);
  });
});

describe('a server that runs is told', { timeout: 60_000 }, () => {
  for (const [why, status, body, words] of [
    ['and reads the keys', 200, {}, /has read it/],
    ['and knows no such command', 404, { error: 'nothing here' }, /reads it when it starts again/],
    ['and does not take them', 422, { error: '_keys:1:1: no' }, /has not taken it: _keys:1:1: no/],
  ] as const) {
    test(why, async () => {
      mkdirSync(join(folder, 'state', 'run'));
      const asked: string[] = [];
      const server = createServer((request, response) => {
        asked.push(`${request.method} ${request.url}`);
        response.writeHead(status, { 'content-type': 'application/json' });
        response.end(JSON.stringify(body));
      });
      server.listen(join(folder, 'state', 'run', 'names.sock'));
      await once(server, 'listening');
      try {
        const { stderr } = await good('generate', laptop);
        assert.match(stderr, words);
        assert.deepEqual(asked, ['POST /commands/keys.reload']);
      } finally {
        server.close();
      }
    });
  }
});
