/** Waits for a condition; a test that waits for what does not come says for what. */
import { setTimeout as sleep } from 'node:timers/promises';

const lookMs = 5;

export async function until(
  holds: () => boolean | Promise<boolean>,
  what: string,
  withinMs = 30_000,
): Promise<void> {
  const end = performance.now() + withinMs;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`${what} did not come within ${withinMs} ms`);
    await sleep(lookMs);
  }
}
