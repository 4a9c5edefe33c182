/**
 * Loaded into the process of each test file. Node keeps a port of a thread that has ended now and then, and
 * would wait for it for ever: a process whose tests are over ends a while later. (`--test-force-exit` ends it
 * at once, and with it what has not been reported yet.)
 */
import { after } from 'node:test';
import { isMainThread } from 'node:worker_threads';

/** What was found out is on its way by then, however busy the machine is. */
const endMs = 5000;

if (isMainThread) after(() => void setTimeout(() => process.exit(), endMs).unref());
