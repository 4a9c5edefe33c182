/** The three servers that Riad is measured against, started together over the same zones. */
import { join } from 'node:path';
import { named, startBind } from './bind.ts';
import { knot, startKnot } from './knot.ts';
import { nsd, startNsd } from './nsd.ts';
import type { RunningServer, ServedZone } from './server.ts';

/** For `skip`: false if all three are installed, or who is missing. */
export const missingPeers: false | string =
  [named, nsd, knot].map((peer) => peer.missing).find((missing) => missing !== false) ?? false;

/** Runs `body` while the three serve `zones`; they are stopped however it ends. */
export async function withPeers<Result>(
  zones: readonly ServedZone[],
  folder: string,
  body: (peers: readonly RunningServer[]) => Promise<Result>,
): Promise<Result> {
  const starts = [
    startBind(zones, join(folder, 'bind')),
    startNsd(zones, join(folder, 'nsd')),
    startKnot(zones, join(folder, 'knot')),
  ];
  const started = await Promise.allSettled(starts);
  const peers = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  try {
    for (const one of started) if (one.status === 'rejected') throw one.reason;
    return await body(peers);
  } finally {
    await Promise.all(peers.map((peer) => peer.stop()));
  }
}
