/** A thread that computes argon2id, behind everything else that wants a processor. */
import { argon2Sync } from 'node:crypto';
import { getPriority, setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';

export type HashJob = Parameters<typeof argon2Sync>[1];

// On Linux a thread has a priority of its own; elsewhere it would be that of the whole process.
if (process.platform === 'linux') setPriority(Math.min(19, getPriority() + 10));
parentPort?.on('message', (job: HashJob) => {
  parentPort?.postMessage(argon2Sync('argon2id', job));
});
