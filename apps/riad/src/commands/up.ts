import { readFileSync } from 'node:fs';
import type { Configuration } from '@riad/runtime/configuration/configuration';
import { jsonLog } from '@riad/runtime/logging/json-log';
import { confinementMissing } from '@riad/runtime/privileges/confinement';
import { type Supervisor, supervise } from '@riad/runtime/supervision/supervisor';
import { demonstration, invitation } from '../demonstration.ts';
import { type ConfigOption, configurationFile, loadConfiguration } from '../load-configuration.ts';
import { Refusal } from '../refusal.ts';

type Options = ConfigOption & { readonly port: string; readonly webPort?: string };

/** Where the demonstration serves its pages; any free port if names have one. */
const usualWebPort = '8080';

export async function run(options: Options): Promise<number> {
  const file = configurationFile(options);
  const port = portOf('--port', options.port);
  const webPort = portOf('--web-port', options.webPort ?? (port === 0 ? '0' : usualWebPort));
  const configuration =
    file === undefined ? await demonstration(port, webPort) : await loadConfiguration(file);
  const log = jsonLog(configuration.log, { service: 'riad' });
  const missing = confinementMissing();
  if (missing !== undefined) log.warn('services are not confined to their files', { why: missing });

  const supervisor = supervise(configuration, log);
  const ended = untilStopped(supervisor, file, log);
  await Promise.race([supervisor.ready, ended]);
  await log.load();
  if (file === undefined) {
    const [listener] = supervisor.listeners.get('names') ?? [];
    const [web] = supervisor.listeners.get('calendar') ?? [];
    process.stdout.write(invitation(listener?.port ?? port, web?.port ?? webPort));
  }
  await ended;
  log.flush();
  return 0;
}

function portOf(option: string, text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    throw new Refusal(`${option} ${text}: not a port`);
  }
  return port;
}

/** SIGTERM and Ctrl-C stop; SIGHUP reads the file again and keeps the last good reading. */
function untilStopped(
  supervisor: Supervisor,
  file: string | undefined,
  log: ReturnType<typeof jsonLog>,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let stopping = false;
    const stop = (): void => {
      if (stopping) return;
      stopping = true;
      supervisor.stop().then(resolve, reject);
    };
    process.on('SIGTERM', stop);
    process.on('SIGINT', stop);
    process.on('SIGHUP', () => {
      reread(file).then(
        (next) => (next === undefined || stopping ? undefined : supervisor.apply(next)),
        (error: unknown) => log.error('configuration is not taken', { error }),
      );
    });
  });
}

async function reread(file: string | undefined): Promise<Configuration | undefined> {
  if (file === undefined) return undefined;
  readFileSync(file); // a missing file is an error here, not a demonstration
  return loadConfiguration(file);
}
