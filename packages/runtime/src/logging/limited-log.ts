/** Keeps hostile input from filling the disk: each event may be logged so often, then is counted. */
import type { Fields, Log } from './log.ts';
import { levels } from './log.ts';

export type LogLimit = { readonly linesPerWindow: number; readonly windowSeconds: number };

/** For events that a stranger on the network can cause. */
export const strangersLimit: LogLimit = { linesPerWindow: 5, windowSeconds: 10 };

type Window = { startMs: number; lines: number; suppressed: number };

/** `now`: a monotonic clock in milliseconds. What was left out is told with the next line of its kind. */
export function limitedLog(
  log: Log,
  limit: LogLimit = strangersLimit,
  now: () => number = () => performance.now(),
): Log {
  // Keyed by event, and events are fixed sentences of ours, so this cannot grow.
  return limitedBy(log, limit, now, new Map());
}

function limitedBy(
  log: Log,
  limit: LogLimit,
  now: () => number,
  windows: Map<string, Window>,
): Log {
  const pass = (event: string): Fields | undefined => {
    const at = now();
    let window = windows.get(event);
    let suppressed = 0;
    if (window === undefined || at - window.startMs >= limit.windowSeconds * 1000) {
      suppressed = window?.suppressed ?? 0;
      window = { startMs: at, lines: 0, suppressed: 0 };
      windows.set(event, window);
    }
    if (window.lines >= limit.linesPerWindow) {
      window.suppressed++;
      return undefined;
    }
    window.lines++;
    return suppressed > 0 ? { suppressed } : {};
  };
  const methods = levels.map((level) => [
    level,
    (event: string, fields?: Fields): void => {
      const extra = pass(event);
      if (extra) log[level](event, { ...fields, ...extra });
    },
  ]);
  return {
    ...(Object.fromEntries(methods) as Pick<Log, (typeof levels)[number]>),
    with: (fields) => limitedBy(log.with(fields), limit, now, windows),
  };
}
