import { runInPlace } from '@riad/runtime/supervision/run-in-place';
import { type ConfigOption, requireConfiguration } from '../load-configuration.ts';
import { Refusal } from '../refusal.ts';

export async function run(name: string, options: ConfigOption): Promise<number> {
  const configuration = await requireConfiguration(options);
  const service = configuration.services.find((candidate) => candidate.name === name);
  if (service === undefined) {
    const names = configuration.services.map((candidate) => candidate.name).join(', ');
    throw new Refusal(`${configuration.file} has no service "${name}"; it has ${names}`);
  }
  await runInPlace(service, configuration);
  return 0;
}
