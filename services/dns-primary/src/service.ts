/** The authoritative name server: zones from their source into shared memory, answers out of it. */

import { startThreads } from '@riad/name-server/threads';
import type { RunningService, ServiceContext } from '@riad/runtime/service';
import type { DnsPrimaryConfig } from './config.ts';

export async function start(context: ServiceContext<DnsPrimaryConfig>): Promise<RunningService> {
  const { origin, serial, access } = context.config;
  const rules = {
    rootOrigin: origin === 'root',
    raiseSerial: serial === 'auto',
    takesUpdates: true,
  };
  const threads = startThreads(context, rules, access);
  // The rest of the program is read while the threads start and the last zones come from the disk.
  const { serve } = await import('./serving.ts');
  try {
    return await serve(context, threads);
  } catch (error) {
    await threads.stop();
    throw error;
  }
}
