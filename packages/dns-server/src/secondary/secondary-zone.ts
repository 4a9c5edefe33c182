/**
 * How one copy of a zone is kept (RFC 1034 §4.3.5): asking the primaries in turn, transferring what is
 * newer, expiring what nobody confirms, and going on asking all the same. Times count from the last
 * success. The engine decides; asking and transferring are effects of others, known by a token.
 *
 * Not here: who may send NOTIFY, how many zones are busy at once (secondary.ts), and the records.
 */
import { Rcode } from '@riad/dns/iana/rcodes';
import type { Name } from '@riad/dns/name';
import type { Endpoint, Instant, UnixSeconds } from '@riad/octets/engine';
import {
  beforeExpiryMs,
  isNewerSerial,
  pauseMs,
  refreshMs,
  type SoaTimes,
} from './refresh-times.ts';

export type Primary = { readonly endpoint: Endpoint; readonly key: string | undefined };

/** What outlives a restart, beside the records themselves. */
export type SecondaryFacts = SoaTimes & {
  /** When a primary last confirmed this version. */
  readonly confirmedAt: UnixSeconds;
  /** How long it was good from then on: the SOA's time, or less where a primary said so (RFC 7314). */
  readonly goodForSeconds: number;
};

export type SecondaryZone = {
  readonly zone: Name;
  readonly primaries: readonly Primary[];
  /** The key whose NOTIFY brought the zone here; undefined for one that is configured. */
  readonly addedBy: string | undefined;
  /** Undefined while there is no copy. */
  readonly facts: SecondaryFacts | undefined;
  /** The copy is not to be given out: nobody confirmed it for as long as it may live. */
  readonly expired: boolean;
  readonly expireAt: Instant;
  readonly activity: Activity | undefined;
  readonly lastToken: number;
  /** Rounds in a row in which every primary failed. */
  readonly failures: number;
  readonly nextAt: Instant;
  readonly lastStart: Instant;
  /** NOTIFY came while it was busy: one more check (RFC 1996 §4.4). */
  readonly again: boolean;
  /** The operator wants what the primary has, whatever its serial. */
  readonly forced: boolean;
  /** Rounds in a row in which every primary said, signed, that it does not have the zone. */
  readonly notAuth: { readonly since: Instant; readonly rounds: number } | undefined;
};

export type Activity = {
  readonly kind: 'soa' | 'ixfr' | 'axfr';
  readonly token: number;
  /** Index of the primary that is asked. */
  readonly primary: number;
  /** How many were asked in this round, this one included. */
  readonly tried: number;
  /** All before said NOTAUTH. */
  readonly allNotAuth: boolean;
};

export type SecondaryInput =
  | { readonly type: 'timer' }
  /** A NOTIFY that may be acted upon. `primary`: which one it came from, if it is one of them. */
  | {
      readonly type: 'notify';
      readonly serial: number | undefined;
      readonly signed: boolean;
      readonly primary: number | undefined;
    }
  /** The operator, or a connection that was lost and came back: look now. */
  | { readonly type: 'refresh' }
  | { readonly type: 'retransfer' }
  | {
      readonly type: 'completed';
      readonly token: number;
      readonly outcome: CheckOutcome;
    };

/** `expireSeconds`: as EXPIRE said it, if it did. `wallSeconds`: when that was. */
type Confirmation = {
  readonly expireSeconds?: number | undefined;
  readonly wallSeconds: UnixSeconds;
};

export type CheckOutcome =
  /** The answer to the query for the SOA. */
  | ({ readonly kind: 'soa'; readonly serial: number } & Confirmation)
  /** A transfer that told that there is nothing newer. */
  | ({ readonly kind: 'up-to-date' } & Confirmation)
  /** A newer version is served now. */
  | ({ readonly kind: 'transferred'; readonly soa: SoaTimes } & Confirmation)
  /** `code` says why, for people; `rcode` what the primary answered, 0 if it did not; `signed` whether that can be believed. */
  | {
      readonly kind: 'failed';
      readonly code: string;
      readonly rcode: number;
      readonly signed: boolean;
    };

export type SecondaryOutput =
  | { readonly type: 'ask-soa'; readonly token: number; readonly primary: Primary }
  | {
      readonly type: 'transfer';
      readonly token: number;
      readonly primary: Primary;
      readonly kind: 'ixfr' | 'axfr';
      /** What a transfer has to be newer than; undefined: whatever there is. */
      readonly serial: number | undefined;
    }
  /** Stop asking or transferring. */
  | { readonly type: 'cancel'; readonly token: number }
  | { readonly type: 'persist'; readonly facts: SecondaryFacts }
  /** SERVFAIL from here on, until `restored`. */
  | { readonly type: 'expired' }
  | { readonly type: 'restored' }
  /** The zone is gone from its primaries: remove it with its facts. */
  | { readonly type: 'drop' }
  | { readonly type: 'report'; readonly event: SecondaryEvent; readonly detail: string }
  | { readonly type: 'wake'; readonly at: Instant };

export type SecondaryEvent = 'failed' | 'all-failed' | 'serial-back' | 'not-auth';

export type SecondaryNext = {
  readonly state: SecondaryZone;
  readonly outputs: readonly SecondaryOutput[];
};

/** A random fraction from 0 to below 1. */
export type Fraction = () => number;

/** Whoever sends NOTIFY more often is answered, but does not make us ask more often. */
export const leastBetweenChecksMs = 1000;
/** Before an added zone is dropped: so many rounds of NOTAUTH, over so long. */
export const notAuthRounds = 3;
export const notAuthMs = 3_600_000;

/**
 * A zone at the start, with the facts of its copy, if there is one. Times that passed while nobody ran
 * are told by the wall clock; one that went back since counts as no time. It is looked after at once.
 */
export function secondaryZone(
  zone: Name,
  primaries: readonly Primary[],
  addedBy: string | undefined,
  facts: SecondaryFacts | undefined,
  now: Instant,
  wallSeconds: UnixSeconds,
): SecondaryNext {
  const elapsedMs = facts === undefined ? 0 : Math.max(0, wallSeconds - facts.confirmedAt) * 1000;
  const expireAt =
    facts === undefined ? Number.POSITIVE_INFINITY : now - elapsedMs + facts.goodForSeconds * 1000;
  const state: SecondaryZone = {
    zone,
    primaries,
    addedBy,
    facts,
    expired: false,
    expireAt,
    activity: undefined,
    lastToken: 0,
    failures: 0,
    nextAt: now,
    lastStart: Number.NEGATIVE_INFINITY,
    again: false,
    forced: false,
    notAuth: undefined,
  };
  return advance(state, now, []);
}

export function step(
  state: SecondaryZone,
  now: Instant,
  input: SecondaryInput,
  fraction: Fraction,
): SecondaryNext {
  switch (input.type) {
    case 'timer':
      return advance(state, now, []);
    case 'notify':
      return notified(state, now, input);
    case 'refresh':
      return advance(soon(state, now), now, []);
    case 'retransfer': {
      const outputs: SecondaryOutput[] = [];
      if (state.activity !== undefined) {
        outputs.push({ type: 'cancel', token: state.activity.token });
      }
      const idle = { ...state, activity: undefined, forced: true, nextAt: now, again: false };
      return advance(idle, now, outputs);
    }
    case 'completed':
      // What was cancelled or timed out may still complete.
      if (input.token !== state.activity?.token) return advance(state, now, []);
      return completed(state, state.activity, now, input.outcome, fraction);
  }
}

/** Other primaries than before; what runs with one that is gone ends by itself. */
export function withPrimaries(state: SecondaryZone, primaries: readonly Primary[]): SecondaryZone {
  return { ...state, primaries };
}

function notified(
  state: SecondaryZone,
  now: Instant,
  { serial, signed, primary }: Extract<SecondaryInput, { type: 'notify' }>,
): SecondaryNext {
  const { facts, activity } = state;
  // RFC 1996 §3.7: a hint. What we have already need not be asked for.
  const known = serial !== undefined && facts !== undefined && !isNewerSerial(serial, facts.serial);
  if (known && !state.expired) return advance(state, now, []);
  if (activity !== undefined || state.lastStart + leastBetweenChecksMs > now) {
    return advance(soon(state, now), now, []);
  }
  // A newer serial that is signed for needs no query: the transfer will tell.
  const direct = signed && serial !== undefined;
  const outputs: SecondaryOutput[] = [];
  const next = begin(state, now, primary ?? 0, 1, true, direct, outputs);
  return advance(next, now, outputs);
}

/** Lets the next check be as soon as it may be; while one runs, exactly one more behind it. */
function soon(state: SecondaryZone, now: Instant): SecondaryZone {
  if (state.activity !== undefined) return { ...state, again: true };
  const earliest = Math.max(now, state.lastStart + leastBetweenChecksMs);
  return { ...state, nextAt: Math.min(state.nextAt, earliest) };
}

/** What time brings: expiry, and the next check. Ends with when to come back. */
function advance(given: SecondaryZone, now: Instant, outputs: SecondaryOutput[]): SecondaryNext {
  let state = given;
  if (!state.expired && now >= state.expireAt) {
    state = { ...state, expired: true };
    outputs.push({ type: 'expired' });
  }
  if (state.activity === undefined && now >= state.nextAt) {
    state = begin(state, now, 0, 1, true, false, outputs);
  }
  const at = Math.min(
    state.activity === undefined ? state.nextAt : Number.POSITIVE_INFINITY,
    state.expired ? Number.POSITIVE_INFINITY : state.expireAt,
  );
  if (at < Number.POSITIVE_INFINITY) outputs.push({ type: 'wake', at });
  return { state, outputs };
}

/** Asks one primary: for its SOA, or for a transfer where that is the better question. */
function begin(
  state: SecondaryZone,
  now: Instant,
  primary: number,
  tried: number,
  allNotAuth: boolean,
  direct: boolean,
  outputs: SecondaryOutput[],
): SecondaryZone {
  const asked = state.primaries[primary];
  // Nobody to ask: until somebody is configured.
  if (asked === undefined) return { ...state, nextAt: Number.POSITIVE_INFINITY };
  const kind = state.facts === undefined || state.forced ? 'axfr' : direct ? 'ixfr' : 'soa';
  const token = state.lastToken + 1;
  const activity = { kind, token, primary, tried, allNotAuth } as const;
  outputs.push(request(state, activity, asked));
  return { ...state, activity, lastToken: token, lastStart: now, again: false };
}

function request(state: SecondaryZone, activity: Activity, primary: Primary): SecondaryOutput {
  const { kind, token } = activity;
  if (kind === 'soa') return { type: 'ask-soa', token, primary };
  const serial = state.forced ? undefined : state.facts?.serial;
  return { type: 'transfer', token, primary, kind, serial };
}

function completed(
  state: SecondaryZone,
  activity: Activity,
  now: Instant,
  outcome: CheckOutcome,
  fraction: Fraction,
): SecondaryNext {
  const { facts } = state;
  const outputs: SecondaryOutput[] = [];
  if (outcome.kind === 'transferred') {
    const { soa, expireSeconds, wallSeconds } = outcome;
    const kept = factsOfTransfer(soa, expireSeconds, wallSeconds);
    return succeed(state, kept, now + kept.goodForSeconds * 1000, now, outputs);
  }
  const same =
    outcome.kind === 'up-to-date' ||
    (outcome.kind === 'soa' && facts !== undefined && outcome.serial === facts.serial);
  if (same && facts !== undefined) {
    const granted = Math.min(facts.expireSeconds, outcome.expireSeconds ?? facts.expireSeconds);
    // RFC 7314 §4: a confirmation never makes the time that is left shorter.
    const expireAt = Math.max(now + granted * 1000, state.expireAt);
    const goodForSeconds = Math.floor((expireAt - now) / 1000);
    const kept = { ...facts, confirmedAt: outcome.wallSeconds, goodForSeconds };
    return succeed(state, kept, expireAt, now, outputs);
  }
  if (outcome.kind === 'soa') {
    if (facts === undefined || isNewerSerial(outcome.serial, facts.serial)) {
      return retry(state, activity, facts === undefined ? 'axfr' : 'ixfr', now, outputs);
    }
    const detail = `the primary has serial ${outcome.serial}, here is ${facts.serial}`;
    outputs.push({ type: 'report', event: 'serial-back', detail });
    return tryNext(state, activity, false, now, fraction, outputs);
  }
  if (outcome.kind === 'failed') {
    const { code, rcode, signed } = outcome;
    const notAuth = rcode === Rcode.NOTAUTH && signed;
    const event = code === 'transfer.serial-back' ? 'serial-back' : notAuth ? 'not-auth' : 'failed';
    outputs.push({ type: 'report', event, detail: code });
    // What IXFR does not bring, AXFR may; but not from a primary that is not there, or is behind.
    const worthAxfr = event === 'failed' && code !== unreachable;
    if (activity.kind === 'ixfr' && worthAxfr) return retry(state, activity, 'axfr', now, outputs);
    return tryNext(state, activity, notAuth, now, fraction, outputs);
  }
  return tryNext(state, activity, false, now, fraction, outputs);
}

/** What a version that has just come is good for. `expireSeconds`: as EXPIRE said it, if it did. */
export function factsOfTransfer(
  soa: SoaTimes,
  expireSeconds: number | undefined,
  wallSeconds: UnixSeconds,
): SecondaryFacts {
  // RFC 7314 §4: what the primary has left, but never more than the SOA grants.
  const goodForSeconds = Math.min(soa.expireSeconds, expireSeconds ?? soa.expireSeconds);
  return { ...soa, confirmedAt: wallSeconds, goodForSeconds };
}

/** The code of an effect that got no answer at all. */
export const unreachable = 'primary.unreachable';

/** The same primary once more, with another question. */
function retry(
  state: SecondaryZone,
  activity: Activity,
  kind: 'ixfr' | 'axfr',
  now: Instant,
  outputs: SecondaryOutput[],
): SecondaryNext {
  const primary = state.primaries[activity.primary];
  if (primary === undefined) return advance({ ...state, activity: undefined }, now, outputs);
  const token = state.lastToken + 1;
  const next = { ...activity, kind, token };
  outputs.push(request(state, next, primary));
  return advance({ ...state, activity: next, lastToken: token }, now, outputs);
}

/** The next primary in turn, or a pause when all were asked. */
function tryNext(
  state: SecondaryZone,
  activity: Activity,
  notAuth: boolean,
  now: Instant,
  fraction: Fraction,
  outputs: SecondaryOutput[],
): SecondaryNext {
  const allNotAuth = activity.allNotAuth && notAuth;
  const { primaries } = state;
  if (activity.tried < primaries.length) {
    const { again } = state;
    const primary = (activity.primary + 1) % primaries.length;
    const next = begin(state, now, primary, activity.tried + 1, allNotAuth, false, outputs);
    return advance({ ...next, again }, now, outputs);
  }
  const failures = state.failures + 1;
  outputs.push({ type: 'report', event: 'all-failed', detail: `${failures} in a row` });
  const since = state.notAuth?.since ?? now;
  const rounds = (state.notAuth?.rounds ?? 0) + 1;
  if (
    allNotAuth &&
    state.addedBy !== undefined &&
    rounds >= notAuthRounds &&
    now - since >= notAuthMs
  ) {
    outputs.push({ type: 'drop' });
    return { state: { ...state, activity: undefined }, outputs };
  }
  const pause = pauseMs(state.facts, failures, fraction());
  const idle: SecondaryZone = {
    ...state,
    activity: undefined,
    failures,
    notAuth: allNotAuth ? { since, rounds } : undefined,
    nextAt: now + pause,
    again: false,
  };
  return advance(state.again ? soon(idle, now) : idle, now, outputs);
}

function succeed(
  state: SecondaryZone,
  facts: SecondaryFacts,
  expireAt: Instant,
  now: Instant,
  outputs: SecondaryOutput[],
): SecondaryNext {
  outputs.push({ type: 'persist', facts });
  const expired = now >= expireAt;
  if (state.expired && !expired) outputs.push({ type: 'restored' });
  const idle: SecondaryZone = {
    ...state,
    facts,
    expireAt,
    expired: state.expired && expired,
    activity: undefined,
    failures: 0,
    forced: false,
    notAuth: undefined,
    nextAt: now + Math.min(refreshMs(facts), beforeExpiryMs(expireAt - now)),
    again: false,
  };
  return advance(state.again ? soon(idle, now) : idle, now, outputs);
}
