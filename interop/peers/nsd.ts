/**
 * NSD, one server process. Where it departs from the defaults of 4.6, and why:
 * - `minimal-responses: yes`: as with the other two, only what is needed beside the answer.
 * - `rrl-ratelimit: 0`: a test asks faster than any client. `answer-cookie: no`: cookies are random.
 * - `refuse-any: no` (default), EDNS sizes at the default of 1232.
 * - no database, no control channel, no change of user: it runs from a folder of the test.
 */
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

export const nsd = peer('nsd');

export function startNsd(zones: readonly ServedZone[], folder: string): Promise<RunningServer> {
  return startServer({ name: 'nsd', configure }, zones, folder);
}

/**
 * How `nsd` is started from a folder of its own, for loopback only and without a control channel. `server`
 * and `rest` are lines of its configuration: within `server:`, and behind it.
 */
export function nsdCommand(
  folder: string,
  port: number,
  { server, rest }: { readonly server: string; readonly rest: string },
): Command {
  const text = `server:
  server-count: 1
  ip-address: ${loopback}@${port}
  do-ip6: no
  username: ""
  chroot: ""
  zonesdir: "${folder}"
  database: ""
  pidfile: "${folder}/nsd.pid"
  xfrdfile: "${folder}/xfrd.state"
  zonelistfile: "${folder}/zone.list"
  xfrdir: "${folder}"
${server}
remote-control:
  control-enable: no
${rest}
`;
  return [nsd.file, '-d', '-c', writeConfiguration(folder, 'nsd.conf', text)];
}

/** The clause of a key; its secret in base64. */
export function nsdKey(name: string, algorithm: string, secret: string): string {
  return `key:\n  name: "${name}"\n  algorithm: ${algorithm}\n  secret: "${secret}"`;
}

function configure(folder: string, port: number, zones: readonly ZoneFile[]): Command {
  return nsdCommand(folder, port, {
    server: `  minimal-responses: yes
  refuse-any: no
  answer-cookie: no
  rrl-ratelimit: 0
  rrl-whitelist-ratelimit: 0`,
    rest: zones
      .map(({ name, path }) => `zone:\n  name: "${name}"\n  zonefile: "${path}"`)
      .join('\n'),
  });
}
