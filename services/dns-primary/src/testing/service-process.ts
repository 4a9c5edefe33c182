/**
 * The service in a process of its own, to be killed: serves the repository `zones.git` of a folder, and
 * says on which port.
 *
 *     node service-process.ts FOLDER [REMOTE]
 *
 * REMOTE: a repository in the folder that `zones.git` is kept in step with.
 */
import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { House } from './running-service.ts';

const [, , folder = '', remote] = process.argv;
const running = await new House(folder).run({
  zones: {
    git: 'zones.git',
    ...(remote === undefined ? {} : { remote: { url: join(folder, remote), pullSeconds: 0 } }),
  },
  access: { transfer: ['127.0.0.1'] },
});
writeSync(1, `${running.port}\n`);
