/** Transfers of several messages (RFC 8945 §5.3.1), against a literal digest. */
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { describe, test } from 'node:test';
import type { UnixSeconds } from '@riad/octets/engine';
import { parseName } from '../name.ts';
import { nodeHmac } from '../testing/node-hmac.ts';
import { signResponse } from './sign.ts';
import { type StreamStyle, signNext, streamSigner } from './sign-stream.ts';
import type { TsigKey } from './tsig-key.ts';
import { appendTsig, findTsig } from './tsig-record.ts';
import { maxUnsignedInARow, mayEnd, streamVerifier, verifyNext } from './verify-stream.ts';

const now = 1_800_000_000 as UnixSeconds;
const key: TsigKey = {
  name: parseName('k._transfer.example.'),
  algorithm: 'hmac-sha256',
  secret: new Uint8Array(32).fill(7),
};
const request = { key, mac: new Uint8Array(32).fill(9) };

/** A message whose one record, of an opaque type, tells it apart. */
function plain(number: number): Uint8Array {
  const header = [0xbe, 0xef, 0x84, 0, 0, 0, 0, 1, 0, 0, 0, 0];
  return Uint8Array.from([...header, 0, 0xff, number, 0, 1, 0, 0, 0, 0, 0, 0]);
}

function stream(
  count: number,
  style: StreamStyle = 'chained',
  times: readonly number[] = [],
): Uint8Array[] {
  let signer = streamSigner(request, style);
  return Array.from({ length: count }, (_, i) => {
    const time = (now + (times[i] ?? 0)) as UnixSeconds;
    const next = signNext(signer, plain(i), time, nodeHmac);
    signer = next.signer;
    return next.octets;
  });
}

/** What is said of each message, and whether the stream may end there. */
function judge(
  messages: readonly Uint8Array[],
  style: StreamStyle = 'chained',
  at: UnixSeconds = now,
): { told: string[]; end: boolean } {
  let verifier = streamVerifier(request, style);
  const told = messages.map((octets) => {
    const next = verifyNext(verifier, octets, at, nodeHmac);
    verifier = next.verifier;
    const { verdict } = next;
    return 'what' in verdict ? `${verdict.kind} ${verdict.what}` : verdict.kind;
  });
  return { told, end: mayEnd(verifier) };
}

const macOf = (octets: Uint8Array): string => {
  const found = findTsig(octets);
  assert.ok(found.ok && found.value !== undefined);
  return found.value.mac.toHex();
};
const timers = '00006b49d200012c';

/** Some messages unsigned: the signed ones chained over all between. */
function sparse(count: number, isSigned: (index: number) => boolean): Uint8Array[] {
  let before: string | undefined;
  let between = '';
  return Array.from({ length: count }, (_, i) => {
    const message = plain(i);
    if (!isSigned(i)) {
      between += message.toHex();
      return message;
    }
    if (before === undefined) {
      const first = signResponse(message, request, now, nodeHmac);
      before = first.mac.toHex();
      return first.octets;
    }
    const digest = `0020${before}${between}${message.toHex()}${timers}`;
    const mac = createHmac('sha256', key.secret).update(digest, 'hex').digest();
    before = mac.toString('hex');
    between = '';
    return appendTsig(message, {
      keyName: key.name,
      algorithmName: parseName('hmac-sha256.'),
      timeSigned: now,
      fudgeSeconds: 300,
      mac: new Uint8Array(mac),
      originalId: 0xbeef,
      error: 0,
      other: new Uint8Array(0),
    });
  });
}

test('later digests: the MAC before, the message, its timers, and nothing else', () => {
  const [first, second, third] = stream(3);
  assert.equal(macOf(first!), signResponse(plain(0), request, now, nodeHmac).mac.toHex());
  for (const [before, octets, number] of [
    [first!, second!, 1],
    [second!, third!, 2],
  ] as const) {
    const digest = `0020${macOf(before)}${plain(number).toHex()}${timers}`;
    const expected = createHmac('sha256', key.secret).update(digest, 'hex').digest('hex');
    assert.equal(macOf(octets), expected);
  }
});

describe('three messages', () => {
  const [first, second, third] = stream(3) as [Uint8Array, Uint8Array, Uint8Array];
  const all = ['verified', 'verified', 'verified'];
  for (const [why, messages, told, end] of [
    ['whole', [first, second, third], all, true],
    [
      'two of them: that more should come, only the records tell',
      [first, second],
      all.slice(1),
      true,
    ],
    ['nothing at all', [], [], false],
    ['the middle one is missing', [first, third], ['verified', 'wrong mac'], false],
    ['reordered', [first, third, second], ['verified', 'wrong mac', 'broken broken-before'], false],
    ['the first again', [first, first], ['verified', 'wrong mac'], false],
    ['the first is missing', [second, third], ['wrong mac', 'broken broken-before'], false],
    [
      'tampered with',
      [first, second.with(14, 0xaa), third],
      ['verified', 'wrong mac', 'broken broken-before'],
      false,
    ],
    ['the first unsigned', [plain(0), second], ['unsigned', 'broken broken-before'], false],
    ['the last unsigned', [first, second, plain(2)], ['verified', 'verified', 'pending'], false],
    [
      'octets behind a TSIG',
      [first, new Uint8Array([...second, 0])],
      ['verified', 'malformed'],
      false,
    ],
  ] as const) {
    test(why, () => assert.deepEqual(judge(messages), { told: [...told], end }));
  }

  test('the ID may be changed by a forwarder in each', () => {
    const changed = [first, second, third].map((octets) => octets.with(0, 0x12));
    assert.deepEqual(judge(changed).told, all);
  });

  test('any octet of the middle one counts', () => {
    for (let at = 2; at < second.length; at++) {
      const { told } = judge([first, second.with(at, second[at]! ^ 1)]);
      assert.notEqual(told[1], 'verified', `octet ${at}`);
    }
  });
});

describe('unsigned messages between signed ones', () => {
  for (const [run, end] of [
    [1, true],
    [99, true],
    [100, false],
  ] as const) {
    test(`${run} in a row`, () => {
      const messages = sparse(run + 2, (i) => i === 0 || i === run + 1);
      const { told, end: ended } = judge(messages);
      assert.equal(ended, end);
      assert.equal(told[run], run > maxUnsignedInARow ? 'broken unsigned-run' : 'pending');
      if (end) assert.equal(told.at(-1), 'verified');
    });
  }

  test('99 again and again', () => {
    const messages = sparse(301, (i) => i % 100 === 0);
    const { told, end } = judge(messages);
    assert.equal(end, true);
    assert.equal(told.filter((word) => word === 'verified').length, 4);
  });

  for (const [why, change] of [
    ['one tampered with', (m: Uint8Array[]) => m.with(2, m[2]!.with(14, 0xaa))],
    ['one missing', (m: Uint8Array[]) => m.toSpliced(2, 1)],
    ['two swapped', (m: Uint8Array[]) => m.with(1, m[2]!).with(2, m[1]!)],
    ['one put in', (m: Uint8Array[]) => m.toSpliced(2, 0, plain(77))],
  ] as const) {
    test(`${why}: refused by the next signed one`, () => {
      const messages = sparse(5, (i) => i === 0 || i === 4);
      assert.equal(judge(messages).end, true);
      const { told, end } = judge(change(messages));
      assert.equal(told.at(-1), 'wrong mac');
      assert.equal(end, false);
    });
  }
});

describe('MACs that are cut short', () => {
  /** The second of two, its MAC cut to 16 octets. */
  function cut(): Uint8Array[] {
    const [first, second] = stream(2) as [Uint8Array, Uint8Array];
    const found = findTsig(second);
    assert.ok(found.ok && found.value !== undefined);
    const short = appendTsig(plain(1), { ...found.value, mac: found.value.mac.subarray(0, 16) });
    return [first, short];
  }

  test('are refused unless the policy takes them', () => {
    assert.deepEqual(judge(cut()).told, ['verified', 'wrong mac-length']);
    let verifier = streamVerifier(request, 'chained', () => 16);
    for (const octets of cut()) {
      const next = verifyNext(verifier, octets, now, nodeHmac);
      assert.equal(next.verdict.kind, 'verified');
      verifier = next.verifier;
    }
    assert.equal(mayEnd(verifier), true);
  });
});

describe('time', () => {
  test('may stand still and go on, as RFC 8945 §5.3.1 has it', () => {
    assert.equal(judge(stream(4, 'chained', [0, 0, 5, 7])).end, true);
  });

  test('a clock that goes backwards does not make the signer’s times do so', () => {
    assert.equal(judge(stream(3, 'chained', [10, 4, 5]), 'chained').end, true);
  });

  test('going backwards is refused', () => {
    const [first] = stream(1, 'chained', [10]);
    // As a signer would that has forgotten its last time.
    const before = new Uint8Array(Buffer.from(macOf(first!), 'hex'));
    const forgetful = { ...streamSigner(request), before };
    const second = signNext(forgetful, plain(1), (now + 9) as UnixSeconds, nodeHmac).octets;
    assert.deepEqual(judge([first!, second]).told, ['verified', 'broken time-order']);
  });

  test('out of the fudge', () => {
    const messages = stream(2, 'chained', [0, 301]);
    assert.deepEqual(judge(messages).told, ['verified', 'wrong time']);
  });
});

describe('the style of ocaml-dns', () => {
  const messages = stream(3, 'each-alone');

  test('each message is signed as the only response would be', () => {
    for (const [i, octets] of messages.entries()) {
      assert.equal(macOf(octets), signResponse(plain(i), request, now, nodeHmac).mac.toHex());
    }
    assert.deepEqual(judge(messages, 'each-alone'), {
      told: ['verified', 'verified', 'verified'],
      end: true,
    });
  });

  test('neither style is taken for the other', () => {
    assert.deepEqual(judge(messages).told.slice(0, 2), ['verified', 'wrong mac']);
    assert.deepEqual(judge(stream(3), 'each-alone').told.slice(0, 2), ['verified', 'wrong mac']);
  });

  test('a time that goes backwards is refused', () => {
    const [early] = stream(1, 'each-alone', [0]);
    const [late] = stream(1, 'each-alone', [5]);
    assert.deepEqual(judge([late!, early!], 'each-alone').told, ['verified', 'broken time-order']);
  });

  test('unsigned messages are refused', () => {
    assert.deepEqual(judge([messages[0]!, plain(1)], 'each-alone').told, ['verified', 'unsigned']);
  });
});
