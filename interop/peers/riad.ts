/**
 * Riad as its users run it: `riad run` with a folder of zones, a process of its own over UDP and TCP.
 * Rate limiting is off, for a test asks faster than any client; everything else is the default.
 */
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { riadRunCommand } from './riad-command.ts';
import {
  type Command,
  loopback,
  type RunningServer,
  type ServedZone,
  startServer,
  type ZoneFile,
} from './server.ts';

export type RiadSettings = {
  /** Files beside those of the zones, by name: keys, a policy. */
  readonly files?: Readonly<Record<string, string>>;
  /** Keys of the service in riad.yaml, one a line: `access: { transfer: ["127.0.0.1"] }`. */
  readonly keys?: readonly string[];
  /** Instead of a folder of zones, which is made and filled: `{ git: … }`. */
  readonly zones?: string;
  /** Further addresses to listen on. */
  readonly listen?: readonly string[];
  /** One that is known already, as that of an earlier run in the folder. */
  readonly port?: number;
};

export function startRiad(
  zones: readonly ServedZone[],
  folder: string,
  settings: RiadSettings = {},
): Promise<RunningServer> {
  const program = {
    name: 'riad',
    configure: (inside: string, port: number, files: readonly ZoneFile[]) =>
      configure(inside, port, files, settings),
  };
  const { port } = settings;
  return startServer(program, zones, folder, port === undefined ? undefined : async () => port);
}

function configure(
  folder: string,
  port: number,
  zones: readonly ZoneFile[],
  settings: RiadSettings,
): Command {
  const place = join(folder, 'zones');
  mkdirSync(place, { recursive: true });
  // What an earlier run has written into them stays.
  for (const { name, path } of zones)
    if (!existsSync(join(place, name))) copyFileSync(path, join(place, name));
  for (const [name, text] of Object.entries(settings.files ?? {}))
    writeFileSync(join(place, name), text);
  const listen = [`udp+tcp://${loopback}:${port}`, ...(settings.listen ?? [])];
  return riadRunCommand(folder, 'names', [
    'type: dns-primary',
    `listen: ${JSON.stringify(listen)}`,
    `zones: ${settings.zones ?? `{ folder: ${place} }`}`,
    'rateLimit: { responsesPerSecond: 0 }',
    'streams: { maxClientsPerAddress: 1000 }',
    ...(settings.keys ?? []),
  ]);
}
