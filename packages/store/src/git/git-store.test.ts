import { storeCompliance } from '../compliance.ts';
import { SimulatedDisk } from '../testing/simulated-disk.ts';
import { openGitStore } from './git-store.ts';

for (const layout of ['flat', 'trie'] as const) {
  storeCompliance(`git, ${layout}`, (clock) =>
    openGitStore({
      disk: new SimulatedDisk(),
      repository: 'store.git',
      journal: 'wal',
      segmentOctets: 1 << 16,
      layout,
      now: () => clock.nowMs,
    }),
  );
}
