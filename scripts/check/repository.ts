/** What the checks read: the workspaces with their manifests and READMEs, and the files of the repository. */
import { spawnSync } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const root: string = join(import.meta.dirname, '..', '..');

/** A complaint names its place: `packages/dns/src/name.ts: imports net, which …`. */
export type Complaints = string[];

export type Workspace = {
  /** `packages/dns` */
  readonly folder: string;
  /** `@riad/dns` */
  readonly name: string;
  readonly dependencies: readonly string[];
  /** Empty when there is none, which the floor check reports. */
  readonly readme: string;
  /** Relative to the repository; sorted. */
  readonly sources: readonly string[];
};

type Manifest = { name: string; dependencies?: Record<string, string> };

export function workspaces(): Workspace[] {
  return globSync('{packages,services,apps}/*/package.json', { cwd: root })
    .sort()
    .map((manifestFile) => {
      const folder = manifestFile.slice(0, -'/package.json'.length);
      const manifest = JSON.parse(read(manifestFile)) as Manifest;
      const readme = join(folder, 'README.md');
      return {
        folder,
        name: manifest.name,
        dependencies: Object.keys(manifest.dependencies ?? {}),
        readme: existsSync(join(root, readme)) ? read(readme) : '',
        sources: globSync(`${folder}/{src,test}/**/*.{ts,tsx}`, { cwd: root }).sort(),
      };
    });
}

/** Tests and what only tests use may know Node, fast-check and the peers. */
export function isTest(file: string): boolean {
  return /\.test\.tsx?$|\/src\/(?:.*\/)?testing\/|^[^/]+\/[^/]+\/test\//.test(file);
}

export function read(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}

/** All files that are committed or could be, with their text; pictures and the like left out. */
export function textFiles(): { file: string; text: string }[] {
  const { stdout, status } = spawnSync(
    'git',
    ['ls-files', '-z', '--cached', '--others', '--exclude-standard'],
    { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 26 },
  );
  if (status !== 0) throw new Error('git ls-files failed: is this a git repository?');
  return stdout
    .split('\0')
    .filter((file) => file !== '' && existsSync(join(root, file)))
    .map((file) => ({ file, text: read(file) }))
    .filter(({ text }) => !text.includes('\0'));
}
