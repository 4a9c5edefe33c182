/**
 * The service in a process of its own, to be killed: serves the repository `zones.git` of a folder, and
 * says on which port.
 *
 *     node service-process.ts FOLDER
 */
import { writeSync } from 'node:fs';
import { House } from './running-service.ts';

const [, , folder = ''] = process.argv;
const running = await new House(folder).run({
  zones: { git: 'zones.git' },
  access: { transfer: ['127.0.0.1'] },
});
writeSync(1, `${running.port}\n`);
