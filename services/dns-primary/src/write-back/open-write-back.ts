/** Opens what zone files are written into, if they are to be. */
import { basename, join } from 'node:path';
import type { Threads } from '@riad/name-server/threads';
import type { ServiceContext } from '@riad/runtime/service';
import type { GitStore } from '@riad/store/git-options';
import type { DnsPrimaryConfig } from '../config.ts';
import type { ZoneSupply } from '../zone-supply.ts';
import { FolderTarget } from './folder-target.ts';
import { StoreTarget } from './store-target.ts';
import { WriteBack, type WriteBackParts } from './write-back.ts';

/** `store` opens the repository, where the zones come from one. */
export function openWriteBack(
  context: ServiceContext<DnsPrimaryConfig>,
  { loader }: Threads,
  supply: ZoneSupply,
  store: (() => Promise<GitStore>) | undefined,
  exclusively: WriteBackParts['exclusively'],
): WriteBack | undefined {
  const { config, stateDirectory, log, resolvePath } = context;
  const { zones } = config;
  if (!config.writeBack) return undefined;
  return new WriteBack({
    target:
      'folder' in zones
        ? new FolderTarget(resolvePath(zones.folder))
        : new StoreTarget(store ?? (() => Promise.reject(new Error('the repository is not ours')))),
    perform: (command) => loader.perform(command),
    exclusively,
    textFolder: join(stateDirectory, 'zones'),
    rootOrigin: config.origin === 'root',
    fileOf: (zone) => {
      const path = supply.pathOf(zone);
      return path === undefined ? undefined : basename(path);
    },
    log,
  });
}
