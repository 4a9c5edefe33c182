/**
 * `npm test`: brings in the peers that are missing, then runs every test.
 *
 *     npm test                                        all
 *     npm test -- 'packages/dns/src/name*.test.ts'    the files of these patterns
 *     RIAD_PEERS=skip npm test                        without peers; their tests say "skipped"
 *     CI=true npm test                                a missing peer is a failure
 */
import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { missingPeers } from './peers.ts';

const root = join(import.meta.dirname, '..');

/** Longer than any honest test here; a hanging one then fails by name instead of stopping all. */
const testTimeoutMs = 240_000;

const everything = [
  'packages/*/{src,test}/**/*.test.ts',
  'services/*/{src,test}/**/*.test.ts',
  'apps/*/{src,test}/**/*.test.ts',
  'scripts/**/*.test.ts',
  'interop/**/*.test.ts',
  'bench/**/*.test.ts',
];

const missing = missingPeers();
if (missing.length > 0 && process.env['CI'] === 'true') {
  process.stderr.write(`riad: peers missing and CI=true: ${missing.join(', ')}\n`);
  process.exit(1);
}

const patterns = process.argv.slice(2);
const { status, signal, error } = spawnSync(
  process.execPath,
  [
    '--test',
    // Two at a time: interop tests start servers of their own beside themselves.
    `--test-concurrency=${Math.min(2, availableParallelism())}`,
    `--test-timeout=${testTimeoutMs}`,
    `--import=${new URL('end-of-tests.ts', import.meta.url).href}`,
    '--test-reporter=spec',
    ...(patterns.length > 0 ? patterns : everything),
  ],
  { cwd: root, stdio: 'inherit' },
);
if (error) throw error;
if (missing.length > 0 && process.env['RIAD_PEERS'] !== 'skip') {
  process.stderr.write(`riad: tests against ${missing.join(', ')} were skipped: not installed\n`);
}
process.exitCode = signal === null ? (status ?? 1) : 1;
