/** Checks one password against one hash, and ends. */
import { timingSafeEqual } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';
import { compareSync } from 'bcryptjs';
import type { OldHashQuestion } from './old-hash.ts';
import { parseUnixCrypt } from './unix-crypt.ts';

const { password, hash } = workerData as OldHashQuestion;
const crypt = parseUnixCrypt(hash);
const right =
  crypt === undefined
    ? compareSync(password, hash)
    : timingSafeEqual(
        Buffer.from(crypt.compute(Buffer.from(password))),
        Buffer.from(crypt.expected),
      );
parentPort!.postMessage(right);
