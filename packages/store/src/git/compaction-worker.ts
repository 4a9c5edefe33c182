/** Merges packs in a thread of its own, so that nobody waits for the copying. See compaction.ts. */
import { parentPort, workerData } from 'node:worker_threads';
import { nodeDisk } from '../disk/node-disk.ts';
import { mergePacks } from './compaction.ts';

const { folder, paths } = workerData as { folder: string; paths: readonly string[] };
parentPort?.postMessage(await mergePacks(nodeDisk(), folder, paths));
