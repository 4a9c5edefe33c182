import { storeCompliance } from '../compliance.ts';
import { memoryStore } from './memory-store.ts';

for (const layout of ['flat', 'trie'] as const) {
  storeCompliance(`memory, ${layout}`, async (clock) =>
    memoryStore({ layout, now: () => clock.nowMs }),
  );
}
