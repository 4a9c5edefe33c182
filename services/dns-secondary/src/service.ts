/** The secondary name server: zones from primaries into shared memory, answers out of it. */

import { startThreads } from '@riad/name-server/threads';
import type { RunningService, ServiceContext } from '@riad/runtime/service';
import type { DnsSecondaryConfig } from './config.ts';

export async function start(context: ServiceContext<DnsSecondaryConfig>): Promise<RunningService> {
  const threads = startThreads(context, { rootOrigin: false, raiseSerial: false });
  // The rest of the program is read while the threads start and the last zones come from the disk.
  const { serve } = await import('./serving.ts');
  try {
    return await serve(context, threads);
  } catch (error) {
    await threads.stop();
    throw error;
  }
}
