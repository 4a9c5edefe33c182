/** Copies of requests, under virtual time. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { UnixSeconds } from '@riad/octets/engine';
import { Random, seed } from '@riad/octets/testing/random';
import { parseName } from '../name.ts';
import { ReplayMemory } from './replay-memory.ts';
import type { SignedRequest } from './verify-request.ts';

const at = (seconds: number): UnixSeconds => seconds as UnixSeconds;

function request(mac: number, timeSigned: number, name = 'k.', fudgeSeconds = 300): SignedRequest {
  const key = { name: parseName(name), algorithm: 'hmac-sha1' as const, secret: new Uint8Array(1) };
  const octets = new Uint8Array(20);
  new DataView(octets.buffer).setUint32(0, mac);
  return {
    key,
    mac: octets,
    timeSigned,
    fudgeSeconds,
    originalId: 1,
    withoutOriginalId: false,
  };
}

test('RFC 8945 §5.2.3: a copy within the fudge is known, and how it was answered', () => {
  const memory = new ReplayMemory(at(0));
  const update = request(1, 1000);
  assert.deepEqual(memory.admit(update, at(1000)), { kind: 'fresh' });
  assert.deepEqual(memory.admit(update, at(1001)), { kind: 'copy', rcode: undefined });
  memory.settle(update, 5);
  for (const time of [1002, 1300]) {
    assert.deepEqual(memory.admit(request(1, 1000), at(time)), { kind: 'copy', rcode: 5 });
  }
});

test('requests that come in another order than they were signed are fresh', () => {
  const memory = new ReplayMemory(at(0));
  for (const [mac, time] of [
    [1, 1010],
    [2, 1000],
    [3, 1005],
    [4, 1000],
  ] as const) {
    assert.equal(memory.admit(request(mac, time), at(1011)).kind, 'fresh', `${mac}`);
  }
});

test('the same MAC under another key is another request', () => {
  const memory = new ReplayMemory(at(0));
  assert.equal(memory.admit(request(1, 1000, 'a.'), at(1000)).kind, 'fresh');
  assert.equal(memory.admit(request(1, 1000, 'b.'), at(1000)).kind, 'fresh');
  assert.equal(memory.admit(request(1, 1000, 'A.'), at(1000)).kind, 'copy');
});

test('a copy whose MAC is cut to another length is the same request', () => {
  const memory = new ReplayMemory(at(0));
  const update = request(1, 1000);
  assert.equal(memory.admit(update, at(1000)).kind, 'fresh');
  const cut = { ...update, mac: update.mac.subarray(0, 10) };
  assert.equal(memory.admit(cut, at(1000)).kind, 'copy');
});

test('what is out of the fudge is forgotten; if the clock goes back, it is too old', () => {
  const memory = new ReplayMemory(at(0));
  memory.admit(request(1, 1000), at(1000));
  assert.equal(memory.admit(request(2, 1301), at(1301)).kind, 'fresh');
  assert.equal(memory.requests, 1);
  assert.equal(memory.admit(request(1, 1000), at(1000)).kind, 'too-old');
  assert.equal(memory.admit(request(3, 1001), at(1000)).kind, 'fresh');
});

test('after a restart, what was signed before it is too old', () => {
  const memory = new ReplayMemory(at(1000));
  assert.equal(memory.admit(request(1, 999), at(1000)).kind, 'too-old');
  assert.equal(memory.admit(request(2, 1000), at(1000)).kind, 'fresh');
});

describe('bounds', () => {
  test('of one key: the earliest goes, and its time with it', () => {
    const memory = new ReplayMemory(at(0), { perKey: 3 });
    for (let i = 0; i < 5; i++) memory.admit(request(i, 1000 + i), at(1000));
    assert.equal(memory.requests, 3);
    for (let i = 0; i < 5; i++) {
      const { kind } = memory.admit(request(i, 1000 + i), at(1000));
      assert.equal(kind, i < 2 ? 'too-old' : 'copy', `${i}`);
    }
  });

  test('of one key: what was just taken stays, though it was signed first', () => {
    const memory = new ReplayMemory(at(0), { perKey: 2 });
    for (const [mac, time] of [
      [1, 1005],
      [2, 1006],
      [3, 1000],
    ] as const) {
      assert.equal(memory.admit(request(mac, time), at(1006)).kind, 'fresh');
    }
    assert.equal(memory.admit(request(3, 1000), at(1006)).kind, 'copy');
    assert.equal(memory.admit(request(1, 1005), at(1006)).kind, 'too-old');
  });

  test('of all: the quietest key goes, and its times hold for every key that is not known', () => {
    const memory = new ReplayMemory(at(0), { keys: 2 });
    memory.admit(request(1, 1005, 'a.'), at(1000));
    memory.admit(request(1, 1000, 'b.'), at(1000));
    memory.admit(request(2, 1006, 'a.'), at(1000));
    memory.admit(request(1, 1007, 'c.'), at(1000)); // b. goes
    assert.equal(memory.requests, 3);
    assert.equal(memory.admit(request(1, 1000, 'b.'), at(1000)).kind, 'too-old');
  });

  test(`nothing is admitted twice, whatever the bounds, clocks and orders (RIAD_SEED=${seed})`, () => {
    const random = new Random();
    for (let run = 0; run < 200; run++) {
      const memory = new ReplayMemory(at(0), {
        perKey: random.between(1, 6),
        keys: random.between(1, 3),
        requests: random.between(2, 8),
      });
      const admitted = new Set<string>();
      let clock = 1000;
      for (let step = 0; step < 200; step++) {
        clock += random.between(-5, 8);
        const mac = random.below(30);
        // A MAC belongs to one message, and so to one time and fudge.
        const name = `${random.pick(['a', 'b', 'c', 'd'])}.`;
        const one = request(mac, 1000 + mac * 10, name, 10 + (mac % 3) * 100);
        if (Math.abs(clock - one.timeSigned) > one.fudgeSeconds) continue;
        if (memory.admit(one, at(clock)).kind !== 'fresh') continue;
        assert.ok(!admitted.has(`${name} ${mac}`), `run ${run}, step ${step}`);
        admitted.add(`${name} ${mac}`);
      }
      assert.ok(memory.requests <= 8);
    }
  });
});
