/**
 * `npm run check`: everything that can be judged without running the tests. Each check is named,
 * all of them run, and any complaint makes the exit status 1.
 *
 *     npm run check              all
 *     npm run check -- floors    those whose name contains the word
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { checkDocuments } from './check/documents.ts';
import { checkFloors } from './check/floors.ts';
import { type Complaints, root, workspaces } from './check/repository.ts';
import { checkLockfile, checkWords } from './check/words.ts';

type Check = { readonly name: string; readonly run: () => Complaints | Promise<Complaints> };

const checks: readonly Check[] = [
  // Layout and the rules one file can be judged by; purity of the pure packages among them.
  { name: 'format and lint', run: () => tool('biome', 'check', '--error-on-warnings', '.') },
  { name: 'types', run: checkTypes },
  // A promise nobody awaits loses its error; only a linter that knows types sees it.
  { name: 'promises', run: () => tool('oxlint', '--type-aware', '--deny-warnings') },
  { name: 'floors', run: checkFloors },
  { name: 'documents', run: checkDocuments },
  { name: 'words', run: checkWords },
  { name: 'lockfile', run: checkLockfile },
];

const wanted = process.argv[2] ?? '';
for (const { name, run } of checks.filter((check) => check.name.includes(wanted))) {
  const started = performance.now();
  const complaints = await run();
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  process.stdout.write(`${complaints.length === 0 ? 'ok  ' : 'FAIL'} ${name} (${seconds} s)\n`);
  for (const complaint of complaints) process.stdout.write(`     ${complaint}\n`);
  if (complaints.length > 0) process.exitCode = 1;
}

/** Pure packages are compiled twice: once without anything of Node's, once with it for the tests. */
function checkTypes(): Complaints {
  const projects = workspaces().flatMap(({ folder }) =>
    ['tsconfig.json', 'tsconfig.test.json'].map((file) => join(folder, file)),
  );
  return ['tsconfig.json', ...projects]
    .filter((project) => existsSync(join(root, project)))
    .flatMap((project) => tool('tsc', '-p', project));
}

function tool(name: string, ...args: string[]): Complaints {
  const { status, stdout, stderr, error } = spawnSync(
    join(root, 'node_modules', '.bin', name),
    args,
    { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 26 },
  );
  if (error) return [`${name} does not start: ${error.message}`];
  if (status === 0) return [];
  return `${stdout}${stderr}`.trimEnd().split('\n');
}
