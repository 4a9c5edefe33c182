/**
 * The keys that are kept in the state folder, and in no repository: `keys/NAME.key` with mode 0600, a
 * key file of one name each. The command line changes them, under a lock and as the folder's owner; the
 * service reads them.
 */
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { formatName, type Name, root } from '@riad/dns/name';
import { hmacAlgorithms } from '@riad/dns/tsig/hmac';
import type { TsigKey } from '@riad/dns/tsig/tsig-key';
import { type KeyFileFault, readKeyFile } from '@riad/dns-server/access/key-file';
import type { RingKey } from '@riad/dns-server/access/key-ring';
import { type FileLock, lockFile } from '@riad/net/ffi/file-lock';
import { encodeUtf8 } from '@riad/octets/utf8';
import { replaceFile } from '../../loading/replace-file.ts';
import { type KeyFiles, readFiles } from './key-folder.ts';

const fileEnd = '.key';
/** A file's name has 255 octets, and replacing one needs a few for the new one beside it. */
export const maxKeyFileNameOctets = 240;

export const codes = {
  'key.unreadable': 'a key file cannot be read',
  'key.mode': 'others than its owner may read the file of a secret',
} as const;

export function stateKeyFolder(stateDirectory: string): string {
  return join(stateDirectory, 'keys');
}

/** All of them; none where there is no such folder. */
export function stateKeyFiles(stateDirectory: string): KeyFiles & {
  readonly warnings: readonly KeyFileFault[];
} {
  const folder = stateKeyFolder(stateDirectory);
  if (!existsSync(folder)) return { files: [], faults: [], warnings: [] };
  const paths = readdirSync(folder)
    .filter((name) => name.endsWith(fileEnd) && !name.startsWith('.'))
    .sort()
    .map((name) => join(folder, name));
  const read = readFiles(paths.map((path) => ({ path, zone: root, origin: root })));
  const warnings = read.files
    .filter(({ file }) => (statSync(file, { throwIfNoEntry: false })?.mode ?? 0) & 0o077)
    .map(({ file }) => ({
      code: 'key.mode',
      file,
      line: 0,
      column: 0,
      message: `${codes['key.mode']}: chmod 600`,
    }));
  return { ...read, warnings };
}

/** Undefined while another command changes the keys. */
export function lockStateKeys(stateDirectory: string): FileLock | undefined {
  const folder = stateKeyFolder(stateDirectory);
  if (!existsSync(folder)) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    chmodSync(folder, 0o700); // whatever the umask took away
  }
  return lockFile(join(folder, '.lock'));
}

/** Undefined for a name that cannot be a file's. */
function pathOf(stateDirectory: string, name: Name): string | undefined {
  const text = formatName(name).slice(0, -1);
  if (!/^[a-z0-9_-][a-z0-9._-]*$/.test(text) || text.length > maxKeyFileNameOctets)
    return undefined;
  return join(stateKeyFolder(stateDirectory), `${text}${fileEnd}`);
}

/** Whether a key of this name (in lower case) can be kept here. */
export function isStorableName(name: Name): boolean {
  return pathOf('', name) !== undefined;
}

/** The key of this name (in lower case), if it is kept here; what is wrong with its file as well. */
export function readStateKey(
  stateDirectory: string,
  name: Name,
): { readonly key: RingKey | undefined; readonly faults: readonly KeyFileFault[] } | undefined {
  const path = pathOf(stateDirectory, name);
  if (path === undefined || !existsSync(path)) return undefined;
  const reading = readKeyFile({ file: path, text: readFileSync(path), zone: root, origin: root });
  return { key: reading.keys[0], faults: reading.faults };
}

/** Replaces the file as a whole; the newest secret first, the older marked as being replaced. */
export function writeStateKey(stateDirectory: string, secrets: readonly TsigKey[]): string {
  const [newest] = secrets;
  const path = newest && pathOf(stateDirectory, newest.name);
  if (newest === undefined || path === undefined) throw new RangeError('a key that has no file');
  const lines = secrets.map(({ name, algorithm, secret }, i) => {
    const fields = `${i === 0 ? 0 : 128} 3 ${hmacAlgorithms[algorithm].keyNumber}`;
    return `${formatName(name)} DNSKEY ${fields} ${secret.toBase64()}\n`;
  });
  replaceFile(path, [encodeUtf8(lines.join(''))]);
  return path;
}
