/** Which key a hook signs NOTIFY with: one of those that lie beside the zones. */
import { formatName, type Name, root } from '@riad/dns/name';
import type { TsigKey } from '@riad/dns/tsig/tsig-key';
import {
  coversZone,
  includesRight,
  type Right,
  readKeyName,
} from '@riad/dns-server/access/key-name';
import { zoneOfKeyFile } from '@riad/name-server/access/keys/key-folder';
import { loadKeys } from '@riad/name-server/access/keys/load-keys';
import type { BorrowedRepository } from './borrowed-repository.ts';
import { CommittedFiles } from './committed-files.ts';

/** Those of the key files of a commit, the newest secret of each. */
export function committedKeys(
  repository: BorrowedRepository,
  commit: string,
  rootOrigin: boolean,
): TsigKey[] {
  const files = new CommittedFiles(repository, commit);
  const keyFiles = [...files.names().keys()].sort().flatMap((name) => {
    const zone = zoneOfKeyFile(name);
    const file = zone === undefined ? undefined : files.open(name);
    if (zone === undefined || file === undefined) return [];
    return [{ file: name, octets: file.text, zone, origin: rootOrigin ? root : zone }];
  });
  return [...loadKeys(keyFiles).ring.keys()].flatMap(({ secrets: [newest] }) => newest ?? []);
}

const rights: readonly Right[] = ['notify', 'transfer', 'update'];

/**
 * The key with the least right that suffices and, of those, for the smallest part of the tree of names.
 * Keys in whose names peers stand are theirs, and come last. Of keys of one name the first is taken.
 */
export function chooseKey(keys: readonly TsigKey[], zone: Name): TsigKey | undefined {
  const seen = new Set<string>();
  const fit = keys.flatMap((key) => {
    const reading = readKeyName(key.name);
    const name = formatName(key.name);
    if (seen.has(name) || !reading.grants) return [];
    seen.add(name);
    const { grant } = reading;
    if (!coversZone(grant, zone) || !includesRight(grant.right, 'notify')) return [];
    const theirs = grant.peers === undefined ? 0 : 1;
    return [{ key, rank: [theirs, rights.indexOf(grant.right), -grant.zone.length] }];
  });
  return fit.sort((a, b) => compareRanks(a.rank, b.rank))[0]?.key;
}

function compareRanks(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((value, i) => value !== b[i]);
  return at === -1 ? 0 : a[at]! - b[at]!;
}
