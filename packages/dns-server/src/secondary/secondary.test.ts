import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { formatName, parseName } from '@riad/dns/name';
import type { UnixSeconds } from '@riad/octets/engine';
import {
  maxSoaQueries,
  maxTransfers,
  maxTransfersFromPrimary,
  Secondaries,
  type SetInput,
  type SetOutput,
  soaQueryMs,
  transferMs,
} from './secondary.ts';
import { type CheckOutcome, type Primary, unreachable } from './secondary-zone.ts';
import {
  type Subscription,
  type SubscriptionInput,
  stepSubscription,
  subscription,
} from './subscription.ts';

const wallSeconds = 1_800_000_000 as UnixSeconds;
const zone = parseName('example.');
const primary = (last: number, key?: string): Primary => ({
  endpoint: { address: `192.0.2.${last}`, port: 53 },
  key,
});
const facts = (serial: number) => ({
  serial,
  refreshSeconds: 1000,
  retrySeconds: 100,
  expireSeconds: 5000,
  confirmedAt: wallSeconds,
  goodForSeconds: 5000,
});
const add = (name: string, primaries = [primary(1)], serial?: number): SetInput => ({
  type: 'add',
  zone: parseName(name),
  primaries,
  addedBy: undefined,
  facts: serial === undefined ? undefined : facts(serial),
  wallSeconds,
});
const notify = (name: string, last: number, key?: string, serial?: number): SetInput => ({
  type: 'notify',
  zone: parseName(name),
  from: { address: `192.0.2.${last}`, port: 40_000 },
  key,
  serial,
  wallSeconds,
});
const down: CheckOutcome = { kind: 'failed', code: unreachable, rcode: 0, signed: false };
const make = (maxAddedPerKey = 2): Secondaries => new Secondaries({ maxAddedPerKey }, () => 0);
const answers = (outputs: readonly SetOutput[]) =>
  outputs.flatMap((output) => (output.type === 'notify-answer' ? [output.rcode] : []));
const starts = (outputs: readonly SetOutput[]) =>
  outputs.flatMap((output) =>
    output.type === 'ask-soa' || output.type === 'transfer' ? [output] : [],
  );
const kinds = (outputs: readonly SetOutput[]) => outputs.map(({ type }) => type);

describe('who may notify of what', () => {
  for (const [why, input, rcode, asked] of [
    ['a primary, unsigned', notify('EXAMPLE.', 1), 0, 'ask-soa'],
    ['a primary, signed and newer', notify('example.', 1, 'k', 6), 0, 'transfer'],
    ['somebody else, unsigned', notify('example.', 9), 5, undefined],
    ['somebody else, signed: the primaries are asked', notify('example.', 9, 'k'), 0, 'ask-soa'],
    ['of an unknown zone, unsigned', notify('new.', 1), 5, undefined],
    ['of an unknown zone, signed: it is added', notify('new.', 9, 'k', 3), 0, 'transfer'],
  ] as const) {
    test(why, () => {
      const set = make();
      const [first] = starts(set.step(0, add('example.', [primary(1)], 5)));
      const outcome = { kind: 'soa', serial: 5, wallSeconds } as const;
      set.step(1, { type: 'completed', zone, token: first!.token, outcome });
      const outputs = set.step(5000, input);
      assert.deepEqual(answers(outputs), [rcode]);
      const [start] = starts(outputs);
      assert.equal(start?.type, asked);
      if (why.includes('added')) {
        assert.equal(start?.primary.endpoint.address, '192.0.2.9');
        assert.equal(start?.primary.endpoint.port, 53);
        assert.deepEqual(kinds(outputs).slice(0, 2), ['notify-answer', 'added']);
      } else if (start !== undefined) assert.equal(start.primary.endpoint.address, '192.0.2.1');
    });
  }

  test('one key adds so many zones, and more when some are gone', () => {
    const set = make(2);
    for (const [name, key, rcode] of [
      ['a.', 'k', 0],
      ['b.', 'k', 0],
      ['c.', 'k', 5],
      ['c.', 'other', 0],
    ] as const) {
      assert.deepEqual(answers(set.step(0, notify(name, 1, key))), [rcode], `${name} with ${key}`);
    }
    set.step(0, { type: 'remove', zone: parseName('A.') });
    assert.deepEqual(answers(set.step(0, notify('d.', 1, 'k'))), [0]);
    assert.equal(set.size, 3);
    assert.deepEqual(answers(make(0).step(0, notify('a.', 1, 'k'))), [5], 'switched off');
  });

  test('an added zone is dropped after NOTAUTH for an hour, and its key may add another', () => {
    const set = make(1);
    let now = 0;
    let outputs = set.step(now, notify('a.', 1, 'k'));
    const outcome: CheckOutcome = {
      kind: 'failed',
      code: 'transfer.rcode',
      rcode: 9,
      signed: true,
    };
    while (set.size > 0 && now < 1e8) {
      const [start] = starts(outputs);
      if (start === undefined) {
        const wake = outputs.find((output) => output.type === 'wake');
        assert.ok(wake?.type === 'wake');
        now = wake.at;
        outputs = set.step(now, { type: 'timer' });
      } else
        outputs = set.step(now, {
          type: 'completed',
          zone: start.zone,
          token: start.token,
          outcome,
        });
    }
    assert.ok(kinds(outputs).includes('drop'));
    assert.ok(now >= 3_600_000 && now < 7_200_000);
    assert.deepEqual(answers(set.step(now, notify('b.', 1, 'k'))), [0]);
  });
});

describe('how many at once', () => {
  test('transfers from one primary, and from all; nobody waits for a primary that is busy', () => {
    const set = make();
    const running: { zone: string; token: number }[] = [];
    const note = (outputs: readonly SetOutput[]): void => {
      for (const { zone: name, token } of starts(outputs))
        running.push({ zone: formatName(name), token });
    };
    for (let i = 0; i < 20; i++) note(set.step(0, add(`slow${i}.`, [primary(1)])));
    assert.equal(running.length, maxTransfersFromPrimary);
    for (let i = 0; i < 20; i++) note(set.step(0, add(`other${i}.`, [primary(2 + (i % 5))])));
    assert.equal(running.length, maxTransfers);
    assert.ok(running.some(({ zone: name }) => name.startsWith('other')));
    // Each that ends makes room for one more.
    const { zone: name, token } = running[0]!;
    note(set.step(1, { type: 'completed', zone: parseName(name), token, outcome: down }));
    assert.equal(running.length, maxTransfers + 1);
  });

  test('queries for a SOA', () => {
    const set = make();
    let count = 0;
    for (let i = 0; i < maxSoaQueries + 50; i++)
      count += starts(set.step(0, add(`z${i}.`, [primary(1)], 5))).length;
    assert.equal(count, maxSoaQueries);
    // None was answered: those that waited have their turn.
    const outputs = set.step(soaQueryMs, { type: 'timer' });
    assert.equal(outputs.filter(({ type }) => type === 'cancel').length, maxSoaQueries);
    assert.equal(starts(outputs).length, 50);
  });

  test('a transfer that never ends is ended', () => {
    const set = make();
    set.step(0, add('example.'));
    assert.deepEqual(starts(set.step(transferMs - 1, { type: 'timer' })), []);
    const outputs = set.step(transferMs, { type: 'timer' });
    assert.deepEqual(kinds(outputs), ['cancel', 'report', 'report', 'wake']);
    const wake = outputs.at(-1);
    assert.equal(wake?.type === 'wake' && wake.at, transferMs + 10_000);
  });
});

describe('commands', () => {
  test('a zone that is there, one that goes while it is transferred, and one that waits', () => {
    const set = make();
    for (let i = 0; i < 5; i++) set.step(0, add(`z${i}.`));
    assert.deepEqual(kinds(set.step(0, add('Z1.'))).slice(0, 1), ['refused']);
    assert.deepEqual(
      starts(set.step(0, { type: 'remove', zone: parseName('z4.') })),
      [],
      'it had waited',
    );
    assert.deepEqual(kinds(set.step(0, { type: 'remove', zone: parseName('z0.') })).slice(0, 1), [
      'cancel',
    ]);
    assert.equal(set.size, 3);
    assert.equal(starts(set.step(0, add('z5.'))).length, 1, 'there is room again');
    assert.deepEqual(starts(set.step(0, { type: 'refresh', zone: parseName('nobody.') })), []);
  });

  test('retransfer cancels what runs and asks for everything', () => {
    const set = make();
    set.step(0, add('example.', [primary(1)], 5));
    const outputs = set.step(1, { type: 'retransfer', zone });
    assert.deepEqual(kinds(outputs).slice(0, 2), ['cancel', 'transfer']);
    const [start] = starts(outputs);
    assert.equal(start?.type === 'transfer' && start.serial, undefined);
    assert.equal(set.stateOf(parseName('EXAMPLE.'))?.forced, true);
  });

  test('other primaries are asked at once', () => {
    const set = make();
    const [first] = starts(set.step(0, add('example.', [], 5)));
    assert.equal(first, undefined);
    const [start] = starts(set.step(10, { type: 'primaries', zone, primaries: [primary(7)] }));
    assert.equal(start?.primary.endpoint.address, '192.0.2.7');
  });

  test('zones of a key whose connection came back are looked after', () => {
    const set = make();
    for (const [name, key] of [
      ['a.', 'k'],
      ['b.', undefined],
      ['c.', 'k'],
    ] as const) {
      const [start] = starts(set.step(0, add(name, [primary(1, key)], 5)));
      const outcome = { kind: 'soa', serial: 5, wallSeconds } as const;
      set.step(1, { type: 'completed', zone: parseName(name), token: start!.token, outcome });
    }
    const asked = starts(set.step(5000, { type: 'refresh-key', key: 'k' }));
    assert.deepEqual(
      asked.map((start) => formatName(start.zone)),
      ['a.', 'c.'],
    );
  });
});

describe('a subscription', () => {
  const root = parseName('.');
  type Row = readonly [at: number, input: SubscriptionInput['type'], expected: readonly string[]];
  function play(rows: readonly Row[]): Subscription {
    let state = subscription(primary(1, 'k'), root, 0);
    for (const [at, type, expected] of rows) {
      const input: SubscriptionInput = type === 'timer' ? { type } : { type, token: state.token };
      const next = stepSubscription(state, at * 1000, input, () => 0);
      const words = next.outputs.map((output) =>
        output.type === 'wake' ? `wake ${output.at / 1000}` : output.type,
      );
      assert.deepEqual(words, expected, `at ${at} s`);
      ({ state } = next);
    }
    return state;
  }

  test('that is cut is there again within seconds', () => {
    play([
      [0, 'timer', ['open']],
      [1, 'answered', ['refresh']],
      [1, 'answered', []],
      [500, 'timer', []],
      [900, 'lost', ['wake 901']],
      [901, 'timer', ['open']],
      [902, 'answered', ['refresh']],
    ]);
  });

  test('that cannot be made is tried less and less often, every five minutes in the end', () => {
    let state = subscription(primary(1, 'k'), root, 0);
    const pauses: number[] = [];
    for (let i = 0; i < 12; i++) {
      const now = state.openAt;
      state = stepSubscription(state, now, { type: 'timer' }, () => 0).state;
      assert.equal(state.status, 'opening');
      state = stepSubscription(state, now, { type: 'lost', token: state.token }, () => 0).state;
      pauses.push((state.openAt - now) / 1000);
    }
    assert.deepEqual(pauses, [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]);
  });

  test('that is lost as soon as it is made is not hurried', () => {
    play([
      [0, 'timer', ['open']],
      [0, 'answered', ['refresh']],
      [1, 'lost', ['wake 2']],
      [2, 'timer', ['open']],
      [2, 'answered', ['refresh']],
      [3, 'lost', ['wake 5']],
      [4, 'timer', ['wake 5']],
    ]);
  });

  test('hears of an old connection no more', () => {
    const state = play([
      [0, 'timer', ['open']],
      [1, 'lost', ['wake 2']],
      [2, 'timer', ['open']],
    ]);
    assert.deepEqual(
      stepSubscription(state, 3000, { type: 'lost', token: 1 }, () => 0),
      { state, outputs: [] },
    );
  });
});
