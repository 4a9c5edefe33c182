import { resolve } from 'node:path';
import type { Configuration } from '@riad/runtime/configuration/configuration';
import { askService } from '@riad/runtime/control/control-client';
import { confinementMissing } from '@riad/runtime/privileges/confinement';
import type { Health } from '@riad/runtime/service';
import { controlPath } from '@riad/runtime/supervision/service-process';
import { type ConfigOption, requireConfiguration } from '../load-configuration.ts';
import { serviceTypes } from '../service-types.ts';

export async function run(options: ConfigOption & { json?: boolean }): Promise<number> {
  const configuration = await requireConfiguration(options);
  const results: { service: string; title: string; complaints: readonly string[] }[] = [];
  const remarks: string[] = [];
  for (const { name, type, title, config } of configuration.services) {
    const module = await serviceTypes[type]?.configuration();
    const absolute = (path: string): string => resolve(configuration.directory, path);
    const files = (await module?.check?.(config, absolute)) ?? { complaints: [], remarks: [] };
    remarks.push(...files.remarks);
    const complaints = [...files.complaints, ...(await complaintsOfRunning(configuration, name))];
    results.push({ service: name, title, complaints });
  }
  const unconfined = confinementMissing();
  const root = process.getuid?.() === 0;
  remarks.push(
    ...(unconfined ? [`services will not be confined to their files: ${unconfined}`] : []),
    ...configuration.services
      .filter(({ user }) => root && user === undefined)
      .map(({ name }) => `service ${name} will run as root: set "user"`),
  );
  const good = results.every(({ complaints }) => complaints.length === 0);
  if (options.json) {
    process.stdout.write(`${JSON.stringify({ good, services: results, remarks })}\n`);
  } else {
    for (const { service, title, complaints } of results) {
      for (const complaint of complaints) process.stdout.write(`${complaint}\n`);
      if (complaints.length === 0) process.stdout.write(`${service}: ${title}: good\n`);
    }
    for (const remark of remarks) process.stderr.write(`${remark}\n`);
  }
  return good ? 0 : 1;
}

/** A service that runs knows what no file tells: what it has held back, or serves although its file is gone. */
async function complaintsOfRunning(
  configuration: Configuration,
  name: string,
): Promise<readonly string[]> {
  const path = controlPath(configuration, name);
  const answer = await askService(path, 'GET', '/health');
  const health = answer?.body as Health | undefined;
  return health === undefined || health.healthy
    ? []
    : health.complaints.map((complaint) => `${name} says: ${complaint}`);
}
