/** What the README says is done as it says it: its commands, in its order. */
import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { peer } from '../interop/peers.ts';

const root = join(import.meta.dirname, '..');
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const dig = peer('dig');
const startWithinMs = 60_000;
const firstAnswerWithinMs = 2_000;
const editWithinMs = 20_000;

/** The blocks of one language, each without its fences. */
function blocks(language: string): string[] {
  const pattern = new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, 'gm');
  return [...readme.matchAll(pattern)].map(([, text = '']) => text.trim());
}

/** A folder that looks like a clone in which nothing has run: all of it are links to this one. */
function clone(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'riad-readme-')));
  for (const entry of readdirSync(root))
    if (entry !== 'state' && entry !== '.git') symlinkSync(join(root, entry), join(folder, entry));
  return folder;
}

describe('the README', { timeout: 120_000 }, () => {
  const folder = clone();
  let demonstration: ChildProcess | undefined;
  after(async () => {
    if (demonstration?.pid !== undefined && demonstration.exitCode === null) {
      const ended = once(demonstration, 'exit');
      process.kill(-demonstration.pid, 'SIGTERM');
      await ended;
    }
    rmSync(folder, { recursive: true, force: true });
  });

  test('has the commands that are run here', () => {
    const [start, ask, tests, ...more] = blocks('sh');
    assert.equal(start, 'npm start');
    assert.match(ask ?? '', /^dig @127\.0\.0\.1 -p 5300 [a-z.]+$/);
    assert.equal(tests, 'npm test'); // not run here: this is it
    assert.deepEqual(more, []);
  });

  test('its quick start works: start, ask, edit, ask again', { skip: dig.missing }, async () => {
    // A group of its own, since npm does not hand signals on to what it started.
    demonstration = spawn('npm', ['start'], {
      cwd: folder,
      env: { ...process.env, RIAD_PORT: '0' },
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: true,
    });
    const port = await portOf(demonstration);
    const ask = (): string => {
      const [program = '', ...args] = blocks('sh')[1]!.replace('5300', port).split(' ');
      return execFileSync(program, args, { encoding: 'utf8' });
    };
    // The port is told when it is open; the zone is read a moment later, and nobody types that fast.
    const address = (): string | undefined => /\sIN\s+A\s+([\d.]+)/.exec(ask())?.[1];
    let before = address();
    for (let waited = 0; before === undefined && waited < firstAnswerWithinMs; waited += 100) {
      await sleep(100);
      before = address();
    }
    assert.ok(before !== undefined, 'the zone was not served');
    const [, path = ''] = /Then edit `(state\/zones\/[a-z.]+)`/.exec(readme) ?? [];
    const zone = join(folder, path);
    writeFileSync(zone, readFileSync(zone, 'utf8').replace(before, '192.0.2.123'));
    for (let waited = 0; !ask().includes('192.0.2.123'); waited += 100) {
      assert.ok(waited < editWithinMs, 'the edit was not served');
      await sleep(100);
    }
  });

  test('its configuration is one that `riad check` takes', () => {
    const [text = ''] = blocks('yaml');
    const zones = join(folder, 'zones');
    spawnSync('mkdir', [zones]);
    const here = text
      .replace('/var/lib/riad', join(folder, 'elsewhere'))
      .replace('/etc/riad/zones', zones)
      .replace('user: riad', 'user: nobody');
    assert.notEqual(here, text);
    writeFileSync(join(folder, 'riad.yaml'), here);
    const { status, stdout, stderr } = spawnSync('./riad', ['check'], {
      cwd: folder,
      encoding: 'utf8',
    });
    assert.equal(status, 0, stdout + stderr);
  });
});

async function portOf(child: ChildProcess): Promise<string> {
  let said = '';
  const end = performance.now() + startWithinMs;
  child.stdout!.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  while (performance.now() < end) {
    const port = /port (\d+), UDP and TCP/.exec(said)?.[1];
    if (port !== undefined) return port;
    if (child.exitCode !== null) break;
    await sleep(20);
  }
  throw new Error(`npm start said no port:\n${said}`);
}
