/** The parser of queries: a table of what it refuses, and a property that ties it to the decoder of messages. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { decodeMessage } from '@riad/dns/message';
import { encodeMessage } from '@riad/dns/message-writer';
import { nameKey } from '@riad/dns/name';
import { randomMessage, randomMutation } from '@riad/dns/testing/random-message';
import { Arena } from '@riad/octets/arena';
import { parseHex } from '@riad/octets/hex';
import { Random, seed } from '@riad/octets/testing/random';
import { parsed, parseQuery } from './parse-query.ts';
import { QueryState, scratchPlace } from './query-state.ts';

const tail = 1 << 18;
const arena = Arena.reserve(1 << 20, tail);
const scratch = arena.octets.length - tail;
const queryAt = scratch + 4096;
const state = new QueryState(arena, scratch, () => {
  throw new Error('nothing is hashed here');
});

function parse(octets: Uint8Array): number {
  // What lies behind must not be read: it would look like more of the same.
  arena.octets.fill(0xff, queryAt, queryAt + octets.length + 512);
  arena.octets.set(octets, queryAt);
  state.query = queryAt;
  state.queryEnd = queryAt + octets.length;
  return parseQuery(state);
}

const question = '03777777 076578616d706c65 00 0001 0001'; // www.example. A IN
const header = (...counts: number[]): string =>
  `0001 0000 ${counts.map((count) => count.toString(16).padStart(4, '0')).join(' ')}`;
const record = (owner: string, type: string, rdata: string): string =>
  `${owner} ${type} 0001 00000000 ${(rdata.length / 2).toString(16).padStart(4, '0')} ${rdata}`;
const opt = (options: string, { owner = '00', version = '00' } = {}): string =>
  `${owner} 0029 04d0 00${version}8000 ${(options.length / 2).toString(16).padStart(4, '0')} ${options}`;
const option = (code: number, octets: number): string =>
  `${code.toString(16).padStart(4, '0')}${octets.toString(16).padStart(4, '0')}${'5a'.repeat(octets)}`;
const label63 = `3f${'61'.repeat(63)}`;
const { query, malformed, malformedQuestion, withoutQuestion } = parsed;

for (const [what, hex, expected] of [
  ['a question', `${header(1, 0, 0, 0)} ${question}`, query],
  ['no question', header(0, 0, 0, 0), malformedQuestion],
  [
    'two questions (RFC 9619 §4)',
    `${header(2, 0, 0, 0)} ${question} ${question}`,
    malformedQuestion,
  ],
  ['a question missing', header(1, 0, 0, 0), malformedQuestion],
  ['a name without an end', `${header(1, 0, 0, 0)} 03777777`, malformedQuestion],
  ['half a label', `${header(1, 0, 0, 0)} 037777`, malformedQuestion],
  ['a name and no type', `${header(1, 0, 0, 0)} 0377777700`, malformedQuestion],
  [
    'a name, a type and half a class',
    `${header(1, 0, 0, 0)} 0377777700 0001 00`,
    malformedQuestion,
  ],
  ['a pointer in the question', `${header(1, 0, 0, 0)} c00c 0001 0001`, malformedQuestion],
  ['label type 01', `${header(1, 0, 0, 0)} 4161 00 0001 0001`, malformedQuestion],
  ['label type 10', `${header(1, 0, 0, 0)} 8061 00 0001 0001`, malformedQuestion],
  [
    'a name of 255 octets',
    `${header(1, 0, 0, 0)} ${label63.repeat(3)}3d${'61'.repeat(61)}00 0001 0001`,
    query,
  ],
  [
    'a name of 256 octets',
    `${header(1, 0, 0, 0)} ${label63.repeat(3)}3e${'61'.repeat(62)}00 0001 0001`,
    malformedQuestion,
  ],
  ['127 labels', `${header(1, 0, 0, 0)} ${'0161'.repeat(127)}00 0001 0001`, query],
  ['128 labels', `${header(1, 0, 0, 0)} ${'0161'.repeat(128)}00 0001 0001`, malformedQuestion],
  ['an octet behind the question', `${header(1, 0, 0, 0)} ${question} 00`, malformed],
  ['an octet behind the header', `${header(0, 0, 0, 0)} 00`, malformedQuestion],
  ['OPT', `${header(1, 0, 0, 1)} ${question} ${opt('')}`, query],
  ['OPT cut', `${header(1, 0, 0, 1)} ${question} 00 0029 04d0 0000`, malformed],
  [
    'OPT that reaches too far',
    `${header(1, 0, 0, 1)} ${question} 00 0029 04d0 00000000 0001`,
    malformed,
  ],
  ['OPT missing', `${header(1, 0, 0, 1)} ${question}`, malformed],
  [
    'OPT twice (RFC 6891 §6.1.1)',
    `${header(1, 0, 0, 2)} ${question} ${opt('')} ${opt('')}`,
    malformed,
  ],
  [
    'OPT with an owner',
    `${header(1, 0, 0, 1)} ${question} ${opt('', { owner: '016100' })}`,
    malformed,
  ],
  ['OPT among the answers', `${header(1, 1, 0, 0)} ${question} ${opt('')}`, malformed],
  ['OPT among the authorities', `${header(1, 0, 1, 0)} ${question} ${opt('')}`, malformed],
  [
    'another version of EDNS and no question',
    `${header(0, 0, 0, 1)} ${opt('', { version: '01' })}`,
    withoutQuestion,
  ],
  ['OPT and no question', `${header(0, 0, 0, 1)} ${opt('')}`, malformedQuestion],
  ['OPT broken and no question', `${header(0, 0, 0, 1)} ${opt('00')}`, malformedQuestion],
  [
    'a cookie and no question (RFC 7873 §5.4)',
    `${header(0, 0, 0, 1)} ${opt(option(10, 8))}`,
    withoutQuestion,
  ],
  [
    'a cookie, no question, and more',
    `${header(0, 0, 0, 1)} ${opt(option(10, 8))} 00`,
    malformedQuestion,
  ],
  [
    'every option',
    `${header(1, 0, 0, 1)} ${question} ${opt([3, 8, 9, 11, 12, 65001].map((code) => option(code, 0)).join('') + option(10, 40))}`,
    query,
  ],
  ['half an option', `${header(1, 0, 0, 1)} ${question} ${opt('000300')}`, malformed],
  [
    'an option that reaches too far',
    `${header(1, 0, 0, 1)} ${question} ${opt('00030001')}`,
    malformed,
  ],
  [
    'a cookie of 7 octets (RFC 7873 §5.2.2)',
    `${header(1, 0, 0, 1)} ${question} ${opt(option(10, 7))}`,
    malformed,
  ],
  ['a cookie of 15 octets', `${header(1, 0, 0, 1)} ${question} ${opt(option(10, 15))}`, malformed],
  ['a cookie of 16 octets', `${header(1, 0, 0, 1)} ${question} ${opt(option(10, 16))}`, query],
  ['a cookie of 41 octets', `${header(1, 0, 0, 1)} ${question} ${opt(option(10, 41))}`, malformed],
  [
    'two cookies: the first counts',
    `${header(1, 0, 0, 1)} ${question} ${opt(option(10, 8) + option(10, 16))}`,
    query,
  ],
  [
    'options of another version are not read (RFC 6891 §6.1.3)',
    `${header(1, 0, 0, 1)} ${question} ${opt('0003', { version: '01' })}`,
    query,
  ],
  [
    'a record in each section',
    `${header(1, 1, 1, 1)} ${question} ${record('c00c', '0001', 'c0000201').repeat(3)}`,
    query,
  ],
  ['an owner that is half a pointer', `${header(1, 1, 0, 0)} ${question} c0`, malformed],
  ['an owner without an end', `${header(1, 1, 0, 0)} ${question} 0161`, malformed],
  [
    'an owner of label type 01',
    `${header(1, 1, 0, 0)} ${question} ${record('416100', '0001', '')}`,
    malformed,
  ],
  [
    'an owner that is too long',
    `${header(1, 1, 0, 0)} ${question} ${record(`${label63.repeat(4)}00`, '0001', '')}`,
    malformed,
  ],
  ['an owner and no more', `${header(1, 1, 0, 0)} ${question} 00 0001 0001 00000000 00`, malformed],
  ['TSIG, last', `${header(1, 0, 0, 2)} ${question} ${opt('')} ${record('00', '00fa', '')}`, query],
  [
    'TSIG before the last (RFC 8945 §5.1)',
    `${header(1, 0, 0, 2)} ${question} ${record('00', '00fa', '')} ${opt('')}`,
    malformed,
  ],
  [
    'TSIG among the answers',
    `${header(1, 1, 0, 0)} ${question} ${record('00', '00fa', '')}`,
    malformed,
  ],
] as const) {
  test(what, () => assert.equal(parse(parseHex(hex.replaceAll(' ', ''))), expected));
}

test('what it takes from the message', () => {
  const options = option(3, 0) + option(9, 0) + option(10, 24) + option(11, 0) + option(12, 3);
  const hex = `${header(1, 0, 0, 1)} 03577757 074578616d506c65 00 001c 0003 ${opt(options)}`;
  assert.equal(parse(parseHex(hex.replaceAll(' ', ''))), query);
  const { type, klass, labels, nameLength, soughtLength } = state;
  assert.deepEqual([type, klass, labels, nameLength, soughtLength], [28, 3, 2, 13, 13]);
  const { edns, dnssecOk, udpPayloadOctets, ednsVersion, cookieOctets } = state;
  assert.deepEqual(
    [edns, dnssecOk, udpPayloadOctets, ednsVersion, cookieOctets],
    [true, true, 1232, 0, 24],
  );
  assert.deepEqual(
    [state.nsid, state.expire, state.keepalive, state.padding],
    [true, true, true, true],
  );
  const at = scratch + scratchPlace.name;
  assert.equal(String.fromCharCode(...arena.octets.subarray(at + 1, at + 4)), 'www'); // RFC 4343 §3
});

describe(`beside the decoder of messages (RIAD_SEED=${seed})`, () => {
  /** What the decoder looks at and the parser does not: nobody acts on the record data of a query. */
  const unread = /^(rdata|name|text|octets|edns\.option|message\.opcode|message\.tsig-last)/;

  test('what decodes is taken, with the same question and EDNS', () => {
    const random = new Random();
    const tally = { taken: 0, refused: 0, lenient: 0 };
    for (let run = 0; run < 20_000; run++) {
      const whole = encodeMessage(randomMessage(random));
      const octets = random.chance(0.2) ? whole : randomMutation(whole, random);
      if (octets.length < 12) continue;
      const found = parse(octets);
      const decoded = decodeMessage(octets);
      if (!decoded.ok) {
        if (found === query) {
          tally.lenient++;
          assert.match(decoded.error.code, unread);
        } else tally.refused++;
        continue;
      }
      const { questions, edns, tsig } = decoded.value;
      if (questions.length !== 1) continue;
      tally.taken++;
      assert.equal(found, query);
      assert.equal(state.type, questions[0]!.type);
      assert.equal(state.klass, questions[0]!.class);
      const at = scratch + scratchPlace.name;
      assert.equal(
        nameKey(arena.octets.slice(at, at + state.soughtLength)),
        nameKey(questions[0]!.name),
      );
      assert.equal(state.edns, edns !== undefined);
      assert.equal(state.dnssecOk, edns?.dnssecOk ?? false);
      assert.equal(state.udpPayloadOctets, edns?.udpPayloadOctets ?? 512);
      assert.equal(state.ednsVersion, edns?.version ?? 0);
      assert.equal(state.tsig === 0 ? undefined : state.tsig - queryAt, tsig?.offset);
    }
    assert.ok(tally.taken > 4000 && tally.refused > 4000, JSON.stringify(tally));
  });

  test('octets of any kind are parsed or refused, and nothing behind them is read', () => {
    const random = new Random();
    for (let run = 0; run < 20_000; run++) {
      const octets = random.octets(random.between(12, 80));
      for (let at = 4; at < 12; at++) octets[at] = at % 2 === 0 ? 0 : octets[at]! & 3;
      const before = parse(octets);
      arena.octets.fill(0, state.queryEnd, state.queryEnd + 512);
      assert.equal(parseQuery(state), before);
      if (before === query) assert.ok(state.nameLength > 0 && state.nameLength <= 255);
    }
  });
});
