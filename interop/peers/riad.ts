/**
 * Riad as its users run it: `riad run` with a folder of zones, a process of its own over UDP and TCP.
 * Rate limiting is off, for a test asks faster than any client; everything else is the default.
 */
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  loopback,
  type RunningServer,
  type ServedZone,
  startServer,
  writeConfiguration,
  type ZoneFile,
} from './server.ts';

const main = new URL('../../apps/riad/src/main.ts', import.meta.url).pathname;

export function startRiad(zones: readonly ServedZone[], folder: string): Promise<RunningServer> {
  return startServer({ name: 'riad', configure }, zones, folder);
}

function configure(
  folder: string,
  port: number,
  zones: readonly ZoneFile[],
): [string, ...string[]] {
  mkdirSync(join(folder, 'zones'), { recursive: true });
  for (const { name, path } of zones) copyFileSync(path, join(folder, 'zones', name));
  const text = `state: ${folder}/state
services:
  names:
    type: dns-primary
    listen: ["udp+tcp://${loopback}:${port}"]
    zones: { folder: ${folder}/zones }
    rateLimit: { responsesPerSecond: 0 }
    streams: { maxClientsPerAddress: 1000 }
`;
  const path = writeConfiguration(folder, 'riad.yaml', text);
  return [process.execPath, main, 'run', 'names', '--config', path];
}
