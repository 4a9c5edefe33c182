/** The answering function by itself: what is decided before any zone is looked into, and what OPT says. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import { cookie } from '@riad/dns/edns/cookie';
import { decodeMessage, type Message } from '@riad/dns/message';
import { formatName, parseName } from '@riad/dns/name';
import { readZoneFile } from '@riad/dns/zonefile/reader';
import { Arena } from '@riad/octets/arena';
import { formatHex, parseHex } from '@riad/octets/hex';
import { sipKey } from '@riad/octets/siphash';
import { encodeUtf8 } from '@riad/octets/utf8';
import { claimReaderSlot } from '../zone-image/reader-slots.ts';
import { ZoneBuilder } from '../zone-image/zone-builder.ts';
import { ZoneImage } from '../zone-image/zone-image.ts';
import { Answerer } from './answer.ts';
import type { AnswerOptions } from './answer-options.ts';
import { outcome, transport } from './query-state.ts';
import { rateTableOctets } from './rate-limit.ts';

const sha1 = (data: Uint8Array, start: number, end: number, out: Uint8Array, at: number): void =>
  out.set(createHash('sha1').update(data.subarray(start, end)).digest(), at);

const top = '$TTL 60\n@ SOA ns h 1 2 3 4 5\n@ NS ns\nns A 192.0.2.1\n';
const zones = {
  'example.': `${top}www A 192.0.2.2\nchild NS ns.child\nns.child A 192.0.2.3\nalias CNAME child\n`,
  'child.example.': top,
};
const now = 1_800_000_000;

function make(changes: Partial<AnswerOptions> = {}, secret: number = 1) {
  const tail = rateTableOctets + (1 << 18);
  const arena = Arena.reserve(8 << 20, tail);
  const image = ZoneImage.create(arena, 0x5eed);
  for (const [name, text] of Object.entries(zones)) {
    const origin = parseName(name);
    const builder = new ZoneBuilder(image, origin, 100, sha1);
    assert.deepEqual(readZoneFile(encodeUtf8(text), { file: name, origin }, builder), []);
    image.publish(origin, builder.finish(image.nextVersion, 0), true);
  }
  const start = arena.octets.length - tail;
  const clock = start / 4;
  arena.words[clock] = now;
  const places = {
    clock,
    scratch: start + 4096,
    counters: (start + 8192) / 4,
    rates: (start + (1 << 18)) / 4,
  };
  const options: AnswerOptions = {
    maxUdpOctets: 1232,
    nsid: encodeUtf8('ns-1'),
    versionText: new Uint8Array(0),
    keepaliveUnits: 300,
    rateLimit: { responsesPerSecond: 0, slip: 2, ipv4PrefixBits: 24, ipv6PrefixBits: 56 },
    askers: undefined,
    ...changes,
  };
  const cookies = { current: sipKey(new Uint8Array(16).fill(secret)), previous: undefined };
  const slot = claimReaderSlot(arena.words);
  const answerer = new Answerer(arena, places, slot, options, cookies, sha1);
  const [query, out, client] = [start + 65_536, start + 131_072, start + 16_384];
  arena.octets.set([192, 0, 2, 9], client);
  return {
    image,
    tick(seconds: number): void {
      arena.words[clock]! += seconds;
    },
    /** Octets of the answer, or why there is none. */
    outcome(hex: string, via: number = transport.udp): number {
      const octets = parseHex(hex.replaceAll(' ', ''));
      arena.octets.set(octets, query);
      answerer.enter();
      return answerer.answer(query, octets.length, out, 65_535, via, client, 4);
    },
    answer(hex: string, via: number = transport.udp): Message | undefined {
      const length = this.outcome(hex, via);
      if (length <= 0) return undefined;
      const decoded = decodeMessage(arena.octets.slice(out, out + length));
      assert.ok(decoded.ok, formatHex(arena.octets.subarray(out, out + length)));
      return decoded.value;
    },
  };
}

const www = '03777777 076578616d706c65 00 0001 0001'; // www.example. A IN
const header = (flags: string, counts: string): string => `0001 ${flags} ${counts}`;
const one = header('0100', '0001 0000 0000 0000');
const withOpt = header('0100', '0001 0000 0000 0001');
const opt = (options: string = '', version: string = '00'): string =>
  `00 0029 04d0 00${version}0000 ${(options.length / 2).toString(16).padStart(4, '0')} ${options}`;
const tsig =
  '036b657900 00fa 00ff 00000000 001f 0b686d61632d73686132353600 000065000000 012c 0002 aabb 0001 0000 0000';

for (const [what, hex, rcode, questions] of [
  ['eleven octets: silence', '0001 0000 0001 0000 0000 00', undefined, 0],
  ['an answer: silence', `${header('8100', '0001 0000 0000 0000')} ${www}`, undefined, 0],
  ['a header alone: FORMERR', header('0100', '0000 0000 0000 0000'), 1, 0],
  ['an octet too many: FORMERR, with the question', `${one} ${www} 00`, 1, 1],
  ['a broken question: FORMERR, without it', `${one} c00c 0001 0001`, 1, 0],
  ['STATUS: NOTIMP', `${header('1100', '0001 0000 0000 0000')} ${www}`, 4, 1],
  ['another EDNS version: BADVERS', `${withOpt} ${www} ${opt('', '01')}`, 16, 1],
  ['that, and no question', `${header('0100', '0000 0000 0000 0001')} ${opt('', '01')}`, 16, 0],
  ['that, and options of its own kind', `${withOpt} ${www} ${opt('ffff', '01')}`, 16, 1],
  ['a name of nobody: REFUSED', `${one} 0161 00 0001 0001`, 5, 1],
  ['class HESIOD: REFUSED', `${one} 0161 00 0001 0004`, 5, 1],
  ['type OPT: FORMERR', `${one} ${www.replace('0001 0001', '0029 0001')}`, 1, 1],
  ['MAILA: NOTIMP', `${one} ${www.replace('0001 0001', '00fe 0001')}`, 4, 1],
  [
    'a TSIG that is not the last: FORMERR (RFC 8945 §5.2)',
    `${header('0100', '0001 0000 0000 0002')} ${www} ${tsig} ${opt()}`,
    1,
    1,
  ],
] as const) {
  test(what, () => {
    const message = make().answer(hex);
    assert.equal(message?.rcode, rcode);
    if (message !== undefined) assert.equal(message.questions.length, questions);
  });
}

for (const [what, hex] of [
  ['UPDATE', `${header('2900', '0001 0000 0000 0000')} ${www}`],
  ['UPDATE that is broken', `${header('2900', '0001 0000 0000 0000')}`],
  ['NOTIFY', `${header('2400', '0001 0000 0000 0000')} ${www}`],
  ['AXFR', `${one} ${www.replace('0001 0001', '00fc 0001')}`],
  ['IXFR', `${one} ${www.replace('0001 0001', '00fb 0001')}`],
  ['whatever is signed', `${withOpt} ${www} ${tsig}`],
  [
    'SOA with EXPIRE (RFC 7314)',
    `${withOpt} ${www.replace('0001 0001', '0006 0001')} 00 0029 04d0 00000000 0004 0009 0000`,
  ],
] as const) {
  test(`${what} is for others to answer`, () => assert.equal(make().outcome(hex), outcome.notMine));
}

test('DS of a child is asked of the parent, also at the end of an alias (RFC 4035 §3.1.4.1)', () => {
  for (const owner of ['05 6368696c64', '05 616c696173']) {
    const message = make().answer(`${one} ${owner} 076578616d706c65 00 002b 0001`);
    assert.equal(message?.rcode, 0);
    assert.deepEqual(
      message?.authorities.map((record) => [formatName(record.owner), record.type]),
      [['example.', 6]],
    );
  }
});

describe('zones that cannot be answered for say why (RFC 8914)', () => {
  const errors = (message: Message): number[] =>
    message.edns!.options.flatMap(({ code, octets }) =>
      code === 15 ? [(octets[0]! << 8) | octets[1]!] : [],
    );
  const said = (server: ReturnType<typeof make>, owner: string, type: string): unknown[] => {
    const question = `${owner} 076578616d706c65 00 ${type} 0001`;
    const message = server.answer(`${withOpt} ${question} ${opt('')}`)!;
    return [message.rcode, message.flags.aa, message.answers.length, ...errors(message)];
  };
  const child = '05 6368696c64';
  const [a, ds] = ['0001', '002b'];

  test('one that has expired: invalid data, and nobody to be had it from', () => {
    const server = make();
    server.image.withhold(parseName('child.example.'), true);
    assert.deepEqual(said(server, child, a), [2, false, 0, 24, 22]);
    // The alias is its parent's.
    assert.deepEqual(said(server, '05 616c696173', a), [2, true, 1, 24, 22]);
    server.image.withhold(parseName('child.example.'), false);
    assert.deepEqual(said(server, child, a), [0, true, 0]);
  });

  test('one that is to come: not ready, and its parent does not speak for it', () => {
    const server = make();
    server.image.remove(parseName('child.example.'));
    assert.deepEqual(said(server, child, a), [0, false, 0], 'a referral');
    server.image.expect(parseName('child.example.'));
    assert.deepEqual(said(server, child, a), [2, false, 0, 14]);
    assert.deepEqual(said(server, `02 6e73 ${child}`, a), [2, false, 0, 14]);
    assert.deepEqual(said(server, child, ds).slice(0, 2), [0, true], 'but for what is its own');
    server.image.expect(parseName('.'));
    const elsewhere = server.answer(`${withOpt} 0474657374 00 0001 0001 ${opt('')}`)!;
    assert.deepEqual([elsewhere.rcode, ...errors(elsewhere)], [2, 14]);
  });
});

describe('cookies', () => {
  const client = '0102030405060708';
  const ask = (server: ReturnType<typeof make>, value: string): Message =>
    server.answer(
      `${withOpt} ${www} ${opt(`000a${(value.length / 2).toString(16).padStart(4, '0')}${value}`)}`,
    )!;
  const given = (message: Message): string => {
    const found = cookie.find(message.edns)!;
    return formatHex(found.client) + formatHex(found.server!);
  };

  test('lift the rate limit while they are valid, an hour long (RFC 9018 §4.3)', () => {
    const rateLimit = { responsesPerSecond: 1, slip: 1, ipv4PrefixBits: 24, ipv6PrefixBits: 56 };
    const server = make({ rateLimit });
    const whole = given(ask(server, client));
    assert.match(whole, /^010203040506070801000000/);
    const cut = (value: string): boolean => ask(server, value).flags.tc;
    assert.equal(cut(client), true, 'the second answer of one second is limited');
    assert.equal(cut(whole), false);
    server.tick(3600);
    assert.equal(cut(whole), false);
    server.tick(1);
    ask(server, client);
    assert.equal(cut(whole), true, 'too old');
    assert.equal(cut(given(ask(make({}, 2), client))), true, 'of another secret');
    assert.equal(cut(`${whole.slice(0, -1)}0`) || cut(`${whole.slice(0, -1)}1`), true, 'forged');
  });

  test('with slip 0 what is too much is dropped', () => {
    const server = make({
      rateLimit: { responsesPerSecond: 1, slip: 0, ipv4PrefixBits: 24, ipv6PrefixBits: 56 },
    });
    assert.equal(server.answer(`${one} ${www}`)?.rcode, 0);
    assert.equal(server.answer(`${one} ${www}`), undefined);
    assert.equal(server.answer(`${one} ${www}`, transport.tcp)?.rcode, 0);
  });
});

test('options are given where they belong: NSID everywhere, keepalive on streams, padding on TLS', () => {
  const asked = `${withOpt} ${www} ${opt('00030000 000b0000 000c0000'.replaceAll(' ', ''))}`;
  const server = make();
  const codes = (via: number): number[] => [
    ...server.answer(asked, via)!.edns!.options.map(({ code }) => code),
  ];
  assert.deepEqual(codes(transport.udp), [3]);
  assert.deepEqual(codes(transport.tcp), [3, 11]);
  assert.deepEqual(codes(transport.tls), [3, 11, 12]);
});

test('who asks for the server’s name in class CHAOS gets it, for its version nothing', () => {
  const name = (hex: string): string => `${one} ${hex} 00 0010 0003`;
  const server = make();
  const told = server.answer(name('026964 06736572766572'))!; // id.server
  assert.equal(formatHex(told.answers[0]!.rdata), '046e732d31');
  assert.equal(server.answer(name('0776657273696f6e 0462696e64'))?.rcode, 5); // version.bind
});
