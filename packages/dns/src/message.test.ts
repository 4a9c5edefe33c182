/** Messages: three properties, a table of refusals, and what the writer leaves out. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { formatHex, parseHex } from '@riad/octets/hex';
import { Random, seed } from '@riad/octets/testing/random';
import { cookie } from './edns/cookie.ts';
import { extendedError } from './edns/extended-error.ts';
import { RecordTypeCode } from './iana/record-types.ts';
import {
  decodeMessage,
  type Message,
  noFlags,
  type ResourceRecord,
  rcodeOfError,
} from './message.ts';
import { encodeMessage } from './message-writer.ts';
import { parseName } from './name.ts';
import { formatMessage, messageToJson } from './presentation.ts';
import { recordTypeOf } from './rdata/registry.ts';
import { randomMessage, randomMutation } from './testing/random-message.ts';
import { rdataOf } from './testing/rdata-text.ts';

const decode = (octets: Uint8Array): Message => {
  const result = decodeMessage(octets);
  if (!result.ok) throw result.error;
  return result.value;
};
const strip = ({ tsig, ...message }: Message): object => ({ ...message, tsig: tsig?.record });

describe(`properties (RIAD_SEED=${seed})`, () => {
  test('reading is total: octets of any kind give a message or a DecodeError', () => {
    const random = new Random();
    for (let run = 0; run < 20_000; run++) {
      const octets = random.octets(random.below(80));
      if (octets.length > 12) {
        octets[2]! &= 0x07;
        for (let at = 4; at < 12; at += 2) octets[at] = 0;
        for (let at = 5; at < 12; at += 2) octets[at]! &= 3;
      }
      decodeMessage(octets);
    }
  });

  test('what is written reads as what it was, and writes to the same octets again', () => {
    const random = new Random();
    for (let run = 0; run < 2000; run++) {
      const message = randomMessage(random);
      const octets = encodeMessage(message);
      const again = decode(octets);
      assert.deepEqual(strip(again), strip(message));
      assert.deepEqual(encodeMessage(again), octets);
      assert.equal(typeof formatMessage(again), 'string');
      assert.equal(typeof JSON.stringify(messageToJson(again)), 'string');
    }
  });

  test('mutated messages: read or refused, and what was read keeps its record data', () => {
    const random = new Random();
    let accepted = 0;
    for (let run = 0; run < 20_000; run++) {
      const result = decodeMessage(randomMutation(encodeMessage(randomMessage(random)), random));
      if (!result.ok) {
        assert.ok([1, 4].includes(rcodeOfError(result.error)));
        continue;
      }
      accepted++;
      formatMessage(result.value);
      assert.deepEqual(strip(decode(encodeMessage(result.value))), strip(result.value));
    }
    assert.ok(accepted > 100, `${accepted} accepted`);
  });

  test('every strict prefix of a message is refused', () => {
    const octets = encodeMessage(randomMessage(new Random()));
    for (let length = 0; length < octets.length; length++) {
      assert.equal(decodeMessage(octets.subarray(0, length)).ok, false, `${length} octets`);
    }
  });
});

const query = '0001 0000 0001 0000 0000 0000'; // and one question follows
const question = '03777777 076578616d706c65 00 0001 0001'; // www.example. A IN
const opt = '00 0029 04d0 00000000 0000';
const withOpt = (count: number): string => `0001 0000 0001 0000 0000 000${count} ${question}`;

for (const [why, hex, code] of [
  ['nothing', '', 'message.header'],
  ['eleven octets', '0001 0000 0001 0000 0000 00', 'message.header'],
  ['opcode 3', '0001 1800 0000 0000 0000 0000', 'message.opcode'],
  ['DSO', '0001 3000 0000 0000 0000 0000', 'message.opcode'],
  ['two questions in a query (RFC 9619 §4)', '0001 0000 0002 0000 0000 0000', 'message.questions'],
  ['a question missing', query, 'octets.short'],
  ['half a question', `${query} 0377777700 00`, 'octets.short'],
  ['an octet behind the last record', `${query} ${question} 00`, 'message.trailing'],
  ['a pointer to itself', `${query} c00c 0001 0001`, 'name.pointer'],
  ['a pointer forward', `${query} c00e 0001 0001`, 'name.pointer'],
  ['a pointer into the header', `${query} c000 0001 0001`, 'name.pointer'],
  [
    'a pointer into a label',
    `0001 0000 0001 0001 0000 0000 ${question} c00d 0001 0001 00000000 0004 c0000201`,
    'name.pointer',
  ],
  ['a pointer beyond the end', `${query} ffff 0001 0001`, 'name.pointer'],
  ['half a pointer', `${query} c0`, 'octets.short'],
  ['label type 01 (RFC 6891 §5)', `${query} 4161 00 0001 0001`, 'name.label-type'],
  ['label type 10', `${query} 8161 00 0001 0001`, 'name.label-type'],
  [
    'a name of 256 octets',
    `${query} ${'3f'.padEnd(128, '61').repeat(3)}3e${'61'.repeat(62)} 00 0001 0001`,
    'name.length',
  ],
  [
    'an address of five octets',
    `0001 8000 0000 0001 0000 0000 00 0001 0001 00000000 0005 c000020101`,
    'rdata.trailing',
  ],
  [
    'an address of three octets',
    `0001 8000 0000 0001 0000 0000 00 0001 0001 00000000 0003 c00002`,
    'octets.short',
  ],
  [
    'an address of none',
    `0001 8000 0000 0001 0000 0000 00 0001 0001 00000000 0000`,
    'octets.short',
  ],
  [
    'RDLENGTH beyond the end',
    `0001 8000 0000 0001 0000 0000 00 0001 0001 00000000 0005 c0000201`,
    'octets.short',
  ],
  [
    'a compressed DNAME target',
    `0001 8000 0001 0001 0000 0000 ${question} c00c 0027 0001 00000000 0002 c00c`,
    'name.compressed',
  ],
  ['two OPT records', `${withOpt(2)} ${opt} ${opt}`, 'message.opt-twice'],
  ['OPT with an owner', `${withOpt(1)} 0161 ${opt}`, 'message.opt-owner'],
  [
    'OPT among the answers',
    `0001 0000 0001 0001 0000 0000 ${question} ${opt}`,
    'message.opt-section',
  ],
  ['an option cut short', `${withOpt(1)} 00 0029 04d0 00000000 0003 000a00`, 'edns.option'],
  ['an option longer than OPT', `${withOpt(1)} 00 0029 04d0 00000000 0004 000a0001`, 'edns.option'],
  [
    'a cookie of seven octets (RFC 7873 §5.2.2)',
    `${withOpt(1)} 00 0029 04d0 00000000 000b 000a0007 01020304050607`,
    'edns.option',
  ],
  [
    'a cookie of twelve octets',
    `${withOpt(1)} 00 0029 04d0 00000000 0010 000a000c 010203040506070801020304`,
    'edns.option',
  ],
  [
    'a subnet with bits behind its prefix',
    `${withOpt(1)} 00 0029 04d0 00000000 000b 00080007 00011000 c00001`,
    'edns.option',
  ],
  [
    'a keepalive of one octet',
    `${withOpt(1)} 00 0029 04d0 00000000 0005 000b000100`,
    'edns.option',
  ],
  [
    'TSIG before the last record',
    `0001 0000 0001 0000 0000 0002 ${question} 00 00fa 00ff 00000000 0011 00 000000000000 0000 0000 0000 0000 0000 ${opt}`,
    'message.tsig-last',
  ],
] as const) {
  test(`refused: ${why}`, () => {
    const result = decodeMessage(parseHex(hex.replaceAll(' ', '')));
    assert.equal(result.ok ? 'accepted' : result.error.code, code);
  });
}

test('an unknown opcode is NOTIMP, all else FORMERR', () => {
  const code = (hex: string): number => {
    const result = decodeMessage(parseHex(hex));
    return result.ok ? -1 : rcodeOfError(result.error);
  };
  assert.equal(code('000118000000000000000000'), 4);
  assert.equal(code('000100000002000000000000'), 1);
});

test('OPT: payload, extended RCODE, version, DO and options', () => {
  const octets = `0001 8001 0001 0000 0000 0001 ${question} 00 0029 0100 01018000 0000`;
  const message = decode(parseHex(octets.replaceAll(' ', '')));
  assert.equal(message.rcode, 17);
  assert.deepEqual(message.edns, {
    udpPayloadOctets: 512, // 256 counts as 512, RFC 6891 §6.2.3
    version: 1,
    dnssecOk: true,
    options: [],
  });
});

test('typed options', () => {
  const client = parseHex('0102030405060708');
  const options = [
    cookie.encode({ client, server: undefined }),
    extendedError.encode({ infoCode: 18, extraText: 'not for you' }),
    { code: 65001, octets: Uint8Array.of(1, 2) },
  ];
  const edns = { udpPayloadOctets: 1232, version: 0, dnssecOk: false, options };
  const message = { ...base, edns };
  const again = decode(encodeMessage(message));
  assert.deepEqual(cookie.find(again.edns), { client, server: undefined });
  assert.deepEqual(extendedError.find(again.edns), { infoCode: 18, extraText: 'not for you' });
  assert.deepEqual(again.edns, edns);
  const text = formatMessage(again);
  assert.match(
    text,
    /; COOKIE: 0102030405060708\n; EDE: 18 \(Prohibited\) "not for you"\n; OPT65001: 0102/,
  );
});

test('a TTL with its first bit set is 0 (RFC 2181 §8)', () => {
  const hex = '0001 8000 0000 0001 0000 0000 00 0001 0001 80000000 0004 c0000201';
  assert.equal(decode(parseHex(hex.replaceAll(' ', ''))).answers[0]!.ttlSeconds, 0);
});

test('deletions in an UPDATE have no data (RFC 2136 §2.5)', () => {
  const hex =
    '0001 2800 0001 0000 0002 0000 076578616d706c65 00 0006 0001 c00c 0001 00ff 00000000 0000 c00c 000f 00fe 00000000 0004 000ac00c';
  const message = decode(parseHex(hex.replaceAll(' ', '')));
  assert.equal(message.authorities[0]!.rdata.length, 0);
  assert.equal(formatHex(message.authorities[1]!.rdata), '000a076578616d706c6500');
  const text = formatMessage(message);
  assert.match(text, /;; ZONE SECTION:\n;example\.\tIN\tSOA/);
  assert.match(
    text,
    /;; UPDATE SECTION:\nexample\.\t0\tANY\tSOA|;; UPDATE SECTION:\nexample\.\t0\tANY\tA\n/,
  );
  assert.match(text, /example\.\t0\tNONE\tMX\t10 example\./);
});

const base: Message = {
  id: 1,
  opcode: 0,
  rcode: 0,
  flags: { ...noFlags, qr: true },
  questions: [{ name: parseName('example.'), type: 1, class: 1 }],
  answers: [],
  authorities: [],
  additionals: [],
};
const record = (
  owner: string,
  type: keyof typeof RecordTypeCode,
  text: string,
): ResourceRecord => ({
  owner: parseName(owner),
  type: RecordTypeCode[type],
  class: 1,
  ttlSeconds: 60,
  rdata: rdataOf(type, text),
});

test('names are compressed in owners and in the data of RFC 1035 types only', () => {
  const octets = encodeMessage({
    ...base,
    answers: [
      record('a.example.', 'NS', 'ns.a.example.'),
      record('a.example.', 'SRV', '0 0 0 ns.a.example.'),
    ],
  });
  const hex = formatHex(octets);
  assert.match(hex, /0161c00c/); // a.example. with a pointer to the question
  assert.match(hex, /026e73c019/); // ns. with a pointer to a.example.
  assert.match(hex, /0000 ?0000 ?0000 ?026e730161076578616d706c6500$/); // SRV in full (RFC 2782)
});

test('a suffix in another case is not pointed to', () => {
  const message = { ...base, answers: [record('EXAMPLE.', 'A', '192.0.2.1')] };
  assert.deepEqual(decode(encodeMessage(message)).answers[0]!.owner, parseName('EXAMPLE.'));
});

test('truncation leaves out whole RRsets, sets TC, and keeps OPT (RFC 2181 §9)', () => {
  const many = (owner: string, count: number): ResourceRecord[] =>
    Array.from({ length: count }, (_, i) => record(owner, 'A', `192.0.2.${i}`));
  const edns = { udpPayloadOctets: 1232, version: 0, dnssecOk: true, options: [] };
  const answers = [...many('example.', 10), ...many('b.example.', 30)];
  const additionals = many('c.example.', 1);
  const octets = encodeMessage({ ...base, answers, additionals, edns }, 512);
  assert.ok(octets.length <= 512);
  const cut = decode(octets);
  assert.equal(cut.flags.tc, true);
  assert.equal(cut.answers.length, 10);
  assert.equal(cut.additionals.length, 0);
  assert.deepEqual(cut.edns, edns);
});

test('additional records are left out without TC', () => {
  const additionals = Array.from({ length: 60 }, (_, i) =>
    record(`h${i}.example.`, 'A', '192.0.2.1'),
  );
  const cut = decode(encodeMessage({ ...base, additionals }, 512));
  assert.equal(cut.flags.tc, false);
  assert.ok(cut.additionals.length > 10 && cut.additionals.length < 60);
});

test('unknown types pass unharmed (RFC 3597 §3)', () => {
  const unknown = {
    ...record('example.', 'A', '192.0.2.1'),
    type: 65_280,
    rdata: parseHex('c00c'),
  };
  const again = decode(encodeMessage({ ...base, answers: [unknown] }));
  assert.equal(formatHex(again.answers[0]!.rdata), 'c00c');
  assert.equal(recordTypeOf(65_280).format(again.answers[0]!.rdata), '\\# 2 c00c');
});

test('text in the manner of dig', () => {
  const message = { ...base, answers: [record('example.', 'MX', '10 mail')] };
  assert.equal(
    formatMessage(message),
    `;; ->>HEADER<<- opcode: QUERY, status: NOERROR, id: 1
;; flags: qr; QUERY: 1, ANSWER: 1, AUTHORITY: 0, ADDITIONAL: 0

;; QUESTION SECTION:
;example.\tIN\tA

;; ANSWER SECTION:
example.\t60\tIN\tMX\t10 mail.example.
`,
  );
});

test('what cannot be written is the caller’s fault', () => {
  const broken = { ...record('a.', 'A', '192.0.2.1'), rdata: parseHex('c00002') };
  const option = { code: 1, octets: new Uint8Array(65_536) };
  const edns = { udpPayloadOctets: 1232, version: 0, dnssecOk: false };
  const options = Array(2).fill({ code: 1, octets: new Uint8Array(40_000) });
  const long = { ...record('a.', 'A', '192.0.2.1'), type: 65_280, rdata: new Uint8Array(65_536) };
  for (const message of [
    { ...base, answers: [broken] },
    { ...base, answers: [long] },
    { ...base, answers: [{ ...broken, owner: parseHex('01') }] },
    { ...base, opcode: 16 },
    { ...base, rcode: 16 },
    { ...base, rcode: 4096, edns: { ...edns, options: [] } },
    { ...base, edns: { ...edns, options: [option] } },
    { ...base, edns: { ...edns, options } },
  ]) {
    assert.throws(() => encodeMessage(message), RangeError);
  }
  assert.throws(() => encodeMessage(base, 20), RangeError);
});

test('64 KB of pointers are read without trouble', () => {
  // 5459 answers, each owned by a pointer to a name of 255 octets, with data that is one too.
  const name = `${`3f${'61'.repeat(63)}`.repeat(3)}3d${'61'.repeat(61)}00`;
  const count = Math.floor((65_535 - 12 - 255 - 4) / 14);
  const answer = 'c00c 0002 0001 00000000 0002 c00c'.replaceAll(' ', '');
  const header = `000184000001${count.toString(16).padStart(4, '0')}00000000`;
  const message = decode(parseHex(`${header}${name}00020001${answer.repeat(count)}`));
  assert.equal(message.answers.length, count);
  assert.equal(message.answers.at(-1)!.rdata.length, 255);
});

test('a chain of pointers costs no more than one', () => {
  // Each owner is a pointer to the owner before it.
  const count = 1000;
  let octets =
    `000184000001${count.toString(16).padStart(4, '0')}000000000161 00 0001 0001`.replaceAll(
      ' ',
      '',
    );
  for (let i = 0; i < count; i++) {
    const before = i === 0 ? 12 : 19 + (i - 1) * 12;
    octets += `${(0xc000 | before).toString(16)}fff1000100000000 0000`.replaceAll(' ', '');
  }
  const message = decode(parseHex(octets));
  assert.deepEqual(message.answers.at(-1)!.owner, parseName('a.'));
});
