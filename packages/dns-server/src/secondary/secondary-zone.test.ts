import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseName } from '@riad/dns/name';
import type { UnixSeconds } from '@riad/octets/engine';
import { Random, seed } from '@riad/octets/testing/random';
import {
  type CheckOutcome,
  type Primary,
  type SecondaryFacts,
  type SecondaryInput,
  type SecondaryOutput,
  type SecondaryZone,
  secondaryZone,
  step,
} from './secondary-zone.ts';

const zone = parseName('example.');
const one: Primary = { endpoint: { address: '192.0.2.1', port: 53 }, key: undefined };
const two: Primary = { endpoint: { address: '192.0.2.2', port: 53 }, key: 'k' };
const wall = (seconds: number): UnixSeconds => (1_800_000_000 + seconds) as UnixSeconds;
const times = (serial: number) => ({
  serial,
  refreshSeconds: 1000,
  retrySeconds: 100,
  expireSeconds: 5000,
});
const facts = (serial = 5, confirmed = 0): SecondaryFacts => ({
  ...times(serial),
  confirmedAt: wall(confirmed),
  goodForSeconds: 5000,
});
const noJitter = (): number => 0;

const down: CheckOutcome = { kind: 'failed', code: 'primary.unreachable', rcode: 0, signed: false };
const rcode = (code: number, signed = true): CheckOutcome => ({
  kind: 'failed',
  code: 'transfer.rcode',
  rcode: code,
  signed,
});
const fault = (code: string): CheckOutcome => ({ kind: 'failed', code, rcode: 0, signed: true });
const soa = (serial: number, expireSeconds?: number): CheckOutcome => ({
  kind: 'soa',
  serial,
  expireSeconds,
  wallSeconds: wall(0),
});
const got = (serial: number, expireSeconds?: number): CheckOutcome => ({
  kind: 'transferred',
  soa: times(serial),
  expireSeconds,
  wallSeconds: wall(0),
});
const same: CheckOutcome = { kind: 'up-to-date', wallSeconds: wall(0) };

/** Outputs as short words, so that a scenario reads as a table. */
function words(outputs: readonly SecondaryOutput[]): string[] {
  return outputs.map((output) => {
    switch (output.type) {
      case 'ask-soa':
        return `soa ${output.primary.endpoint.address.slice(-1)}`;
      case 'transfer':
        return `${output.kind} ${output.primary.endpoint.address.slice(-1)} ${output.serial ?? 'any'}`;
      case 'wake':
        return `wake ${output.at / 1000}`;
      case 'report':
        return output.event;
      case 'persist':
        return `persist ${output.facts.serial}`;
      default:
        return output.type;
    }
  });
}

type Row = readonly [at: number, input: SecondaryInput | CheckOutcome, expected: readonly string[]];

/** Plays rows of seconds, input and outputs; an outcome completes what runs. */
function play(
  rows: readonly Row[],
  {
    primaries = [one],
    kept = facts() as SecondaryFacts | 'none',
    addedBy = undefined as string | undefined,
    first = undefined as readonly string[] | undefined,
  } = {},
): SecondaryZone {
  let { state, outputs } = secondaryZone(
    zone,
    primaries,
    addedBy,
    kept === 'none' ? undefined : kept,
    0,
    wall(0),
  );
  if (first !== undefined) assert.deepEqual(words(outputs), first, 'at the start');
  for (const [at, input, expected] of rows) {
    const real: SecondaryInput =
      'kind' in input
        ? { type: 'completed', token: state.activity?.token ?? -1, outcome: input }
        : input;
    ({ state, outputs } = step(state, at * 1000, real, noJitter));
    assert.deepEqual(words(outputs), expected, `at ${at} s`);
  }
  return state;
}

const timer: SecondaryInput = { type: 'timer' };
const notify = (
  serial?: number,
  signed = false,
  primary: number | undefined = 0,
): SecondaryInput => ({ type: 'notify', serial, signed, primary });

describe('a copy of a zone', () => {
  test('is fetched whole when there is none, IXFR when there is one, and refreshed', () => {
    play(
      [
        [1, got(5), ['persist 5', 'wake 1001']],
        [1001, timer, ['soa 1', 'wake 5001']],
        [1002, soa(5), ['persist 5', 'wake 2002']],
        [2002, timer, ['soa 1', 'wake 6002']],
        [2003, soa(6), ['ixfr 1 5', 'wake 6002']],
        [2004, got(6), ['persist 6', 'wake 3004']],
      ],
      { kept: 'none', first: ['axfr 1 any'] },
    );
  });

  test('comes by AXFR when IXFR does not work, from the same primary, at once', () => {
    for (const failure of [
      rcode(4),
      rcode(5),
      rcode(1),
      fault('commit.inexact'),
      fault('transfer.serial'),
    ]) {
      play([
        [1, soa(6), ['ixfr 1 5', 'wake 5000']],
        [2, failure, ['failed', 'axfr 1 5', 'wake 5000']],
        [3, got(6), ['persist 6', 'wake 1003']],
      ]);
    }
  });

  test('a transfer that says there is nothing newer is a success', () => {
    play([
      [1, soa(6), ['ixfr 1 5', 'wake 5000']],
      [2, same, ['persist 5', 'wake 1002']],
    ]);
  });

  test('several primaries are tried in turn, and a pause comes after the last', () => {
    play(
      [
        [1, down, ['failed', 'soa 2', 'wake 5000']],
        [2, soa(6), ['ixfr 2 5', 'wake 5000']],
        [3, down, ['failed', 'all-failed', 'wake 103']],
        [103, timer, ['soa 1', 'wake 5000']],
        [104, soa(5), ['persist 5', 'wake 1104']],
      ],
      { primaries: [one, two] },
    );
  });

  test('retry: doubled with each round, up to an hour; then success resets it', () => {
    const pauses: number[] = [];
    let state = secondaryZone(
      zone,
      [one],
      undefined,
      { ...facts(), expireSeconds: 1e9, goodForSeconds: 1e9 },
      0,
      wall(0),
    ).state;
    let now = 0;
    for (let i = 0; i < 9; i++) {
      state = step(
        state,
        now,
        { type: 'completed', token: state.activity!.token, outcome: down },
        noJitter,
      ).state;
      pauses.push((state.nextAt - now) / 1000);
      now = state.nextAt;
      state = step(state, now, timer, noJitter).state;
    }
    assert.deepEqual(pauses, [100, 200, 400, 800, 1600, 3200, 3600, 3600, 3600]);
    state = step(
      state,
      now,
      { type: 'completed', token: state.activity!.token, outcome: soa(5) },
      noJitter,
    ).state;
    assert.equal(state.failures, 0);
  });

  test('times of the SOA are held within bounds: refresh 60 s to a day, retry 10 s to an hour', () => {
    for (const [given, refresh, retry] of [
      [1, 60, 10],
      [1_000_000_000, 86_400, 3600],
    ] as const) {
      const kept = {
        ...facts(),
        refreshSeconds: given,
        retrySeconds: given,
        expireSeconds: 2e9,
        goodForSeconds: 2e9,
      };
      play(
        [
          [1, soa(5), ['persist 5', `wake ${1 + refresh}`]],
          [1 + refresh, timer, ['soa 1', `wake ${2e9 + 1}`]],
          [2 + refresh, down, ['failed', 'all-failed', `wake ${2 + refresh + retry}`]],
        ],
        { kept },
      );
    }
  });

  test('jitter makes pauses shorter by up to a quarter', () => {
    const { state } = secondaryZone(zone, [one], undefined, facts(), 0, wall(0));
    const next = step(state, 0, { type: 'completed', token: 1, outcome: down }, () => 0.999).state;
    assert.equal(next.nextAt, 75_025);
  });
});

describe('expiry', () => {
  test('is exact, counted from the last success, whatever is asked in between; and the zone comes back', () => {
    let { state } = secondaryZone(zone, [one], undefined, facts(), 0, wall(0));
    let expiredAt: number | undefined;
    let outputs: readonly SecondaryOutput[] = [];
    let now = 1000;
    ({ state, outputs } = step(
      state,
      now,
      { type: 'completed', token: 1, outcome: soa(5) },
      noJitter,
    ));
    let asked = 0;
    while (now < 50_000_000) {
      const running = outputs.find((output) => output.type === 'ask-soa');
      if (running?.type === 'ask-soa') {
        asked++;
        ({ state, outputs } = step(
          state,
          now,
          { type: 'completed', token: running.token, outcome: down },
          noJitter,
        ));
        continue;
      }
      const wake = outputs.find((output) => output.type === 'wake');
      assert.ok(wake?.type === 'wake');
      now = wake.at;
      ({ state, outputs } = step(state, now, timer, noJitter));
      if (outputs.some((output) => output.type === 'expired')) {
        assert.equal(expiredAt, undefined, 'once');
        expiredAt = now;
      }
    }
    assert.equal(expiredAt, 1000 + 5000 * 1000);
    assert.ok(asked > 15 && asked < 40, `${asked} queries in 14 hours, before expiry and after`);
    // The primary is there again: no NOTIFY is needed.
    assert.ok(state.activity !== undefined && state.expired);
    const outcome = soa(5);
    const answered = { type: 'completed', token: state.activity.token, outcome } as const;
    ({ state, outputs } = step(state, now + 1000, answered, noJitter));
    assert.deepEqual(words(outputs).slice(0, 2), ['persist 5', 'restored']);
  });

  test('an expired zone that gets a newer version is served again', () => {
    play(
      [
        [1, soa(6), ['ixfr 1 5']],
        [2, got(6), ['persist 6', 'restored', 'wake 1002']],
      ],
      { kept: facts(5, -5000), first: ['expired', 'soa 1'] },
    );
  });

  for (const [why, confirmed, first] of [
    ['a restart: time that passed counts', -4000, ['soa 1', 'wake 1000']],
    ['a restart after it expired', -5001, ['expired', 'soa 1']],
    ['a wall clock that went back counts as no time', 100_000, ['soa 1', 'wake 5000']],
  ] as const) {
    test(why, () => void play([], { kept: facts(5, confirmed), first }));
  }

  test('EXPIRE (RFC 7314 §4): what the primary has left, never more than the SOA grants', () => {
    for (const [option, at, wake] of [
      [100, 101, 51], // a refresh would come too late
      [10, 11, 11], // half of that would be too often
      [5000, 5001, 1001],
      [9999, 5001, 1001],
      [undefined, 5001, 1001],
    ] as const) {
      const state = play([[1, got(6, option), ['persist 6', `wake ${wake}`]]], {
        kept: 'none',
      });
      assert.equal(state.expireAt, at * 1000);
      assert.equal(state.facts?.goodForSeconds, at - 1);
    }
    // A confirmation never shortens what is left, and lengthens it by no more than it says.
    for (const [option, at] of [
      [100, 5000],
      [4999, 5009],
      [9999, 5010],
    ] as const) {
      assert.equal(play([[10, soa(5, option), ['persist 5', 'wake 1010']]]).expireAt, at * 1000);
    }
  });
});

describe('a serial that went back', () => {
  test('is told, is no success, and settles: bounded queries until it expires', () => {
    let { state, outputs } = secondaryZone(zone, [one], undefined, facts(5), 0, wall(0));
    let asked = 0;
    let now = 0;
    let told = 0;
    while (now < 3_600_000) {
      const running = outputs.find(
        (output) => output.type === 'ask-soa' || output.type === 'transfer',
      );
      if (running !== undefined && 'token' in running) {
        asked++;
        assert.equal(running.type, 'ask-soa', 'nothing is transferred');
        ({ state, outputs } = step(
          state,
          now,
          { type: 'completed', token: running.token, outcome: soa(4) },
          noJitter,
        ));
        if (words(outputs).includes('serial-back')) told++;
        continue;
      }
      const wake = outputs.find((output) => output.type === 'wake');
      now = wake?.type === 'wake' ? wake.at : Number.POSITIVE_INFINITY;
      ({ state, outputs } = step(state, now, timer, noJitter));
    }
    assert.ok(asked <= 7, `${asked} queries in an hour`);
    assert.equal(told, asked);
    assert.equal(state.expireAt, 5_000_000);
  });

  test('as a transfer that is not newer: the same, without AXFR behind it', () => {
    play([
      [1, soa(6), ['ixfr 1 5', 'wake 5000']],
      [2, fault('transfer.serial-back'), ['serial-back', 'all-failed', 'wake 102']],
    ]);
  });

  test('is taken when the operator says so, whatever runs', () => {
    play([
      [1, soa(6), ['ixfr 1 5', 'wake 5000']],
      [2, { type: 'retransfer' }, ['cancel', 'axfr 1 any', 'wake 5000']],
      [3, down, ['failed', 'all-failed', 'wake 103']],
      [103, timer, ['axfr 1 any', 'wake 5000']],
      [104, got(3), ['persist 3', 'wake 1104']],
      [105, notify(4), ['soa 1', 'wake 5104']],
    ]);
  });
});

describe('NOTAUTH', () => {
  const added = { addedBy: 'k', kept: { ...facts(), expireSeconds: 1e6, goodForSeconds: 1e6 } };

  test('once changes nothing', () => {
    const state = play([[1, rcode(9), ['not-auth', 'all-failed', 'wake 101']]], added);
    assert.equal(state.expired, false);
  });

  /** Answers every query with `outcome` until the zone is dropped or a day is over. */
  function answerAll(
    options: {
      addedBy: string | undefined;
      kept: SecondaryFacts;
      primaries?: readonly Primary[];
    },
    outcome: (round: number) => CheckOutcome,
  ): number | undefined {
    let { state, outputs } = secondaryZone(
      zone,
      options.primaries ?? [one],
      options.addedBy,
      options.kept,
      0,
      wall(0),
    );
    let round = 0;
    for (let now = 0; now < 86_400_000; ) {
      if (outputs.some((output) => output.type === 'drop')) return now / 1000;
      if (state.activity !== undefined) {
        const completed = {
          type: 'completed',
          token: state.activity.token,
          outcome: outcome(round++),
        } as const;
        ({ state, outputs } = step(state, now, completed, noJitter));
        continue;
      }
      now = state.nextAt;
      ({ state, outputs } = step(state, now, timer, noJitter));
    }
    return undefined;
  }

  test('several times over an hour drops a zone that was added, and only such', () => {
    const at = answerAll(added, () => rcode(9));
    assert.ok(at !== undefined && at >= 3600 && at < 7200, `${at} s`);
    assert.equal(
      answerAll({ ...added, addedBy: undefined }, () => rcode(9)),
      undefined,
      'configured',
    );
    assert.equal(
      answerAll(added, () => rcode(9, false)),
      undefined,
      'unsigned',
    );
    assert.equal(
      answerAll(added, (round) => (round % 3 === 2 ? down : rcode(9))),
      undefined,
      'not in a row',
    );
    assert.equal(
      answerAll({ ...added, primaries: [one, two] }, (round) =>
        round % 2 === 1 ? down : rcode(9),
      ),
      undefined,
      'not from all',
    );
  });
});

describe('NOTIFY', () => {
  test('asks at once; a newer serial that is signed for goes straight to the transfer', () => {
    play([
      [1, soa(5), ['persist 5', 'wake 1001']],
      [10, notify(), ['soa 1', 'wake 5001']],
      [11, soa(5), ['persist 5', 'wake 1011']],
      [20, notify(6, true), ['ixfr 1 5', 'wake 5011']],
      [21, got(6), ['persist 6', 'wake 1021']],
      [30, notify(7, false), ['soa 1', 'wake 5021']],
    ]);
  });

  test('of what is here already, or older, asks nothing', () => {
    play([
      [1, soa(5), ['persist 5', 'wake 1001']],
      [10, notify(5), ['wake 1001']],
      [10, notify(4, true), ['wake 1001']],
    ]);
  });

  test('begins with the primary that it came from', () => {
    play(
      [
        [1, soa(5), ['persist 5', 'wake 1001']],
        [10, notify(6, false, 1), ['soa 2', 'wake 5001']],
        [11, down, ['failed', 'soa 1', 'wake 5001']],
        [12, soa(5), ['persist 5', 'wake 1012']],
      ],
      { primaries: [one, two] },
    );
  });

  test('in the middle of a transfer queues exactly one more check (RFC 1996 §4.4)', () => {
    play([
      [1, soa(6), ['ixfr 1 5', 'wake 5000']],
      [2, notify(7), ['wake 5000']],
      [3, notify(8), ['wake 5000']],
      [4, notify(), ['wake 5000']],
      [5, got(6), ['persist 6', 'soa 1', 'wake 5005']],
      [6, soa(6), ['persist 6', 'wake 1006']],
    ]);
  });

  test('in the middle of a transfer that fails: one more check as well', () => {
    play([
      [1, soa(6), ['ixfr 1 5', 'wake 5000']],
      [2, notify(7), ['wake 5000']],
      [3, down, ['failed', 'all-failed', 'soa 1', 'wake 5000']],
      [4, down, ['failed', 'all-failed', 'wake 204']],
    ]);
  });

  test('a flood asks once a second', () => {
    let { state } = secondaryZone(zone, [one], undefined, facts(), 0, wall(0));
    let asked = 0;
    for (let now = 0; now < 10_000; now += 10) {
      if (state.activity !== undefined) {
        asked++;
        state = step(
          state,
          now,
          { type: 'completed', token: state.activity.token, outcome: soa(5) },
          noJitter,
        ).state;
      }
      state = step(state, now, notify(99), noJitter).state;
    }
    assert.ok(asked <= 11, `${asked}`);
  });
});

test('what completes late, or twice, changes nothing', () => {
  const { state } = secondaryZone(zone, [one], undefined, facts(), 0, wall(0));
  const late = step(state, 10, { type: 'completed', token: 99, outcome: got(9) }, noJitter);
  assert.deepEqual(late.state, state);
});

test(`whatever happens: one thing at a time, and always something to wait for (seed ${seed})`, () => {
  const random = new Random(seed);
  for (let round = 0; round < 300; round++) {
    const kept = random.chance(0.7) ? facts(random.below(10), -random.below(6000)) : undefined;
    let { state, outputs } = secondaryZone(
      zone,
      [one, two],
      random.pick([undefined, 'k']),
      kept,
      0,
      wall(0),
    );
    let now = 0;
    let running: number | undefined;
    for (let i = 0; i < 200; i++) {
      for (const output of outputs) {
        if (output.type === 'cancel') {
          assert.equal(output.token, running);
          running = undefined;
        }
        if (output.type === 'ask-soa' || output.type === 'transfer') {
          assert.equal(running, undefined);
          running = output.token;
        }
      }
      assert.equal(running, state.activity?.token);
      if (outputs.some((output) => output.type === 'drop')) break;
      const wakes = outputs.flatMap((output) => (output.type === 'wake' ? [output.at] : []));
      assert.ok(running !== undefined || wakes.length === 1);
      assert.ok(!state.expired || now >= state.expireAt);
      assert.ok(state.expired || now < state.expireAt);
      now += random.chance(0.3) ? random.below(2_000_000) : random.below(2000);
      const outcome = random.pick([
        down,
        rcode(9),
        rcode(5),
        fault('x'),
        soa(random.below(10)),
        got(random.below(10)),
        same,
      ]);
      const input = random.pick<SecondaryInput>([
        timer,
        notify(random.below(12), random.chance(0.5)),
        { type: 'refresh' },
        { type: 'completed', token: running ?? 0, outcome },
        { type: 'completed', token: running ?? 0, outcome },
      ]);
      if (input.type === 'completed') running = undefined;
      ({ state, outputs } = step(state, now, input, () => random.uint32() / 2 ** 32));
    }
  }
});
