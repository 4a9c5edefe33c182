import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Edns } from '@riad/dns/edns/option';
import { type Message, noFlags } from '@riad/dns/message';
import { encodeMessage } from '@riad/dns/message-writer';
import { parseName } from '@riad/dns/name';
import { Random, seed } from '@riad/octets/testing/random';
import {
  emptyImage,
  hostZone,
  linesOf,
  recordsOf,
  sha1,
  sortedLines,
} from '../testing/built-zone.ts';
import { randomZone } from '../testing/random-zone.ts';
import { HeldVersions } from '../zone-image/held-versions.ts';
import { zoneAt } from '../zone-image/zone-at.ts';
import { commitChanges } from '../zone-image/zone-commit.ts';
import type { ZoneImage } from '../zone-image/zone-image.ts';
import { applyChange, prepareChange } from './apply-change.ts';
import { axfrOut } from './axfr-out.ts';
import {
  TransferIn,
  type TransferInOutcome,
  type TransferInRequest,
  transferLimits,
} from './transfer-in.ts';
import type { Verified } from './transfer-message.ts';

const zoneName = 'zone.example.';
const zone = parseName(zoneName);
const id = 0xbeef;
const soa = (serial: number): string => `${zoneName} 60 SOA ns h ${serial} 7200 3600 1209600 300\n`;
const ns = '@ 60 NS ns\n';
const request = (changes: Partial<TransferInRequest> = {}): TransferInRequest => ({
  kind: 'ixfr',
  zone,
  id,
  serial: 1,
  transport: 'tcp',
  ...changes,
});

/** One message with the records of a text. */
function message(text: string, changes: Partial<Message> = {}): Uint8Array {
  return encodeMessage({
    id,
    opcode: 0,
    rcode: 0,
    flags: { ...noFlags, qr: true, aa: true },
    questions: [{ name: zone, type: 251, class: 1 }],
    answers: recordsOf(zoneName, text).map((record) => ({ ...record, class: 1 })),
    authorities: [],
    additionals: [],
    ...changes,
  });
}

function feed(
  transfer: TransferIn,
  messages: readonly Uint8Array[],
): TransferInOutcome | undefined {
  let outcome: TransferInOutcome | undefined;
  for (const octets of messages) {
    assert.equal(outcome, undefined, 'goes on');
    outcome = transfer.take(octets);
  }
  return outcome;
}

/** What an answer amounts to: the zone afterwards, or what is wrong. */
function take(
  image: ZoneImage,
  messages: readonly Uint8Array[],
  changes: Partial<TransferInRequest> = {},
): string[] | string {
  const transfer = new TransferIn(image, request(changes), sha1);
  const outcome = feed(transfer, messages) ?? transfer.end();
  if (outcome.kind === 'fault') return outcome.code;
  if (outcome.kind === 'zone') outcome.publish();
  else if (outcome.kind === 'changes') {
    const applied = applyChange(image, zone, outcome.change, sha1);
    if (!applied.ok) return applied.code;
  } else return outcome.kind;
  return linesOf(image, zone);
}

const start = `${soa(1)}${ns}ns 60 A 192.0.2.1\nold 60 TXT gone\nchild 60 NS ns.child\nns.child 60 A 192.0.2.9\n`;

function present(): ZoneImage {
  const image = emptyImage();
  hostZone(image, zoneName, start);
  return image;
}

const lines = (text: string): string[] => sortedLines(recordsOf(zoneName, text));
const after = (serial: number, more: string): string[] =>
  lines(
    `${soa(serial)}${ns}ns 60 A 192.0.2.1\nchild 60 NS ns.child\nns.child 60 A 192.0.2.9\n${more}`,
  );

describe('the shapes of an answer to IXFR (RFC 1995 §4)', () => {
  for (const [why, texts, expected] of [
    ['one SOA', [soa(1)], 'up-to-date'],
    [
      'the whole zone',
      [`${soa(3)}${ns}new 60 A 192.0.2.2\n${soa(3)}`],
      lines(`${soa(3)}${ns}new 60 A 192.0.2.2\n`),
    ],
    [
      'the whole zone, a record a message',
      [soa(3), ns, 'new 60 A 192.0.2.2', soa(3)],
      lines(`${soa(3)}${ns}new 60 A 192.0.2.2\n`),
    ],
    [
      'one step',
      [`${soa(2)}${soa(1)}old 60 TXT gone\n${soa(2)}new 60 TXT here\n${soa(2)}`],
      after(2, 'new 60 TXT here\n'),
    ],
    [
      'one step, a record a message',
      [soa(2), soa(1), 'old 60 TXT gone', soa(2), 'new 60 TXT here', soa(2)],
      after(2, 'new 60 TXT here\n'),
    ],
    [
      'a step that changes nothing but the serial',
      [`${soa(2)}${soa(1)}${soa(2)}${soa(2)}`],
      after(2, 'old 60 TXT gone\n'),
    ],
    [
      'what one step adds and the next deletes is not there in the end',
      [
        `${soa(3)}${soa(1)}old 60 TXT gone\n${soa(2)}brief 60 A 192.0.2.7\n${soa(2)}brief 60 A 192.0.2.7\n${soa(3)}new 60 TXT here\n${soa(3)}`,
      ],
      after(3, 'new 60 TXT here\n'),
    ],
    [
      'what one step deletes and the next adds is there in the end',
      [
        `${soa(3)}${soa(1)}old 60 TXT gone\n${soa(2)}${soa(2)}`,
        `${soa(3)}old 60 TXT gone\n${soa(3)}`,
      ],
      after(3, 'old 60 TXT gone\n'),
    ],
    [
      'glue that is added and glue that is taken away',
      [`${soa(2)}${soa(1)}old 60 TXT gone\n${soa(2)}ns2.child 60 A 192.0.2.10\n${soa(2)}`],
      after(2, 'ns2.child 60 A 192.0.2.10\n'),
    ],
    [
      'records outside the zone are left out',
      [
        `${soa(2)}${soa(1)}old 60 TXT gone\nother.example. 60 TXT x\n${soa(2)}evil.test. 60 A 192.0.2.6\n${soa(2)}`,
      ],
      after(2, ''),
    ],
    [
      'a record of the whole zone outside it, as the first of all',
      [`${soa(3)}evil.test. 60 A 192.0.2.6\n${ns}${soa(3)}`],
      lines(soa(3) + ns),
    ],
    [
      'what is here already is added once more, as some primaries do',
      [`${soa(2)}${soa(1)}${soa(2)}old 60 TXT gone\nns 60 A 192.0.2.1\nnew 60 TXT x\n${soa(2)}`],
      after(2, 'old 60 TXT gone\nnew 60 TXT x\n'),
    ],
    [
      'a record with another TTL than those of its RRset: all have it then',
      [`${soa(2)}${soa(1)}${soa(2)}ns 30 A 192.0.2.2\nold 30 TXT gone\n${soa(2)}`],
      lines(
        `${soa(2)}${ns}ns 30 A 192.0.2.1\nns 30 A 192.0.2.2\nold 30 TXT gone\nchild 60 NS ns.child\nns.child 60 A 192.0.2.9\n`,
      ),
    ],
    [
      'names in RDATA whose case is not ours',
      [
        `${soa(2)}${soa(1)}child 60 NS NS.Child\nold 60 TXT gone\n${soa(2)}child 60 NS ns2.child\n${soa(2)}`,
      ],
      lines(`${soa(2)}${ns}ns 60 A 192.0.2.1\nchild 60 NS ns2.child\nns.child 60 A 192.0.2.9\n`),
    ],
  ] as [string, string[], string[] | string][]) {
    test(why, () => {
      assert.deepEqual(
        take(
          present(),
          texts.map((text) => message(text)),
        ),
        expected,
      );
      // RFC 5936 §2.2.2: messages behind the first need not have the question.
      const bare = texts.map((text, i) => message(text, i > 0 ? { questions: [] } : {}));
      assert.deepEqual(take(present(), bare), expected);
    });
  }
});

describe('answers to AXFR', () => {
  const axfr = (text: string, changes: Partial<Message> = {}): Uint8Array =>
    message(text, { questions: [{ name: zone, type: 252, class: 1 }], ...changes });

  test('three messages, those behind the first without question', () => {
    const image = emptyImage();
    const messages = [
      axfr(soa(9) + ns),
      axfr('a 60 A 192.0.2.1', { questions: [] }),
      axfr(soa(9), { questions: [] }),
    ];
    assert.deepEqual(
      take(image, messages, { kind: 'axfr', serial: undefined }),
      lines(`${soa(9)}${ns}a 60 A 192.0.2.1\n`),
    );
  });

  test('a SOA of our own serial in second place is the end, not a step', () => {
    assert.equal(
      take(present(), [axfr(`${soa(5)}${soa(1)}${soa(5)}`)], { kind: 'axfr' }),
      'transfer.serial',
    );
  });

  test('a serial that went over the end of its circle is newer (RFC 1982 §3.2)', () => {
    const whole = [axfr(`${soa(3)}${ns}${soa(3)}`)];
    assert.deepEqual(
      take(present(), whole, { kind: 'axfr', serial: 2 ** 32 - 2 }),
      lines(soa(3) + ns),
    );
  });

  test('owners that come again later, and a question spelled otherwise', () => {
    const text = `${soa(9)}${ns}a 60 A 192.0.2.1\nb 60 A 192.0.2.1\nA 60 TXT x\n${soa(9)}`;
    const octets = axfr(text, {
      questions: [{ name: parseName('ZONE.example.'), type: 252, class: 1 }],
    });
    assert.equal(take(emptyImage(), [octets], { kind: 'axfr', serial: undefined }).length, 5);
  });
});

describe('what changes nothing', () => {
  const step = `${soa(2)}${soa(1)}old 60 TXT gone\n${soa(2)}new 60 TXT here\n${soa(2)}`;
  const whole = `${soa(3)}${ns}new 60 A 192.0.2.2\n${soa(3)}`;
  const cases: [string, Uint8Array[], string, Partial<TransferInRequest>?][] = [
    ['NOTAUTH', [message('', { rcode: 9 })], 'transfer.rcode'],
    ['another id', [message(step, { id: 1 })], 'transfer.not-this'],
    ['no answer but a query', [message(step, { flags: noFlags })], 'transfer.not-this'],
    ['another opcode', [message(step, { opcode: 4 })], 'transfer.not-this'],
    [
      'another zone',
      [message(step, { questions: [{ name: parseName('x.example.'), type: 251, class: 1 }] })],
      'transfer.not-this',
    ],
    [
      'another type',
      [message(step, { questions: [{ name: zone, type: 252, class: 1 }] })],
      'transfer.not-this',
    ],
    [
      'another class in the question',
      [message(step, { questions: [{ name: zone, type: 251, class: 3 }] })],
      'transfer.not-this',
    ],
    ['no question in the first message', [message(step, { questions: [] })], 'transfer.not-this'],
    [
      'truncated',
      [message(step, { flags: { ...noFlags, qr: true, tc: true } })],
      'transfer.message',
    ],
    ['no records', [message('')], 'transfer.soa'],
    ['no records later', [message(soa(3)), message('')], 'transfer.soa'],
    ['no SOA first', [message(ns + whole)], 'transfer.soa'],
    [
      'a SOA of another name first',
      [message(`x.example. 60 SOA a b 3 1 1 1 1\n${whole}`)],
      'transfer.soa',
    ],
    [
      'a SOA of another name within',
      [message(`${soa(3)}${ns}sub 60 SOA a b 3 1 1 1 1\n${soa(3)}`)],
      'transfer.soa',
    ],
    ['an older zone', [message(whole)], 'transfer.serial-back', { serial: 4 }],
    [
      'a zone as far away as serials can be',
      [message(whole)],
      'transfer.serial-back',
      { serial: (3 + 2 ** 31) >>> 0 },
    ],
    ['an older SOA alone', [message(soa(3))], 'transfer.serial-back', { serial: 4 }],
    ['our own serial again', [message(whole)], 'up-to-date', { serial: 3 }],
    ['a last SOA with another serial', [message(`${soa(3)}${ns}${soa(4)}`)], 'transfer.serial'],
    [
      'a step from another version',
      [message(`${soa(3)}${soa(2)}${soa(3)}${soa(3)}`)],
      'transfer.serial',
    ],
    [
      'steps with a gap',
      [message(`${soa(4)}${soa(1)}${soa(2)}${soa(3)}${soa(4)}${soa(4)}`)],
      'transfer.serial',
    ],
    ['steps beyond the end', [message(`${soa(3)}${soa(1)}${soa(4)}${soa(4)}`)], 'transfer.serial'],
    [
      'steps that go back',
      [message(`${soa(3)}${soa(1)}${soa(0)}${soa(0)}${soa(3)}${soa(3)}`)],
      'transfer.serial',
    ],
    ['records behind the end', [message(`${whole}a 60 A 192.0.2.1\n`)], 'transfer.trailing'],
    [
      'records behind the end of the steps',
      [message(`${step}a 60 A 192.0.2.1\n`)],
      'transfer.trailing',
    ],
    ['a zone without NS', [message(`${soa(3)}a 60 A 192.0.2.1\n${soa(3)}`)], 'transfer.zone'],
    ['nothing but SOA', [message(soa(3) + soa(3))], 'transfer.zone'],
    [
      'a CNAME beside other records',
      [message(`${soa(3)}${ns}a 60 CNAME b\na 60 A 192.0.2.1\n${soa(3)}`)],
      'transfer.zone',
    ],
    [
      'steps that take the last NS away',
      [message(`${soa(2)}${soa(1)}${ns}${soa(2)}${soa(2)}`)],
      'zone.no-ns',
    ],
    [
      'a step that deletes what is not here',
      [message(`${soa(2)}${soa(1)}nobody 60 A 192.0.2.1\n${soa(2)}${soa(2)}`)],
      'commit.inexact',
    ],
    ['an end before its time', [message(`${soa(3)}${ns}`)], 'transfer.cut-short'],
    [
      'an end in the middle of steps',
      [message(`${soa(3)}${soa(1)}old 60 TXT gone\n`)],
      'transfer.cut-short',
    ],
    ['one newer SOA over UDP', [message(soa(3))], 'use-tcp', { transport: 'udp' }],
    [
      'half an answer over UDP',
      [message(`${soa(3)}${ns}`)],
      'transfer.cut-short',
      { transport: 'udp' },
    ],
    [
      'another class',
      [
        message('', {
          answers: recordsOf(zoneName, whole).map((record, i) => ({
            ...record,
            class: i === 1 ? 3 : 1,
          })),
        }),
      ],
      'transfer.class',
    ],
    [
      'OPT among the records',
      [
        message('', {
          answers: [
            ...recordsOf(zoneName, soa(3)),
            { owner: zone, type: 41, ttlSeconds: 0, rdata: new Uint8Array(0) },
          ].map((record) => ({ ...record, class: 1 })),
        }),
      ],
      'transfer.message',
    ],
  ];
  for (const [why, messages, expected, changes] of cases) {
    test(why, () => {
      const image = present();
      const before = [linesOf(image, zone), image.writer.usedOctets];
      assert.equal(take(image, messages, changes), expected);
      // What a refused commit leaves are names without data: nodes stay for the next time.
      if (!expected.startsWith('commit.'))
        assert.deepEqual([linesOf(image, zone), image.writer.usedOctets], before);
      else assert.deepEqual(linesOf(image, zone), before[0]);
    });
  }

  test('every strict prefix of a message', () => {
    for (const octets of [message(step), message(whole)]) {
      for (let i = 0; i < octets.length; i++) {
        const outcome = new TransferIn(emptyImage(1 << 17), request(), sha1).take(
          octets.slice(0, i),
        );
        assert.ok(outcome?.kind === 'fault', `${i} octets`);
      }
    }
  });

  test('more records, octets or changes than there may be', () => {
    for (const [limits, text, code] of [
      [{ maxRecords: 3 }, whole, 'transfer.records'],
      [{ maxOctets: 100 }, whole, 'transfer.records'],
      [{ maxChangedRecords: 1 }, step, 'transfer.changes'],
    ] as const) {
      const transfer = new TransferIn(present(), request(), sha1, undefined, {
        ...transferLimits,
        ...limits,
      });
      const outcome = transfer.take(message(text));
      assert.equal(outcome?.kind === 'fault' && outcome.code, code);
    }
  });

  test('too little memory', () => {
    const image = emptyImage(1 << 17);
    hostZone(image, zoneName, start);
    const before = [linesOf(image, zone), image.writer.usedOctets];
    const transfer = new TransferIn(image, request(), sha1);
    let outcome = transfer.take(message(soa(2) + ns));
    for (let i = 0; i < 500 && outcome === undefined; i++)
      outcome = transfer.take(message(`h${i} 60 TXT "${'x'.repeat(200)}"\n`));
    assert.equal(outcome?.kind === 'fault' && outcome.code, 'transfer.memory');
    assert.deepEqual([linesOf(image, zone), image.writer.usedOctets], before);
  });
});

describe('signatures', () => {
  test('each message is verified before it is looked at, and the last must be', () => {
    const messages = [message(soa(3) + ns), message('a 60 A 192.0.2.1'), message(soa(3))];
    const run = (verify: (i: number) => Verified['ok'], mayEnd: boolean): string => {
      let i = 0;
      const verifier = {
        verify: (octets: Uint8Array): Verified =>
          verify(i++) ? { ok: true, message: octets } : { ok: false, code: 'BADSIG' },
        mayEnd: () => mayEnd,
      };
      const outcome = feed(
        new TransferIn(present(), request(), sha1, verifier),
        messages.slice(0, 3),
      );
      return outcome?.kind === 'fault' ? outcome.code : String(outcome?.kind);
    };
    assert.equal(
      run(() => true, true),
      'zone',
    );
    assert.equal(
      run(() => true, false),
      'transfer.signature',
    );
    assert.equal(
      run((i) => i < 2, true),
      'transfer.signature',
    );
  });
});

test('EXPIRE in the first message (RFC 7314 §4)', () => {
  const edns: Edns = {
    udpPayloadOctets: 1232,
    version: 0,
    dnssecOk: false,
    options: [{ code: 9, octets: Uint8Array.of(0, 0, 1, 0) }],
  };
  for (const text of [soa(1), `${soa(2)}${soa(1)}${soa(2)}${soa(2)}`]) {
    const outcome = new TransferIn(present(), request(), sha1).take(message(text, { edns }));
    assert.ok(outcome !== undefined && 'expireSeconds' in outcome);
    assert.equal(outcome.expireSeconds, 256);
  }
});

test('two transfers at a time, and a commit to another zone in between', () => {
  const image = present();
  const one = new TransferIn(image, request({ serial: 1 }), sha1);
  const other = new TransferIn(
    image,
    request({ zone: parseName('other.example.'), serial: undefined }),
    sha1,
  );
  const otherMessage = (text: string): Uint8Array =>
    message('', {
      questions: [{ name: parseName('other.example.'), type: 251, class: 1 }],
      answers: recordsOf('other.example.', text).map((record) => ({ ...record, class: 1 })),
    });
  assert.equal(one.take(message(soa(2) + ns)), undefined);
  assert.equal(other.take(otherMessage(`@ 60 SOA a b 5 1 1 1 1\n${ns}`)), undefined);
  hostZone(image, 'third.example.', start.replaceAll(zoneName, 'third.example.'));
  const first = one.take(message(`a 60 A 192.0.2.1\n${soa(2)}`));
  const second = other.take(otherMessage('@ 60 SOA a b 5 1 1 1 1\n'));
  assert.ok(first?.kind === 'zone' && second?.kind === 'zone');
  second.publish();
  first.publish();
  assert.deepEqual(linesOf(image, zone), lines(`${soa(2)}${ns}a 60 A 192.0.2.1\n`));
  assert.equal(linesOf(image, parseName('other.example.')).length, 2);
});

test('what is kept of a change is what it did', () => {
  const image = present();
  const records = (text: string) => recordsOf(zoneName, text);
  const given = {
    fromSerial: 1,
    toSerial: 2,
    removals: records(soa(1)),
    additions: records(`${soa(2)}old 60 TXT gone\nns 30 A 192.0.2.2\nnew 60 TXT x\nnew 60 TXT x\n`),
  };
  const prepared = prepareChange(image, zone, given, sha1);
  assert.ok(prepared.ok);
  assert.deepEqual(linesOf(image, zone), lines(start), 'nobody sees it yet');
  assert.deepEqual(sortedLines(prepared.change.removals), lines(`${soa(1)}ns 60 A 192.0.2.1\n`));
  assert.deepEqual(
    sortedLines(prepared.change.additions),
    lines(`${soa(2)}ns 30 A 192.0.2.1\nns 30 A 192.0.2.2\nnew 60 TXT x\n`),
  );
  prepared.discard();
  const copy = present();
  assert.ok(applyChange(image, zone, given, sha1).ok);
  assert.ok(
    commitChanges(copy, zone, prepared.change.removals, prepared.change.additions, sha1, true).ok,
  );
  assert.deepEqual(linesOf(copy, zone), linesOf(image, zone));
});

test('a difference that changes the chain of denial builds the zone anew', () => {
  const image = emptyImage();
  hostZone(image, zoneName, `${start}@ 60 NSEC ns A\nns 60 NSEC @ A\n`);
  const text = `${soa(2)}${soa(1)}@ 60 NSEC ns A\nNS 60 NSEC @ A\n${soa(2)}new 60 A 192.0.2.8\n${soa(2)}`;
  assert.deepEqual(
    take(image, [message(text)]),
    lines(`${start.replace(soa(1), soa(2))}new 60 A 192.0.2.8\n`),
  );
  const wrong = `${soa(3)}${soa(2)}nobody 60 A 192.0.2.8\n${soa(3)}@ 60 NSEC ns A\n${soa(3)}`;
  assert.equal(take(image, [message(wrong)], { serial: 2 }), 'commit.inexact');
});

test(`what goes out comes in again, whatever the zone (seed ${seed})`, () => {
  const random = new Random(seed);
  for (let round = 0; round < 60; round++) {
    const image = emptyImage(16 << 20);
    const { name, text } = randomZone(random, random.pick([3, 30, 300]));
    const apex = hostZone(image, name, text);
    using held = new HeldVersions(image.arena).hold(0)!;
    const query = {
      id,
      recursionDesired: false,
      question: Uint8Array.of(...apex, 0, 252, 0, 1),
      opt: undefined,
    };
    const copy = emptyImage(16 << 20);
    const transfer = new TransferIn(
      copy,
      request({ kind: 'axfr', zone: apex, serial: undefined }),
      sha1,
    );
    let outcome: TransferInOutcome | undefined;
    for (const octets of axfrOut(
      image.arena,
      held,
      zoneAt(image.arena, held.version, apex),
      query,
    )) {
      outcome = transfer.take(octets);
    }
    assert.ok(outcome?.kind === 'zone', JSON.stringify(outcome));
    outcome.publish();
    assert.deepEqual(linesOf(copy, apex), linesOf(image, apex));
    assert.ok(outcome.records > 3);
  }
});

test(`octets of every kind change nothing, or give a whole zone (seed ${seed})`, () => {
  const random = new Random(seed);
  const image = present();
  const texts = [
    `${soa(3)}${ns}w 60 MX 10 mail\nw 60 SRV 0 0 5 a.b\nw 60 TXT "abc" "d"\nw 60 NAPTR 1 1 "a" "b" "c" d.e\n${soa(3)}`,
    `${soa(2)}${soa(1)}old 60 TXT gone\n${soa(2)}new 60 RP a b\n${soa(2)}`,
  ];
  const originals = texts.map((text) => message(text));
  const used = image.writer.usedOctets;
  const seen = new Set<string>();
  for (let i = 0; i < 6000; i++) {
    const octets = random.pick(originals).slice();
    for (let j = random.between(1, 6); j > 0; j--)
      octets[random.below(octets.length)] = random.below(256);
    const transfer = new TransferIn(image, request(), sha1);
    const outcome = transfer.take(octets) ?? transfer.end();
    seen.add(outcome.kind === 'fault' ? outcome.code : outcome.kind);
    if (outcome.kind === 'zone') outcome.discard();
    assert.equal(image.writer.usedOctets, used);
  }
  for (const kind of [
    'zone',
    'changes',
    'transfer.message',
    'transfer.serial',
    'transfer.zone',
    'transfer.cut-short',
  ]) {
    assert.ok(seen.has(kind), `${kind} came up`);
  }
});
