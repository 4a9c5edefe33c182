/**
 * A thread that puts what the log of the index has where it belongs, and has the disk keep it: 60 ms and more for
 * some thousand pages, in which others go on reading and writing.
 */
import { getPriority, setPriority } from 'node:os';
import { DatabaseSync } from 'node:sqlite';
import { workerData } from 'node:worker_threads';

// On Linux a thread has a priority of its own: requests go first.
if (process.platform === 'linux') setPriority(Math.min(19, getPriority() + 10));
const database = new DatabaseSync(workerData as string, { timeout: 1000 });
database.exec('PRAGMA synchronous = NORMAL; PRAGMA wal_checkpoint(PASSIVE)');
database.close();
