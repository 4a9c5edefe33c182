/**
 * Knot DNS, one worker. Where it departs from the defaults of 3.2, and why:
 * - `semantic-checks: off` (default), `zonefile-sync: -1`, `journal-content: none`: the file is the
 *   zone, and stays as it is.
 * - no rate limiting and no cookies: those are modules, and none is loaded.
 * - It has no switch for minimal responses: it always gives them. EDNS size: the default of 1232.
 */
import { mkdirSync } from 'node:fs';
import { peer } from '../peers.ts';
import {
  type RunningServer,
  type ServedZone,
  startServer,
  writeConfiguration,
  type ZoneFile,
} from './server.ts';

export const knot = peer('knotd');

export function startKnot(zones: readonly ServedZone[], folder: string): Promise<RunningServer> {
  return startServer({ name: 'knot', configure }, zones, folder);
}

function configure(
  folder: string,
  port: number,
  zones: readonly ZoneFile[],
): [string, ...string[]] {
  mkdirSync(`${folder}/database`, { recursive: true });
  const text = `server:
    rundir: "${folder}"
    listen: "127.0.0.1@${port}"
    udp-workers: 1
    tcp-workers: 1
    background-workers: 1
    automatic-acl: off
database:
    storage: "${folder}/database"
log:
  - target: stderr
    any: info
template:
  - id: default
    storage: "${folder}"
    zonefile-sync: -1
    zonefile-load: whole
    journal-content: none
    semantic-checks: off
zone:
${zones.map(({ name, path }) => `  - domain: "${name}"\n    file: "${path}"`).join('\n')}
`;
  return [knot.file, '-c', writeConfiguration(folder, 'knot.conf', text)];
}
