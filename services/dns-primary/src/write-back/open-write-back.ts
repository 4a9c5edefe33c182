/** Opens what zone files are written into, if they are to be. */
import { basename, join } from 'node:path';
import type { Threads } from '@riad/name-server/threads';
import type { ServiceContext } from '@riad/runtime/service';
import type { DnsPrimaryConfig } from '../config.ts';
import type { ZoneSupply } from '../zone-supply.ts';
import { FolderTarget } from './folder-target.ts';
import { WriteBack } from './write-back.ts';
import type { WriteTarget } from './write-target.ts';

export async function openWriteBack(
  context: ServiceContext<DnsPrimaryConfig>,
  { loader }: Threads,
  supply: ZoneSupply,
): Promise<WriteBack | undefined> {
  const { config, stateDirectory, log } = context;
  if (!config.writeBack) return undefined;
  const target = await openTarget(context);
  if (target === undefined) return undefined;
  return new WriteBack({
    target,
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

async function openTarget({
  config,
  resolvePath,
  stateDirectory,
  log,
}: ServiceContext<DnsPrimaryConfig>): Promise<WriteTarget | undefined> {
  const { zones } = config;
  if ('folder' in zones) return new FolderTarget(resolvePath(zones.folder));
  try {
    const { openGitStore } = await import('@riad/store/git');
    const { StoreTarget } = await import('./store-target.ts');
    const store = await openGitStore({
      repository: resolvePath(zones.git),
      journal: join(stateDirectory, 'store'),
      branch: zones.branch,
      report: (report) => log.warn('repository', { ...report }),
    });
    return new StoreTarget(store);
  } catch (error) {
    log.error('the repository cannot be written to: updates stay in the journal', { error });
    return undefined;
  }
}
