/** Which name server a command means, where its state lies, and where it is spoken to. */
import { resolve } from 'node:path';
import { type ConfigOption, configurationFile, loadConfiguration } from './load-configuration.ts';
import { Refusal } from './refusal.ts';

export type NameServerOption = ConfigOption & { readonly service?: string };

const nameServerTypes = new Set(['dns-primary', 'dns-secondary']);

export type NameServer = { readonly socket: string; readonly stateDirectory: string };

/** The only one of riad.yaml, or the one named; without a file, that of the demonstration. */
export async function findNameServer(options: NameServerOption): Promise<NameServer> {
  const file = configurationFile(options);
  if (file === undefined) {
    const name = options.service ?? 'names';
    return {
      socket: resolve('state', 'run', `${name}.sock`),
      stateDirectory: resolve('state', name),
    };
  }
  const { services, stateDirectory } = await loadConfiguration(file);
  const found = services.filter(
    ({ name, type }) => nameServerTypes.has(type) && (options.service ?? name) === name,
  );
  const [service] = found;
  if (service === undefined || found.length > 1) {
    const names = services.map(({ name }) => name).join(', ');
    throw new Refusal(`which name server? --service is one of: ${names}`);
  }
  return {
    socket: resolve(stateDirectory, 'run', `${service.name}.sock`),
    stateDirectory: service.stateDirectory,
  };
}
