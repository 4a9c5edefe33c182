/**
 * Where things stand in the repository: `calendars/ann/work/lunch.ics`. What describes a collection is
 * `.collection.json` inside it; what describes a member, if there is anything to say, stands beside it as
 * `.lunch.ics.properties.json`.
 */
import type { CollectionKind, Path } from '@riad/webdav/storage/storage';
import { namesOf, storedName } from './names.ts';

const collectionFile = '.collection.json';
const sidecarEnding = '.properties.json';

/** How a path is called in maps and in the index: no name holds a NUL. */
export type Key = string;

export function keyOf(path: Path): Key {
  return path.join('\0');
}

export function pathOf(key: Key): string[] {
  return key.split('\0');
}

export function storedPath(path: Path): string {
  return path.map(storedName).join('/');
}

export function collectionFileOf(path: Path): string {
  return `${storedPath(path)}/${collectionFile}`;
}

export function sidecarOf(path: Path): string {
  const stored = storedPath(path);
  const slash = stored.lastIndexOf('/') + 1;
  return `${stored.slice(0, slash)}.${stored.slice(slash)}${sidecarEnding}`;
}

/** What a file of the repository is about; undefined for what is none of ours, such as a README on top. */
export type FileRole =
  | { readonly type: 'collection'; readonly path: Path }
  | { readonly type: 'sidecar'; readonly path: Path }
  | { readonly type: 'member'; readonly path: Path };

export function roleOf(file: string): FileRole | undefined {
  const files = file.split('/');
  const last = files.at(-1)!;
  if (last === collectionFile) {
    const path = namesOf(files.slice(0, -1));
    return isCollectionPath(path) ? { type: 'collection', path } : undefined;
  }
  const sidecar = last.startsWith('.') && last.endsWith(sidecarEnding);
  if (last.startsWith('.') && !sidecar) return undefined;
  const name = sidecar ? last.slice(1, -sidecarEnding.length) : last;
  const path = namesOf([...files.slice(0, -1), name]);
  if (!isCollectionPath(path.slice(0, -1))) return undefined;
  return { type: sidecar ? 'sidecar' : 'member', path };
}

/** Homes and what lies in them. */
function isCollectionPath(path: Path): boolean {
  return path.length >= 2 && ['calendars', 'addressbooks', 'files'].includes(path[0]!);
}

/** What a folder is that people have made without saying so. */
export function impliedKind(path: Path): CollectionKind {
  if (path.length !== 3) return 'folder';
  if (path[0] === 'calendars') return 'calendar';
  return path[0] === 'addressbooks' ? 'address-book' : 'folder';
}
