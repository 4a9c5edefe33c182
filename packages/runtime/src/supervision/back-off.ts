/** How long to wait before a service that ended is started again. */

const firstMs = 100;
const longestMs = 30_000;
/** Who ran as long as this has earned a fresh start, at once. */
const steadyMs = 60_000;

export type BackOff = { readonly failures: number };
export const noFailures: BackOff = { failures: 0 };

/**
 * Nothing after a steady run; then doubles from 100 ms to half a minute. Half of it is chance, so that
 * services that fell together do not rise together. `random`: 0 ≤ random < 1.
 */
export function nextStart(
  state: BackOff,
  ranMs: number,
  random: number,
): { state: BackOff; delayMs: number } {
  if (ranMs >= steadyMs) return { state: noFailures, delayMs: 0 };
  const { failures } = state;
  const ceiling = Math.min(longestMs, firstMs * 2 ** failures);
  return {
    state: { failures: Math.min(failures + 1, 20) },
    delayMs: Math.round(ceiling / 2 + (ceiling / 2) * random),
  };
}
