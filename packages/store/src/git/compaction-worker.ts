/** Works on packs in a thread of its own, so that nobody waits. See pack-work.ts. */
import { getPriority, setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { nodeDisk } from '../disk/node-disk.ts';
import { type PackWork, workOnPacks } from './pack-work.ts';

// On Linux a thread has a priority of its own: commits go first.
if (process.platform === 'linux') setPriority(Math.min(19, getPriority() + 10));
const { folder, paths, work } = workerData as {
  folder: string;
  paths: readonly string[];
  work: PackWork;
};
parentPort?.postMessage(await workOnPacks(nodeDisk(), folder, paths, work));
