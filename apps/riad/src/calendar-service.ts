/** Which calendar service a command means; asked over its socket, or opened here where it does not run. */
import { resolve } from 'node:path';
import type {
  Configuration,
  ServiceConfiguration,
} from '@riad/runtime/configuration/configuration';
import { askService } from '@riad/runtime/control/control-client';
import { silentLog } from '@riad/runtime/logging/log';
import { metricsRegistry } from '@riad/runtime/metrics/registry';
import type { ServiceModule } from '@riad/runtime/service';
import { accountsFileOf, controlPath } from '@riad/runtime/supervision/service-process';
import { asOwnerOf } from './as-owner.ts';
import { demonstration } from './demonstration.ts';
import { type ConfigOption, configurationFile, loadConfiguration } from './load-configuration.ts';
import { Refusal } from './refusal.ts';

export type CalendarOption = ConfigOption & { readonly service?: string };

/** The only calendar service of riad.yaml, or the one named; without a file, that of the demonstration. */
export async function findCalendar(
  options: CalendarOption,
): Promise<{ configuration: Configuration; service: ServiceConfiguration }> {
  const file = configurationFile(options);
  const configuration =
    file === undefined ? await demonstration(0, 0) : await loadConfiguration(file);
  const found = configuration.services.filter(
    ({ name, type }) => type === 'calendar' && (options.service ?? name) === name,
  );
  const [service] = found;
  if (service === undefined || found.length > 1) {
    const names = configuration.services.map(({ name }) => name).join(', ');
    throw new Refusal(`which calendar service? --service is one of: ${names}`);
  }
  return { configuration, service };
}

/** Has a command performed, and gives what it answers. */
export async function askCalendar(
  options: CalendarOption,
  command: string,
  input: unknown,
  patienceMs?: number,
): Promise<unknown> {
  const { configuration, service } = await findCalendar(options);
  const socket = controlPath(configuration, service.name);
  const answer = await askService(socket, 'POST', `/commands/${command}`, input, patienceMs);
  if (answer !== undefined) {
    if (answer.status === 200) return answer.body;
    throw new Refusal((answer.body as { error?: string }).error ?? `status ${answer.status}`);
  }
  return asOwnerOf(service.stateDirectory, async () => {
    const module = (await import(service.module)) as ServiceModule;
    const running = await module.start({
      name: service.name,
      config: service.config,
      stateDirectory: service.stateDirectory,
      accountsFile: accountsFileOf(configuration),
      listeners: [],
      tls: undefined,
      log: silentLog,
      metrics: metricsRegistry(),
      signal: new AbortController().signal,
      resolvePath: (path) => resolve(configuration.directory, path),
    });
    try {
      return await running.commands[command]!(input);
    } finally {
      await running.stop();
    }
  });
}
