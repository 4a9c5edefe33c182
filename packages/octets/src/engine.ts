/**
 * The one shape of every engine: `step(state, now, input)` gives the next state and what is to be
 * done. Engines have no clock, no socket and no randomness of their own.
 */

/** Milliseconds on a monotonic clock: timers, retransmission. */
export type Instant = number;
/** Wall-clock seconds: signatures and certificates. The brand keeps the two clocks apart. */
export type UnixSeconds = number & { readonly unit: 'seconds since 1970' };
export type Endpoint = { readonly address: string; readonly port: number };

export type Datagram = {
  readonly type: 'datagram';
  readonly from: Endpoint;
  readonly octets: Uint8Array;
};
/** Octets of a stream; `end` is true once the peer sends no more. */
export type StreamOctets = {
  readonly type: 'octets';
  readonly octets: Uint8Array;
  readonly end: boolean;
};
export type Timer = { readonly type: 'timer' };
export type Command<Body> = { readonly type: 'command'; readonly command: Body };
/** The outcome of an effect asked for earlier, known by the token it was asked with. */
export type Completed<Outcome> = {
  readonly type: 'completed';
  readonly token: number;
  readonly outcome: Outcome;
};
export type Input<Body = never, Outcome = never> =
  | Datagram
  | StreamOctets
  | Timer
  | Command<Body>
  | Completed<Outcome>;

export type Output<Settled, Effect = never> =
  | { readonly type: 'send'; readonly to: Endpoint; readonly octets: Uint8Array }
  | { readonly type: 'wake'; readonly at: Instant }
  | { readonly type: 'effect'; readonly token: number; readonly effect: Effect }
  | { readonly type: 'settled'; readonly outcome: Settled };

export type Next<State, Settled, Effect = never> = {
  readonly state: State;
  readonly outputs: readonly Output<Settled, Effect>[];
};
export type Step<State, Settled, Body = never, Outcome = never, Effect = never> = (
  state: State,
  now: Instant,
  input: Input<Body, Outcome>,
) => Next<State, Settled, Effect>;
