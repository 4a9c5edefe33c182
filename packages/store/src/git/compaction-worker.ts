/** Merges or condenses packs in a thread of its own, so that nobody waits. See compaction.ts and condense.ts. */
import { parentPort, workerData } from 'node:worker_threads';
import { nodeDisk } from '../disk/node-disk.ts';
import { mergePacks } from './compaction.ts';
import { condensePacks } from './condense.ts';

const { folder, paths, condense } = workerData as {
  folder: string;
  paths: readonly string[];
  condense: boolean;
};
const work = condense ? condensePacks : mergePacks;
parentPort?.postMessage(await work(nodeDisk(), folder, paths));
