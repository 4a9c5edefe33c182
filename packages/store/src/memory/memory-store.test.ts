import { storeCompliance } from '../compliance.ts';
import { memoryStore } from './memory-store.ts';

storeCompliance('memory', async (clock) => memoryStore({ now: () => clock.nowMs }));
