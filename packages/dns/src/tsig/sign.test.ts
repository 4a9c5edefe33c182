/** Signing, responses and refusals, against digests put together here from the words of RFC 8945. */
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { describe, test } from 'node:test';
import type { UnixSeconds } from '@riad/octets/engine';
import { decodeMessage, type Message, noFlags } from '../message.ts';
import { encodeMessage } from '../message-writer.ts';
import { type Name, nameFromLabels, parseName } from '../name.ts';
import { nodeHmac } from '../testing/node-hmac.ts';
import { captures } from '../testing/tsig-captures.ts';
import { type HmacAlgorithm, hmacAlgorithms } from './hmac.ts';
import { refuseRequest } from './refusal.ts';
import { signRequest, signResponse } from './sign.ts';
import { signatureOctets, type TsigKey } from './tsig-key.ts';
import { appendTsig, type FoundTsig, findTsig, setUint16 } from './tsig-record.ts';
import { type Refusal, type SignedRequest, verifyRequest } from './verify-request.ts';
import { verifyResponse } from './verify-response.ts';

const now = 1_800_000_000 as UnixSeconds;
const later = (seconds: number): UnixSeconds => (now + seconds) as UnixSeconds;
const keyOf = (algorithm: HmacAlgorithm, name = 'k._update.example.'): TsigKey => ({
  name: parseName(name),
  algorithm,
  secret: Uint8Array.from({ length: 32 }, (_, i) => i),
});
const key = keyOf('hmac-sha256');

function message(qname: Name, change: Partial<Message> = {}): Message {
  return {
    id: 0xbeef,
    opcode: 0,
    rcode: 0,
    flags: { ...noFlags, qr: true, aa: true, rd: true },
    questions: [{ name: qname, type: 1, class: 1 }],
    answers: [],
    authorities: [],
    additionals: [],
    ...change,
  };
}

const www = parseName('www.example.');
const answer = {
  owner: www,
  type: 1,
  class: 1,
  ttlSeconds: 60,
  rdata: Uint8Array.of(192, 0, 2, 1),
};
const response = encodeMessage(message(www, { answers: [answer] }));
const question = encodeMessage(message(www, { flags: noFlags }));

const tsigOf = (octets: Uint8Array): FoundTsig => {
  const found = findTsig(octets);
  assert.ok(found.ok && found.value !== undefined);
  return found.value;
};
const decode = (octets: Uint8Array): Message => {
  const decoded = decodeMessage(octets);
  assert.ok(decoded.ok);
  return decoded.value;
};

/** RFC 8945 §4.3.3, in hexadecimal: name, ANY, TTL 0, algorithm, time, fudge, error, other. */
function variables(k: TsigKey, time: number, error = 0, other = ''): string {
  const hex = (value: number, octets: number): string =>
    value.toString(16).padStart(2 * octets, '0');
  const { name } = hmacAlgorithms[k.algorithm];
  const fields = `${hex(time, 6)}${hex(300, 2)}${hex(error, 2)}${hex(other.length / 2, 2)}${other}`;
  return `${k.name.toHex()}00ff00000000${name.toHex()}${fields}`;
}

function mac(k: TsigKey, ...hex: readonly string[]): string {
  const hash = k.algorithm.slice(5);
  return createHmac(hash, k.secret).update(hex.join(''), 'hex').digest('hex');
}

function verified(octets: Uint8Array, k: TsigKey, at: UnixSeconds = now): SignedRequest {
  const verdict = verifyRequest(octets, () => [k], at, nodeHmac);
  assert.ok(verdict.kind === 'verified', verdict.kind);
  return verdict.request;
}

describe('requests', () => {
  for (const { command, key: theirs, octets, start, time } of captures) {
    test(`octet for octet as ${command.split(' ')[0]} signs`, () => {
      const unsigned = octets.slice(0, start);
      setUint16(unsigned, 10, 0);
      assert.deepEqual(signRequest(unsigned, theirs, time, nodeHmac).octets, octets);
    });
  }

  for (const algorithm of Object.keys(hmacAlgorithms) as HmacAlgorithm[]) {
    test(`${algorithm}: what is signed here is verified here, and has the room it was said to take`, () => {
      const k = keyOf(algorithm);
      const signed = signRequest(question, k, now, nodeHmac);
      assert.equal(signed.octets.length, question.length + signatureOctets(k));
      assert.equal(signed.mac.toHex(), mac(k, question.toHex(), variables(k, now)));
      const { mac: seen } = verified(signed.octets, k);
      assert.deepEqual(seen, signed.mac);
    });
  }

  test('the time has 48 bits', () => {
    const far = 0xffff_ffff_ff00 as UnixSeconds;
    const { octets } = signRequest(question, key, far, nodeHmac);
    assert.equal(tsigOf(octets).timeSigned, far);
    assert.equal(verified(octets, key, far).timeSigned, far);
  });
});

describe('responses', () => {
  const { octets, mac: requestMac } = signRequest(question, key, now, nodeHmac);
  const request = verified(octets, key);

  test('RFC 8945 §4.3.1: the digest begins with the length and the MAC of the request', () => {
    const signed = signResponse(response, request, later(2), nodeHmac);
    const expected = mac(
      key,
      '0020',
      requestMac.toHex(),
      response.toHex(),
      variables(key, now + 2),
    );
    assert.equal(signed.mac.toHex(), expected);
    assert.equal(tsigOf(signed.octets).originalId, 0xbeef);
    const verdict = verifyResponse(signed.octets, { key, mac: requestMac }, later(3), nodeHmac);
    assert.ok(verdict.kind === 'verified', verdict.kind);
    assert.deepEqual(verdict.message, response);
  });

  test('a MAC of the request that came cut short counts as it came', () => {
    const short = { key, mac: requestMac.subarray(0, 16) };
    const signed = signResponse(response, short, now, nodeHmac);
    const expected = mac(key, '0010', short.mac.toHex(), response.toHex(), variables(key, now));
    assert.equal(signed.mac.toHex(), expected);
  });

  const good = signResponse(response, request, now, nodeHmac).octets;
  for (const [why, verdict, expected] of [
    ['unsigned', () => check(response), 'unsigned'],
    ['another key', () => check(good, { key: keyOf('hmac-sha256', 'x.') }), 'wrong key'],
    ['another algorithm', () => check(good, { key: keyOf('hmac-sha512') }), 'wrong key'],
    ['of another request', () => check(good, { mac: requestMac.toReversed() }), 'wrong mac'],
    ['an octet changed', () => check(good.with(14, good[14]! ^ 1)), 'wrong mac'],
    ['too late', () => check(good, {}, later(301)), 'wrong time'],
    ['an octet behind it', () => check(new Uint8Array([...good, 0])), 'malformed'],
  ] as const) {
    test(`refused: ${why}`, () => assert.equal(verdict(), expected));
  }

  test('a MAC cut short is refused unless the policy takes it', () => {
    const tsig = tsigOf(good);
    const short = appendTsig(response, { ...tsig, mac: tsig.mac.subarray(0, 16) });
    assert.equal(check(short), 'wrong mac-length');
    const verdict = verifyResponse(short, { key, mac: requestMac }, now, nodeHmac, () => 16);
    assert.equal(verdict.kind, 'verified');
  });

  test('every octet of a response counts', () => {
    for (let at = 2; at < good.length; at++) {
      assert.notEqual(check(good.with(at, good[at]! ^ 1)), 'verified', `octet ${at}`);
    }
  });

  function check(from: Uint8Array, change: Partial<SignedRequest> = {}, at = now): string {
    const verdict = verifyResponse(from, { key, mac: requestMac, ...change }, at, nodeHmac);
    return verdict.kind === 'wrong' ? `wrong ${verdict.what}` : verdict.kind;
  }
});

describe('RFC 8945 §5.3: a response that does not fit with its signature', () => {
  const { octets } = signRequest(question, key, now, nodeHmac);
  const request = verified(octets, key);

  test('the last octet decides', () => {
    const room = response.length + signatureOctets(key);
    const fits = decode(signResponse(response, request, now, nodeHmac, room).octets);
    assert.equal(fits.flags.tc, false);
    assert.equal(fits.answers.length, 1);
    const cut = signResponse(response, request, now, nodeHmac, room - 1).octets;
    assert.ok(cut.length < room);
    const read = decode(cut);
    assert.equal(read.flags.tc, true);
    assert.equal(read.rcode, 0);
    assert.deepEqual([read.questions.length, read.answers.length], [1, 0]);
    assert.equal(read.edns, undefined);
    assert.equal(verifyResponse(cut, request, now, nodeHmac).kind, 'verified');
  });

  test('an error that does not fit is RCODE 0 with TC, so that the client comes again', () => {
    const wide = encodeMessage(message(www, { rcode: 5, answers: [answer, answer, answer] }));
    const cut = signResponse(wide, request, now, nodeHmac, wide.length).octets;
    assert.equal(decode(cut).rcode, 0);
  });

  test('names of 255 octets in 512: the signature stays', () => {
    const label = new Uint8Array(62).fill(0x61);
    const long = nameFromLabels([label, label, label, new Uint8Array(63).fill(0x62)]);
    const k = { ...keyOf('hmac-sha512'), name: long };
    const asked = signRequest(encodeMessage(message(long, { flags: noFlags })), k, now, nodeHmac);
    const whole = encodeMessage(message(long));
    const cut = signResponse(whole, verified(asked.octets, k), now, nodeHmac, 512).octets;
    assert.ok(cut.length <= 512, `${cut.length}`);
    const read = decode(cut);
    assert.equal(read.flags.tc, true);
    assert.equal(read.questions.length, 0);
    assert.equal(verifyResponse(cut, { key: k, mac: asked.mac }, now, nodeHmac).kind, 'verified');
  });
});

describe('RFC 8945 §5.3.2: refusals', () => {
  const { octets, mac: requestMac } = signRequest(question, key, now, nodeHmac);
  const bare = encodeMessage(message(www, { flags: { ...noFlags, qr: true } }));

  function refusal(keys: readonly TsigKey[], at: UnixSeconds): Refusal {
    const verdict = verifyRequest(octets, () => keys, at, nodeHmac);
    assert.ok(verdict.kind === 'refused', verdict.kind);
    return verdict.refusal;
  }

  for (const [why, keys, error] of [
    ['unknown key', [], 17],
    ['wrong MAC', [{ ...key, secret: new Uint8Array(8) }], 16],
  ] as const) {
    test(`${why}: NOTAUTH, unsigned, with an empty MAC`, () => {
      const reply = refuseRequest(bare, refusal(keys, now), later(9), nodeHmac);
      const { rcode, questions } = decode(reply);
      assert.equal(rcode, 9);
      assert.equal(questions.length, 1);
      const tsig = tsigOf(reply);
      assert.deepEqual(tsig.keyName, key.name);
      assert.deepEqual(tsig.algorithmName, hmacAlgorithms['hmac-sha256'].name);
      assert.equal(tsig.mac.length, 0);
      assert.equal(tsig.error, error);
      assert.equal(tsig.timeSigned, now);
      assert.equal(tsig.other.length, 0);
      const verdict = verifyResponse(reply, { key, mac: requestMac }, later(9), nodeHmac);
      assert.deepEqual(verdict, {
        kind: 'refused',
        error,
        authentic: false,
        serverTime: undefined,
      });
    });
  }

  test('BADTIME: signed, time signed the client’s, other data the server’s (§5.2.3)', () => {
    const server = later(400);
    const reply = refuseRequest(bare, refusal([key], server), server, nodeHmac);
    assert.equal(decode(reply).rcode, 9);
    const tsig = tsigOf(reply);
    assert.equal(tsig.error, 18);
    assert.equal(tsig.timeSigned, now);
    const time = server.toString(16).padStart(12, '0');
    assert.equal(tsig.other.toHex(), time);
    const notauth = bare.with(3, 9).toHex();
    const expected = mac(key, '0020', requestMac.toHex(), notauth, variables(key, now, 18, time));
    assert.equal(tsig.mac.toHex(), expected);
    const verdict = verifyResponse(reply, { key, mac: requestMac }, now, nodeHmac);
    assert.deepEqual(verdict, { kind: 'refused', error: 18, authentic: true, serverTime: server });
  });

  for (const [why, keys, at] of [
    ['BADTIME', [key], later(400)],
    ['BADKEY', [], now],
  ] as const) {
    test(`${why} that does not fit: the limit holds to the octet`, () => {
      const whole = refuseRequest(bare, refusal(keys, at), at, nodeHmac);
      const fits = refuseRequest(bare, refusal(keys, at), at, nodeHmac, whole.length);
      assert.deepEqual(fits, whole);
      const cut = refuseRequest(bare, refusal(keys, at), at, nodeHmac, whole.length - 1);
      assert.ok(cut.length < whole.length);
      assert.equal(tsigOf(cut).error, tsigOf(whole).error);
      assert.equal(decode(cut).flags.tc, true);
    });
  }

  test('BADTRUNC: signed, with the server’s time', () => {
    const verdict = verifyRequest(
      octets,
      () => [key],
      now,
      nodeHmac,
      () => 33,
    );
    assert.ok(verdict.kind === 'refused');
    const reply = refuseRequest(bare, verdict.refusal, later(9), nodeHmac);
    const tsig = tsigOf(reply);
    assert.deepEqual([tsig.error, tsig.timeSigned, tsig.other.length], [22, now + 9, 0]);
    const judged = verifyResponse(reply, { key, mac: requestMac }, now, nodeHmac);
    assert.deepEqual(judged, {
      kind: 'refused',
      error: 22,
      authentic: true,
      serverTime: undefined,
    });
  });

  test('the key that verified answers, not the newest', () => {
    const newest = { ...key, secret: new Uint8Array(16) };
    const verdict = verifyRequest(octets, () => [newest, key], now, nodeHmac);
    assert.ok(verdict.kind === 'verified');
    const signed = signResponse(response, verdict.request, now, nodeHmac).octets;
    assert.equal(verifyResponse(signed, { key, mac: requestMac }, now, nodeHmac).kind, 'verified');
  });
});

test('what cannot be signed is the caller’s fault', () => {
  assert.throws(() => signRequest(new Uint8Array(65_500), key, now, nodeHmac), RangeError);
});
