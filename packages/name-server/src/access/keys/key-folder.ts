/** The key files beside the zone files: `_keys` for every name, `ZONE._keys` for those in the zone. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Name, parseName, root } from '@riad/dns/name';
import {
  type KeyFileFault,
  keyFileFaults,
  maxKeyFileOctets,
} from '@riad/dns-server/access/key-file';
import { DecodeError } from '@riad/octets/decode-error';
import type { KeyFile } from './load-keys.ts';

const rootKeyFile = '_keys';
const zoneKeyFileEnd = '._keys';

/** The zone whose keys a file of this name holds; undefined for what is no key file. */
export function zoneOfKeyFile(file: string): Name | undefined {
  if (file === rootKeyFile) return root;
  if (file.startsWith('.') || !file.endsWith(zoneKeyFileEnd)) return undefined;
  const zone = file.slice(0, -zoneKeyFileEnd.length);
  try {
    return zone === '@' ? root : parseName(`${zone.toLowerCase()}.`);
  } catch (error) {
    if (error instanceof DecodeError) return undefined;
    throw error;
  }
}

export type KeyFiles = {
  readonly files: readonly KeyFile[];
  /** Files that cannot be read. */
  readonly faults: readonly KeyFileFault[];
};

/** Those of a folder, in the order of their names. `originIsRoot`: as the reference system reads them. */
export function keyFilesOf(folder: string, originIsRoot: boolean): KeyFiles {
  const zones = readdirSync(folder)
    .sort()
    .flatMap((name) => {
      const zone = zoneOfKeyFile(name);
      return zone === undefined ? [] : [{ path: join(folder, name), zone }];
    });
  return readFiles(
    zones.map(({ path, zone }) => ({ path, zone, origin: originIsRoot ? root : zone })),
  );
}

export function readFiles(
  places: readonly { readonly path: string; readonly zone: Name; readonly origin: Name }[],
): KeyFiles {
  const files: KeyFile[] = [];
  const faults: KeyFileFault[] = [];
  for (const { path, zone, origin } of places) {
    const fault = (code: string, message: string): void =>
      void faults.push({ code, file: path, line: 0, column: 0, message });
    try {
      if (statSync(path).size > maxKeyFileOctets) {
        fault('key.file-too-large', keyFileFaults['key.file-too-large']);
      } else {
        files.push({ file: path, octets: readFileSync(path), zone, origin });
      }
    } catch (error) {
      fault('key.unreadable', (error as Error).message);
    }
  }
  return { files, faults };
}
