/** Runs a test with a defect put in, in a process of its own and for a bounded time. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Change, Noticer } from './defect.ts';
import type { Ended } from './failures.ts';

export const root: string = new URL('../../../../../', import.meta.url).pathname;
const own = (file: string): string => new URL(`./${file}`, import.meta.url).href;

/** The slowest honest test here takes a fifth of that; a defect may make one that never ends. */
export const mostMs = 60_000;

export type Verdict =
  /** `why`: what the test said. */
  | { readonly kind: 'noticed'; readonly why: string; readonly asserted: boolean }
  | { readonly kind: 'unnoticed' }
  /** It went on and on, and was ended from outside. */
  | { readonly kind: 'hung' }
  /** It proves nothing: the defect is not in force, cannot be loaded, or no such test ran. */
  | { readonly kind: 'invalid'; readonly why: string };

/** What a defect that cannot be loaded, or names what is not there, ends with. */
const ofBrokenCode: ReadonlySet<string> = new Set(['SyntaxError', 'ReferenceError']);

/** `cache`: a folder for what all runs compile. */
export async function runWith(
  changes: readonly Change[],
  noticer: Noticer,
  cache: string,
): Promise<Verdict> {
  const folder = mkdtempSync(join(tmpdir(), 'riad-defect-'));
  try {
    const loaded = join(folder, 'loaded');
    const { output, errors, ended } = await runTests(changes, noticer, { loaded, cache });
    const files = existsSync(loaded) ? readFileSync(loaded, 'utf8') : '';
    const missing = changes.find(({ file }) => !files.includes(`${file}\n`));
    if (missing !== undefined)
      return { kind: 'invalid', why: `${missing.file} was not loaded: ${errors}` };
    return ended ? judge(output, noticer, errors) : { kind: 'hung' };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function judge(output: string, noticer: Noticer, errors: string): Verdict {
  const tests = output
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Ended);
  const ours = tests.filter(({ name, skipped }) => !skipped && name.includes(noticer.test));
  if (ours.length === 0) {
    const others = tests.map(({ name, causes }) => `${name}: ${causes.at(-1)?.message}`);
    return { kind: 'invalid', why: `no such test ran. ${others.join('; ')} ${errors}` };
  }
  const failed = ours.find(({ passed }) => !passed);
  if (failed === undefined) return { kind: 'unnoticed' };
  const { causes } = failed;
  const broken = causes.find(({ name }) => ofBrokenCode.has(name));
  if (broken !== undefined) return { kind: 'invalid', why: broken.message };
  const asserted = causes.find(({ name }) => name === 'AssertionError' || name === 'Violation');
  const why = (asserted ?? causes.at(-1))?.message ?? '';
  return { kind: 'noticed', why, asserted: asserted !== undefined };
}

type Run = { readonly output: string; readonly errors: string; readonly ended: boolean };

function runTests(
  changes: readonly Change[],
  noticer: Noticer,
  { loaded, cache }: { loaded: string; cache: string },
): Promise<Run> {
  const { promise, resolve, reject } = Promise.withResolvers<Run>();
  const pattern = noticer.test.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
  const child = spawn(
    process.execPath,
    [
      `--test-reporter=${own('failures.ts')}`,
      `--test-name-pattern=${pattern}`,
      join(root, noticer.file),
    ],
    {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...withoutTestRunner(),
        NODE_COMPILE_CACHE: cache,
        NODE_OPTIONS: `--import=${own('put-in.ts')}`,
        RIAD_DEFECT: JSON.stringify(changes),
        RIAD_DEFECT_LOADED: loaded,
      },
      timeout: mostMs,
      killSignal: 'SIGKILL',
    },
  );
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-2000);
  });
  child.on('error', reject);
  child.on('close', (_code, signal) => resolve({ output, errors, ended: signal === null }));
  return promise;
}

/** Under `node --test` a child would report to that, in its own language. */
function withoutTestRunner(): NodeJS.ProcessEnv {
  const { NODE_TEST_CONTEXT: _, ...rest } = process.env;
  return rest;
}
