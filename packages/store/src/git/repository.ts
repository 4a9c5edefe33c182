/** The git directory: made when there is none, otherwise taken as people have made it. */
import { type Disk, readFile, removeFile } from '../disk/disk.ts';
import { StoreError } from '../store-error.ts';
import { listed } from './object-database.ts';

const encoder = new TextEncoder();

/**
 * Compaction is ours, so a push need not start another one. What is pushed is on disk, and in one pack,
 * before the branch moves: acknowledged commits will build upon it.
 */
const configuration = `[core]
\trepositoryformatversion = 0
\tfilemode = true
\tbare = true
[gc]
\tauto = 0
[receive]
\tautogc = false
`;

/** What git may say of a repository without changing what we read and write. */
const harmlessExtensions = ['noop', 'preciousobjects', 'worktreeconfig'];

/** The git directory: the folder itself, or `.git` in it. */
export function openRepository(disk: Disk, folder: string, branch: string): string {
  const names = listed(disk, folder);
  const directory = names.includes('.git') ? `${folder}/.git` : folder;
  const inside = names.includes('.git') ? listed(disk, directory) : names;
  // HEAD is made last: without it a making was interrupted, or nothing was there.
  const ours = ['config', 'config.lock', 'objects', 'refs', 'HEAD.lock'];
  if (!inside.includes('HEAD')) {
    if (inside.some((name) => !ours.includes(name)))
      throw new StoreError('store.repository', folder);
    make(disk, directory, branch);
  }
  check(disk, directory);
  return directory;
}

function make(disk: Disk, directory: string, branch: string): void {
  for (const folder of ['objects/info', 'objects/pack', 'refs/heads', 'refs/tags']) {
    disk.makeFolder(`${directory}/${folder}`);
  }
  for (const [name, text] of [
    ['config', configuration],
    ['HEAD', `ref: refs/heads/${branch}\n`],
  ] as const) {
    const path = `${directory}/${name}`;
    for (const left of [path, `${path}.lock`]) removeFile(disk, left);
    const file = disk.open(`${path}.lock`, 'create');
    file.write(0, encoder.encode(text));
    file.syncNow();
    file.close();
    disk.rename(`${path}.lock`, path);
    disk.syncFolder(directory);
  }
}

function check(disk: Disk, directory: string): void {
  if (!disk.exists(`${directory}/objects`) || !disk.exists(`${directory}/config`)) {
    throw new StoreError('store.repository', directory);
  }
  let section = '';
  for (const line of new TextDecoder().decode(readFile(disk, `${directory}/config`)).split('\n')) {
    const [, heading] = /^\s*\[\s*([\w.-]+)[^\]]*\]/.exec(line) ?? [];
    if (heading !== undefined) section = heading.toLowerCase();
    const [, key = '', value = 'true'] =
      /^\s*(?:\[[^\]]*\])?\s*(\w+)\s*(?:=\s*"?([^"#;]*?)"?\s*(?:[#;].*)?)?$/.exec(line) ?? [];
    const name = key.toLowerCase();
    if (section === 'core' && name === 'repositoryformatversion' && Number(value) > 1) {
      throw new StoreError('store.repository', `${directory}/config: ${line.trim()}`);
    }
    if (section !== 'extensions' || name === '') continue;
    if (name === 'objectformat' && value.toLowerCase() !== 'sha1') {
      throw new StoreError('store.sha256', directory);
    }
    if (name === 'refstorage' && value.toLowerCase() === 'files') continue;
    if (name !== 'objectformat' && !harmlessExtensions.includes(name)) {
      throw new StoreError('store.repository', `${directory}/config: ${line.trim()}`);
    }
  }
}
