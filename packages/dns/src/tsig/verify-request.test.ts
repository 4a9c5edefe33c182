/** Requests: what BIND and Knot signed, and what is refused with which answer (RFC 8945 §5.2). */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { UnixSeconds } from '@riad/octets/engine';
import { Random, seed } from '@riad/octets/testing/random';
import { equalNames, parseName } from '../name.ts';
import { nodeHmac } from '../testing/node-hmac.ts';
import { randomMutation } from '../testing/random-message.ts';
import { type Capture, captures, shortMac } from '../testing/tsig-captures.ts';
import type { KeyLookup, TsigKey } from './tsig-key.ts';
import { appendTsig, findTsig, setUint16, type TsigFields, uint16At } from './tsig-record.ts';
import { type MacPolicy, type RequestVerdict, verifyRequest } from './verify-request.ts';

const seconds = (value: number): UnixSeconds => value as UnixSeconds;

const knows =
  (...keys: TsigKey[]): KeyLookup =>
  (name, algorithm) =>
    keys.filter((key) => equalNames(key.name, name) && key.algorithm === algorithm);

function judge(
  { octets, key, time }: Capture,
  given: { octets?: Uint8Array; keys?: KeyLookup; now?: number; policy?: MacPolicy } = {},
): RequestVerdict {
  const now = seconds(given.now ?? time);
  return verifyRequest(
    given.octets ?? octets,
    given.keys ?? knows(key),
    now,
    nodeHmac,
    given.policy,
  );
}

/** In one word: what kind, and which error. */
function told(verdict: RequestVerdict): string {
  if (verdict.kind === 'malformed') return `FORMERR ${verdict.error.code}`;
  if (verdict.kind === 'refused') {
    const signed = verdict.refusal.request !== undefined;
    return `${verdict.refusal.error} ${signed ? 'signed' : 'unsigned'}`;
  }
  return verdict.kind;
}

const [digs] = captures as [Capture];

describe('what others signed', () => {
  for (const capture of captures) {
    test(capture.command, () => {
      const verdict = judge(capture);
      assert.ok(verdict.kind === 'verified', told(verdict));
      const { message, request } = verdict;
      const expected = capture.octets.slice(0, capture.start);
      setUint16(expected, 10, 0); // ARCOUNT
      assert.deepEqual(message, expected);
      assert.equal(request.key, capture.key);
      assert.equal(request.timeSigned, capture.time);
      assert.equal(request.fudgeSeconds, 300);
      assert.equal(request.originalId, uint16At(capture.octets, 0));
      assert.equal(request.withoutOriginalId, false);
    });

    test(`${capture.command}: in a Node Buffer, and left as it came`, () => {
      const octets = Buffer.from(capture.octets);
      assert.equal(judge(capture, { octets }).kind, 'verified');
      assert.deepEqual(octets, Buffer.from(capture.octets));
    });

    test(`${capture.command}: any octet changed, and it is not verified`, () => {
      for (let at = 0; at < capture.octets.length; at++) {
        const changed = capture.octets.with(at, capture.octets[at]! ^ 0x01);
        const verdict = judge(capture, { octets: changed });
        if (at < 2) continue; // RFC 8945 §4.3.2: the ID is the one thing a forwarder may change
        assert.notEqual(verdict.kind, 'verified', `octet ${at}`);
      }
    });
  }
});

describe('RFC 8945 §5.2: key, then MAC, then time, then how short the MAC is', () => {
  const { key, time } = digs;
  const other = { ...key, secret: new Uint8Array(16) };
  const late = time + 301;
  const never: MacPolicy = () => 65;
  for (const [why, given, expected] of [
    ['nothing is known', { keys: () => [], now: late, policy: never }, '17 unsigned'],
    [
      'another algorithm',
      { keys: knows({ ...key, algorithm: 'hmac-sha1' as const }) },
      '17 unsigned',
    ],
    [
      'another secret, late and short',
      { keys: knows(other), now: late, policy: never },
      '16 unsigned',
    ],
    ['late and short', { now: late, policy: never }, '18 signed'],
    ['short', { policy: never }, '22 signed'],
    ['as late as may be', { now: time + 300 }, 'verified'],
    ['as early as may be', { now: time - 300 }, 'verified'],
    ['too early', { now: time - 301 }, '18 signed'],
    ['the second of two secrets', { keys: knows(other, key) }, 'verified'],
  ] as const) {
    test(why, () => assert.equal(told(judge(digs, given)), expected));
  }

  test('no TSIG', () => {
    const octets = digs.octets.slice(0, digs.start);
    setUint16(octets, 10, 0);
    assert.equal(told(judge(digs, { octets })), 'unsigned');
  });
});

describe('RFC 8945 §5.2.2.1: MACs that are cut short', () => {
  const cut = (octets: number): Uint8Array => {
    const tsig = fieldsOf(digs);
    return signed(digs, { mac: tsig.mac.subarray(0, octets) });
  };
  const least =
    (octets: number): MacPolicy =>
    () =>
      octets;
  for (const [why, octets, policy, expected] of [
    ['below half of the output', cut(15), least(10), 'FORMERR tsig.mac-length'],
    ['half of it, and that is enough', cut(16), least(16), 'verified'],
    ['half of it, and more is wanted', cut(16), undefined, '22 signed'],
    ['none at all', cut(0), least(10), 'FORMERR tsig.mac-length'],
  ] as const) {
    test(why, () => {
      assert.equal(told(judge(digs, { octets, ...(policy && { policy }) })), expected);
    });
  }

  test('longer than the output', () => {
    const octets = signed(digs, { mac: new Uint8Array(33) });
    assert.equal(told(judge(digs, { octets })), 'FORMERR tsig.mac-length');
  });

  test('of SHA-1, whose half is ten octets: nine are too few', () => {
    const nsupdates = captures[2]!;
    const mac = fieldsOf(nsupdates).mac;
    for (const [length, expected] of [
      [9, 'FORMERR tsig.mac-length'],
      [10, 'verified'],
    ] as const) {
      const octets = signed(nsupdates, { mac: mac.subarray(0, length) });
      assert.equal(told(judge(nsupdates, { octets, policy: least(10) })), expected);
    }
  });

  test(`${shortMac.command} (BIND’s hmac-sha256-128)`, () => {
    assert.equal(told(judge(shortMac)), '22 signed');
    assert.equal(told(judge(shortMac, { policy: least(16) })), 'verified');
  });
});

describe('RFC 8945 §4.3.2: Original ID', () => {
  const originalId = uint16At(digs.octets, 0);
  const withId = (octets: Uint8Array, id: number): Uint8Array => {
    const copy = octets.slice();
    setUint16(copy, 0, id);
    return copy;
  };

  test('a forwarder changed the ID: verified, and the ID that came stays', () => {
    const verdict = judge(digs, { octets: withId(digs.octets, 0x1234) });
    assert.ok(verdict.kind === 'verified');
    assert.equal(uint16At(verdict.message, 0), 0x1234);
    assert.equal(verdict.request.originalId, originalId);
  });

  test('ocaml-dns: Original ID 0, and the MAC over the ID that was sent', () => {
    const octets = signed(digs, { originalId: 0 });
    const verdict = judge(digs, { octets });
    assert.ok(verdict.kind === 'verified', told(verdict));
    assert.equal(verdict.request.withoutOriginalId, true);
    // Then the ID is all there is: a forwarder that changes it breaks the message.
    assert.equal(told(judge(digs, { octets: withId(octets, 0x1234) })), '16 unsigned');
  });

  test('a wrong Original ID that is not 0 is no such message', () => {
    assert.equal(told(judge(digs, { octets: signed(digs, { originalId: 1 }) })), '16 unsigned');
  });
});

describe('FORMERR', () => {
  const { octets, start } = digs;
  const tsig = octets.subarray(start);
  const count = (message: Uint8Array, at: number, value: number): Uint8Array => {
    const copy = message.slice();
    setUint16(copy, at, value);
    return copy;
  };
  const join = (...parts: Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));
  const record = Uint8Array.of(0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0);
  const keyEnd = start + digs.key.name.length;
  const rdlengthAt = keyEnd + 8;
  const macSizeAt = keyEnd + 10 + 13 + 8;
  const longRdata = count(join(octets, Uint8Array.of(0)), rdlengthAt, 62);
  for (const [why, message, code] of [
    ['a TSIG that is not last', count(join(octets, record), 10, 2), 'message.tsig-last'],
    ['two TSIGs', count(join(octets, tsig), 10, 2), 'message.tsig-last'],
    ['a TSIG among the answers', count(count(octets, 10, 0), 6, 1), 'message.tsig-last'],
    ['another class', octets.with(keyEnd + 3, 1), 'tsig.class'],
    ['a TTL', octets.with(keyEnd + 7, 1), 'tsig.ttl'],
    ['a MAC size beyond the record', count(octets, macSizeAt, 0xffff), 'octets.short'],
    ['a MAC size that leaves octets over', count(octets, macSizeAt, 30), 'octets.trailing'],
    ['an RDLENGTH beyond the message', count(octets, rdlengthAt, 62), 'octets.short'],
    ['octets after the other data', longRdata, 'octets.trailing'],
    ['octets after the record', join(octets, Uint8Array.of(0)), 'message.trailing'],
    ['other data of three octets', other(3), 'tsig.other'],
    ['a pointer of the owner to itself', pointer(start), 'name.pointer'],
    ['a pointer of the owner into the header', pointer(4), 'name.pointer'],
    ['a compressed algorithm', compressedAlgorithm(), 'name.compressed'],
    ['less than a header', octets.subarray(0, 11), 'message.header'],
  ] as const) {
    test(why, () => assert.equal(told(judge(digs, { octets: message })), `FORMERR ${code}`));
  }

  test('names of more than 255 octets, wherever they stand', () => {
    const label = Uint8Array.from([63, ...new Uint8Array(63).fill(0x61)]);
    const long = join(label, label, label, label, Uint8Array.of(0));
    const asOwner = join(octets.subarray(0, start), long, octets.subarray(keyEnd));
    const asQuestion = join(octets.subarray(0, 12), long, octets.subarray(25));
    // Four labels that a pointer leads to are as many.
    const record = join(Uint8Array.of(0, 0xff, 0, 0, 1, 0, 0, 0, 0, 1, 1), long);
    const pointed = join(
      octets.subarray(0, start),
      record,
      Uint8Array.of(0xc0, start + 11),
      octets.subarray(keyEnd),
    );
    for (const message of [asOwner, asQuestion, count(pointed, 10, 2)]) {
      assert.equal(told(judge(digs, { octets: message })), 'FORMERR name.length');
    }
  });

  test('every strict prefix', () => {
    for (let length = 0; length < octets.length; length++) {
      assert.equal(judge(digs, { octets: octets.subarray(0, length) }).kind, 'malformed');
    }
  });

  function other(length: number): Uint8Array {
    return signed(digs, { other: new Uint8Array(length) });
  }

  function pointer(to: number): Uint8Array {
    return join(octets.subarray(0, start), Uint8Array.of(0xc0, to), octets.subarray(keyEnd));
  }

  function compressedAlgorithm(): Uint8Array {
    const rdata = keyEnd + 10;
    const shorter = Uint8Array.of(0xc0, 12);
    const whole = join(octets.subarray(0, rdata), shorter, octets.subarray(rdata + 13));
    return count(whole, rdlengthAt, 61 - 11);
  }
});

test('an owner that is compressed is read: RFC 1035 §4.1.4 allows it for every owner', () => {
  const { octets, start, key } = digs;
  // some.key._update and a pointer to `example.` in the question, at octet 16
  const labels = key.name.subarray(0, key.name.length - 9);
  const message = Buffer.concat([
    octets.subarray(0, start),
    labels,
    Uint8Array.of(0xc0, 16),
    octets.subarray(start + key.name.length),
  ]);
  assert.equal(told(judge(digs, { octets: new Uint8Array(message) })), 'verified');
});

test('key and algorithm are compared without case, and digested in lower case', () => {
  const { octets, start, key } = digs;
  const shouting = octets.slice();
  for (const at of [start + 1, start + 6, start + key.name.length + 11]) shouting[at]! -= 0x20;
  assert.equal(told(judge(digs, { octets: shouting })), 'verified');
});

test(`finding a TSIG is total (RIAD_SEED=${seed})`, () => {
  const random = new Random();
  let found = 0;
  for (let run = 0; run < 20_000; run++) {
    const { octets } = random.pick(captures);
    const result = findTsig(randomMutation(octets, random));
    if (result.ok && result.value !== undefined) found++;
  }
  assert.ok(found > 1000, `${found} of 20000 mutations keep a TSIG`);
});

test('an owner at the end of a chain of pointers is read; each leads further back', () => {
  const links = 2000;
  const message = new Uint8Array(digs.octets.length + 11 + 2 * links + 2);
  const { octets, start, key } = digs;
  message.set(octets.subarray(0, start));
  message[11] = 2; // ARCOUNT
  const name = key.name;
  // An opaque record whose data are the key's name and the chain, then the TSIG that ends at it.
  message.set([0, 0xff, 0x00, 0, 1, 0, 0, 0, 0, 0, 0], start);
  setUint16(message, start + 9, name.length + 2 * links);
  message.set(name, start + 11);
  let at = start + 11 + name.length;
  let target = start + 11;
  for (let i = 0; i <= links; i++) {
    setUint16(message, at, 0xc000 | target); // the last of these is the owner of the TSIG
    target = at;
    at += 2;
  }
  message.set(octets.subarray(start + name.length), at);
  const found = findTsig(message);
  assert.ok(found.ok && found.value !== undefined);
  assert.deepEqual(found.value.keyName, name);
});

function fieldsOf({ octets }: Capture): TsigFields {
  const result = findTsig(octets);
  assert.ok(result.ok && result.value !== undefined);
  return result.value;
}

/** A capture with other fields in its TSIG and the MAC that it had. */
function signed(capture: Capture, changes: Partial<TsigFields>): Uint8Array {
  const message = capture.octets.slice(0, capture.start);
  setUint16(message, 10, 0);
  return appendTsig(message, { ...fieldsOf(capture), ...changes });
}

test('names of other keys are not taken for this one', () => {
  const stranger = { ...digs.key, name: parseName('some.key._update.example.com.') };
  assert.equal(told(judge(digs, { keys: knows(stranger) })), '17 unsigned');
});
