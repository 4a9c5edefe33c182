/**
 * Imports go strictly down the floors. Each README opens with
 *
 *     # @riad/dns-server
 *     Floor 2, pure. May import: octets, dns. Never: …
 *
 * and that line is held against package.json, the imports that stand in the sources, and the
 * tsconfig in use. `everything below` stands for every package of a lower floor; `Node` for
 * `node:*`; other programs' packages are named.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Complaints, isTest, read, root, type Workspace, workspaces } from './repository.ts';

type Floor = { readonly number: number; readonly pure: boolean; readonly mayImport: Set<string> };

/** May stand in tests everywhere: they are the repository's devDependencies. */
const testPackages = ['fast-check', 'ical.js', 'rrule-temporal'];

export function checkFloors(): Complaints {
  const all = workspaces();
  const floors = new Map<string, Floor>();
  const complaints: Complaints = [];
  for (const workspace of all) {
    const floor = readFloor(workspace);
    if (floor === undefined) {
      complaints.push(
        `${workspace.folder}/README.md: must open with "# ${workspace.name}" and "Floor N[, pure]. May import: ….`,
      );
    } else floors.set(workspace.name, floor);
  }
  for (const workspace of all) {
    const floor = floors.get(workspace.name);
    if (floor !== undefined) complaints.push(...checkWorkspace(workspace, floor, floors));
  }
  return complaints;
}

function readFloor({ name, readme }: Workspace): Floor | undefined {
  const [title, ...rest] = readme.split('\n');
  const match = /^\s*Floor (\d)(, pure)?\. May import: ([^.]+)\./.exec(rest.join('\n'));
  if (title !== `# ${name}` || match === null) return undefined;
  const [, number = '', pure, list = ''] = match;
  return {
    number: Number(number),
    pure: pure !== undefined,
    mayImport: new Set(list.split(/[,;]\s*/).filter((item) => item !== 'nothing')),
  };
}

function checkWorkspace(
  workspace: Workspace,
  floor: Floor,
  floors: ReadonlyMap<string, Floor>,
): Complaints {
  const { folder, name, dependencies } = workspace;
  const complaints: Complaints = [];

  const refusal = (imported: string): string | undefined => {
    if (imported.startsWith('@riad/')) {
      const below = floors.get(imported);
      if (below === undefined) return 'which has no floor';
      if (below.number >= floor.number) return `which stands on floor ${below.number}`;
      const short = imported.slice('@riad/'.length);
      if (floor.mayImport.has(short) || floor.mayImport.has('everything below')) return undefined;
    } else if (floor.mayImport.has(imported.startsWith('node:') ? 'Node' : imported)) {
      return undefined;
    }
    return 'which its README does not allow';
  };

  for (const dependency of dependencies) {
    const why = refusal(dependency);
    if (why) complaints.push(`${folder}/package.json: depends on ${dependency}, ${why}`);
  }

  const used = new Set<string>();
  for (const file of workspace.sources) {
    const test = isTest(file);
    for (const imported of importsOf(read(file), file, folder, complaints)) {
      used.add(imported);
      if (test && (imported.startsWith('node:') || testPackages.includes(imported))) continue;
      const declared = imported.startsWith('node:') || dependencies.includes(imported);
      const why = refusal(imported) ?? (declared ? undefined : 'which package.json does not list');
      if (why && imported !== name) complaints.push(`${file}: imports ${imported}, ${why}`);
    }
  }
  if (workspace.sources.length > 0) {
    for (const dependency of dependencies.filter((name) => !used.has(name))) {
      complaints.push(`${folder}/package.json: lists ${dependency}, which nothing imports`);
    }
  }
  return [...complaints, ...checkConfigurations(folder, floor)];
}

const importPattern = /(?:\bfrom|\bimport|\bimport\s*\(|\bimport\.meta\.resolve\()\s*'([^'\n]+)'/g;

/** Bare packages that a file imports, `node:fs` and the like whole. */
function importsOf(text: string, file: string, folder: string, complaints: Complaints): string[] {
  const packages: string[] = [];
  const code = text.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
  for (const [, specifier = ''] of code.matchAll(importPattern)) {
    if (specifier.startsWith('node:')) packages.push(specifier);
    else if (specifier.startsWith('.')) {
      if (!join(file, '..', specifier).startsWith(`${folder}/`)) {
        // Interop's list of peers is for tests of every floor.
        if (isTest(file) && join(file, '..', specifier).startsWith('interop/')) continue;
        complaints.push(`${file}: reaches out of its package for ${specifier}`);
      }
    } else {
      packages.push(specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/'));
    }
  }
  return packages;
}

function checkConfigurations(folder: string, { pure }: Floor): Complaints {
  const complaints: Complaints = [];
  const extended = (file: string): string | undefined =>
    existsSync(join(root, folder, file))
      ? (JSON.parse(read(join(folder, file))) as { extends?: string }).extends
      : undefined;
  const wanted = pure ? '../../tsconfig.pure.json' : '../../tsconfig.base.json';
  if (extended('tsconfig.json') !== wanted) {
    complaints.push(`${folder}/tsconfig.json: must extend ${wanted}, as its README's floor says`);
  }
  if (pure && extended('tsconfig.test.json') !== '../../tsconfig.base.json') {
    complaints.push(`${folder}/tsconfig.test.json: must extend ../../tsconfig.base.json`);
  }
  return complaints;
}
