import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Configuration } from '@riad/runtime/configuration/configuration';
import { readConfiguration } from '@riad/runtime/configuration/read';
import { Refusal } from './refusal.ts';
import { serviceTypes } from './service-types.ts';

export type ConfigOption = { readonly config?: string };

/** What is read when no file is named, if it is there. */
const usualFile = 'riad.yaml';

/** The file to read: the one named, else riad.yaml here; `undefined` when there is neither. */
export function configurationFile({ config }: ConfigOption): string | undefined {
  if (config !== undefined) {
    if (!existsSync(config)) throw new Refusal(`${config} does not exist`);
    return config;
  }
  return existsSync(usualFile) ? usualFile : undefined;
}

export function loadConfiguration(file: string): Promise<Configuration> {
  const directory = dirname(resolve(file));
  return readConfiguration(readFileSync(file, 'utf8'), file, directory, serviceTypes);
}

export async function requireConfiguration(options: ConfigOption): Promise<Configuration> {
  const file = configurationFile(options);
  if (file === undefined) {
    throw new Refusal('there is no riad.yaml here; name the file with --config');
  }
  return loadConfiguration(file);
}
