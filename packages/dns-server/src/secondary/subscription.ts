/**
 * Keeps a connection to a primary on which it announces changes: opens it, asks over it for the SOA of a
 * zone (or of the root, for all) with the key that may transfer it, and opens another when it is lost.
 * For secondaries that a primary cannot reach, and for who would rather not wait for a refresh.
 */
import type { Name } from '@riad/dns/name';
import type { Instant } from '@riad/octets/engine';
import type { Fraction, Primary } from './secondary-zone.ts';

/** The pause before the first new connection, doubled with each that fails, and its bound. */
export const firstPauseMs = 1000;
export const mostPauseMs = 300_000;
/** A connection that lasted so long was a good one: the next may follow soon. */
export const goodAfterMs = 60_000;

export type Subscription = {
  readonly primary: Primary;
  /** What is asked for; the root for every zone of the primary. */
  readonly zone: Name;
  readonly status: 'waiting' | 'opening' | 'open';
  readonly token: number;
  readonly openAt: Instant;
  readonly openedAt: Instant;
  readonly failures: number;
};

export type SubscriptionInput =
  | { readonly type: 'timer' }
  /** The primary has answered over the connection, with whatever RCODE: it is registered. */
  | { readonly type: 'answered'; readonly token: number }
  /** It could not be opened, was not answered, or was closed. */
  | { readonly type: 'lost'; readonly token: number };

export type SubscriptionOutput =
  /** Open a connection and ask for the SOA over it, signed. */
  | {
      readonly type: 'open';
      readonly token: number;
      readonly primary: Primary;
      readonly zone: Name;
    }
  /** What was announced while there was no connection is not known: look. */
  | { readonly type: 'refresh' }
  | { readonly type: 'wake'; readonly at: Instant };

type Next = { readonly state: Subscription; readonly outputs: readonly SubscriptionOutput[] };

export function subscription(primary: Primary, zone: Name, now: Instant): Subscription {
  return { primary, zone, status: 'waiting', token: 0, openAt: now, openedAt: now, failures: 0 };
}

export function stepSubscription(
  state: Subscription,
  now: Instant,
  input: SubscriptionInput,
  fraction: Fraction,
): Next {
  if (input.type !== 'timer') {
    if (input.token !== state.token || state.status === 'waiting') return { state, outputs: [] };
    if (input.type === 'answered') {
      if (state.status === 'open') return { state, outputs: [] };
      return {
        state: { ...state, status: 'open', openedAt: now },
        outputs: [{ type: 'refresh' }],
      };
    }
    const wasGood = state.status === 'open' && now - state.openedAt >= goodAfterMs;
    const failures = wasGood ? 1 : state.failures + 1;
    const pause = Math.min(firstPauseMs * 2 ** Math.min(failures - 1, 20), mostPauseMs);
    const openAt = now + Math.round(pause * (1 - fraction() / 4));
    return {
      state: { ...state, status: 'waiting', failures, openAt },
      outputs: [{ type: 'wake', at: openAt }],
    };
  }
  if (state.status !== 'waiting') return { state, outputs: [] };
  if (now < state.openAt) return { state, outputs: [{ type: 'wake', at: state.openAt }] };
  const token = state.token + 1;
  const { primary, zone } = state;
  return {
    state: { ...state, status: 'opening', token },
    outputs: [{ type: 'open', token, primary, zone }],
  };
}
