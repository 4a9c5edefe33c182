/** Works on packs in a thread of its own, so that nobody waits. See pack-work.ts. */
import { parentPort, workerData } from 'node:worker_threads';
import { nodeDisk } from '../disk/node-disk.ts';
import { type PackWork, workOnPacks } from './pack-work.ts';

const { folder, paths, work } = workerData as {
  folder: string;
  paths: readonly string[];
  work: PackWork;
};
parentPort?.postMessage(await workOnPacks(nodeDisk(), folder, paths, work));
