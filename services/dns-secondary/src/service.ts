/** The secondary name server: zones from primaries into shared memory, answers out of it. */

import { startThreads, type ZoneRules } from '@riad/name-server/threads';
import type { RunningService, ServiceContext } from '@riad/runtime/service';
import type { DnsSecondaryConfig } from './config.ts';

/** Zones have names and serials as their primaries give them. */
export const copyRules: ZoneRules = { rootOrigin: false, raiseSerial: false, takesUpdates: false };

export async function start(context: ServiceContext<DnsSecondaryConfig>): Promise<RunningService> {
  const threads = startThreads(context, copyRules, context.config.access);
  // The rest of the program is read while the threads start and the last zones come from the disk.
  const { serve } = await import('./serving.ts');
  try {
    return await serve(context, threads);
  } catch (error) {
    await threads.stop();
    throw error;
  }
}
