import { storeCompliance } from '../compliance.ts';
import { SimulatedDisk } from '../testing/simulated-disk.ts';
import { openGitStore } from './git-store.ts';

storeCompliance('git', async (clock) =>
  openGitStore({
    disk: new SimulatedDisk(),
    repository: 'store.git',
    journal: 'wal',
    segmentOctets: 1 << 16,
    now: () => clock.nowMs,
  }),
);
