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
  type Command,
  loopback,
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

/**
 * How `knotd` is started from a folder of its own, for loopback only. `server` and `rest` are lines of its
 * configuration: within `server:`, and behind its database and log. It logs to stderr, unless it is to be
 * quiet.
 */
export function knotCommand(
  folder: string,
  port: number,
  {
    server = '',
    backgroundWorkers = 1,
    quiet = false,
    rest,
  }: {
    readonly server?: string;
    readonly backgroundWorkers?: number;
    readonly quiet?: boolean;
    readonly rest: string;
  },
): Command {
  mkdirSync(`${folder}/database`, { recursive: true });
  const text = `server:
    rundir: "${folder}"
    listen: "${loopback}@${port}"
    udp-workers: 1
    tcp-workers: 1
    background-workers: ${backgroundWorkers}
${server}
database:
    storage: "${folder}/database"
${quiet ? '' : 'log:\n  - target: stderr\n    any: info'}
${rest}
`;
  return [knot.file, '-c', writeConfiguration(folder, 'knot.conf', text)];
}

/** A key in the list `key:`; its secret in base64. */
export function knotKey(name: string, algorithm: string, secret: string): string {
  return `  - id: "${name}"\n    algorithm: ${algorithm}\n    secret: "${secret}"`;
}

function configure(folder: string, port: number, zones: readonly ZoneFile[]): Command {
  return knotCommand(folder, port, {
    server: '    automatic-acl: off',
    rest: `template:
  - id: default
    storage: "${folder}"
    zonefile-sync: -1
    zonefile-load: whole
    journal-content: none
    semantic-checks: off
zone:
${zones.map(({ name, path }) => `  - domain: "${name}"\n    file: "${path}"`).join('\n')}`,
  });
}
