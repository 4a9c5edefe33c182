/** Opens what zone files are written into, if they are to be. */
import { basename, join } from 'node:path';
import type { Threads } from '@riad/name-server/threads';
import type { ServiceContext } from '@riad/runtime/service';
import type { GitStore } from '@riad/store/git-options';
import type { DnsPrimaryConfig } from '../config.ts';
import type { ZoneSupply } from '../zone-supply.ts';
import { FolderTarget } from './folder-target.ts';
import { StoreTarget } from './store-target.ts';
import { WriteBack } from './write-back.ts';

/** `store`: of the repository, where the zones come from one; undefined if it cannot be written to. */
export function openWriteBack(
  context: ServiceContext<DnsPrimaryConfig>,
  { loader }: Threads,
  supply: ZoneSupply,
  store: GitStore | undefined,
): WriteBack | undefined {
  const { config, stateDirectory, log, resolvePath } = context;
  const { zones } = config;
  if (!config.writeBack || ('git' in zones && store === undefined)) return undefined;
  return new WriteBack({
    target:
      store === undefined
        ? new FolderTarget(resolvePath((zones as { folder: string }).folder))
        : new StoreTarget(store),
    perform: (command) => loader.perform(command),
    textFolder: join(stateDirectory, 'zones'),
    rootOrigin: config.origin === 'root',
    fileOf: (zone) => {
      const path = supply.pathOf(zone);
      return path === undefined ? undefined : basename(path);
    },
    log,
  });
}
