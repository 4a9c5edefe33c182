/** `riad zone status|confirm|remove`: asks the running name server. */
import { resolve } from 'node:path';
import { askService } from '@riad/runtime/control/control-client';
import { type ConfigOption, configurationFile, loadConfiguration } from '../load-configuration.ts';
import { Refusal } from '../refusal.ts';

type Options = ConfigOption & { service?: string; json?: boolean };

export async function run(
  action: 'status' | 'confirm' | 'remove',
  zone: string | undefined,
  options: Options,
): Promise<number> {
  const socket = await findSocket(options);
  const answer = await askService(socket, 'POST', `/commands/zone-${action}`, { zone });
  if (answer === undefined) throw new Refusal(`the name server is not running (${socket})`);
  if (answer.status !== 200) {
    const { error } = (answer.body ?? {}) as { error?: string };
    throw new Refusal(error ?? `the name server answers with status ${answer.status}`);
  }
  process.stdout.write(`${JSON.stringify(answer.body, null, options.json ? 0 : 2)}\n`);
  return 0;
}

async function findSocket(options: Options): Promise<string> {
  const file = configurationFile(options);
  if (file === undefined) return resolve('state', 'run', `${options.service ?? 'names'}.sock`);
  const { services, stateDirectory } = await loadConfiguration(file);
  const found = services.filter(
    ({ name, type }) => type === 'dns-primary' && (options.service ?? name) === name,
  );
  const [service] = found;
  if (service === undefined || found.length > 1) {
    const names = services.map(({ name }) => name).join(', ');
    throw new Refusal(`which name server? --service is one of: ${names}`);
  }
  return resolve(stateDirectory, 'run', `${service.name}.sock`);
}
