/** What time it is, for who keeps copies: tests have another. */
import type { Instant, UnixSeconds } from '@riad/octets/engine';

export type Clocks = { readonly now: () => Instant; readonly wall: () => UnixSeconds };

export const realClocks: Clocks = {
  now: () => performance.now(),
  wall: () => Math.floor(Date.now() / 1000) as UnixSeconds,
};
