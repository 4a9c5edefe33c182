/** Whose files are, for backups that root makes and restores: they are to be whose they were. */
import { existsSync, lchownSync, lstatSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

export type Owner = { readonly uid: number; readonly gid: number };

/** Only root gives files away. */
function isRoot(): boolean {
  return process.geteuid?.() === 0;
}

/** Of the nearest folder that is there, at or above a path. */
export function ownerAt(path: string): Owner {
  let existing = path;
  while (!existsSync(existing)) existing = dirname(existing);
  const { uid, gid } = statSync(existing);
  return { uid, gid };
}

/** A folder with all in it. Links are given away themselves, and not what they lead to. */
export function giveTo(folder: string, { uid, gid }: Owner): void {
  if (!isRoot()) return;
  for (const path of [folder, ...inside(folder)]) lchownSync(path, uid, gid);
}

/** Each file of a copy to whom the same one belongs. */
export function copyOwners(from: string, to: string): void {
  if (!isRoot()) return;
  for (const path of [to, ...inside(to)]) {
    const { uid, gid } = lstatSync(join(from, relative(to, path)));
    lchownSync(path, uid, gid);
  }
}

function inside(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) =>
    join(folder, name),
  );
}
