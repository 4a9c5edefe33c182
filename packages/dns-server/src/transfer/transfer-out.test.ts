import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { expire } from '@riad/dns/edns/expire';
import { decodeMessage, type Message, noFlags } from '@riad/dns/message';
import { encodeMessage } from '@riad/dns/message-writer';
import { formatName, parseName } from '@riad/dns/name';
import {
  emptyImage,
  hostZone,
  lineOf,
  linesOf,
  recordsOf,
  sha1,
  sortedLines,
} from '../testing/built-zone.ts';
import type { ZoneChange } from '../zone-history/zone-change.ts';
import { MemoryHistory } from '../zone-history/zone-history.ts';
import { HeldVersions } from '../zone-image/held-versions.ts';
import { commitChanges } from '../zone-image/zone-commit.ts';
import type { ZoneImage } from '../zone-image/zone-image.ts';
import { TransferAborted } from './transfer-message.ts';
import { type TransferOutOptions, transferOut } from './transfer-out.ts';
import { readTransferQuery, type TransferQuery } from './transfer-query.ts';

const soaText = (serial: number): string => `@ 60 SOA ns h ${serial} 7200 3600 1209600 300\n`;
const base = `$TTL 60
@ NS ns
@ NS ns.child
ns A 192.0.2.1
WwW A 192.0.2.2
WwW AAAA 2001:db8::1
alias CNAME www
* MX 10 mail
* MX 20 mail2
mail A 192.0.2.3
a.b.c TXT "deep" "er"
child NS ns.child
child NS deep.er.child
child NS ns.elsewhere.test.
ns.child A 192.0.2.4
below.child TXT "occluded"
old DNAME new.elsewhere.test.
under.old A 192.0.2.5
`;

function query(
  changes: Partial<Message> & { type?: number; serial?: number; name?: string },
): TransferQuery {
  const { type = 252, serial, name = 'zone.example.', ...rest } = changes;
  const authorities =
    serial === undefined
      ? []
      : recordsOf('zone.example.', soaText(serial)).map((record) => ({ ...record, class: 1 }));
  const message: Message = {
    id: 0xbeef,
    opcode: 0,
    rcode: 0,
    flags: noFlags,
    questions: [{ name: parseName(name), type: serial === undefined ? type : 251, class: 1 }],
    answers: [],
    authorities,
    additionals: [],
    ...rest,
  };
  const read = readTransferQuery(message);
  assert.ok(read !== undefined && 'kind' in read);
  return read;
}

/** The messages, decoded, each checked for what all have to have. */
function ask(
  image: ZoneImage,
  asked: TransferQuery,
  options: Partial<TransferOutOptions> = {},
): Message[] {
  using held = new HeldVersions(image.arena).hold(0)!;
  const messages: Message[] = [];
  for (const octets of transferOut(image.arena, held, asked, { transport: 'tcp', ...options })) {
    assert.ok(octets.length <= 65535);
    const decoded = decodeMessage(octets.slice());
    assert.ok(decoded.ok, decoded.ok ? '' : decoded.error.message);
    assert.equal(decoded.value.id, 0xbeef);
    assert.deepEqual(decoded.value.questions, asked.message.questions);
    messages.push(decoded.value);
  }
  return messages;
}

const answersOf = (messages: readonly Message[]) => messages.flatMap(({ answers }) => answers);

describe('AXFR out', () => {
  test('gives every record once, glue, occluded names and signatures too, between two SOA', () => {
    const image = emptyImage();
    const signed = `${base}WwW RRSIG A 8 3 60 20300101000000 20200101000000 1 zone.example. AAAA\n`;
    const apex = hostZone(image, 'zone.example.', soaText(1) + signed);
    const [message, ...others] = ask(image, query({}));
    assert.equal(others.length, 0);
    assert.ok(message?.flags.aa && message.flags.qr && !message.flags.rd);
    const records = message.answers;
    assert.equal(records[0]?.type, 6);
    assert.deepEqual(records.at(-1), records[0]);
    assert.deepEqual(sortedLines(records.slice(1)), linesOf(image, apex));
    assert.deepEqual(
      sortedLines(records.slice(1)),
      sortedLines(recordsOf('zone.example.', soaText(1) + signed)),
    );
  });

  test('keeps the case of every name, whatever that of the query (RFC 5936 §3.4)', () => {
    const image = emptyImage();
    hostZone(
      image,
      'Zone.Example.',
      `${soaText(1)}@ 60 NS NS\nNS 60 A 192.0.2.1\nMixed.zone.EXAMPLE. 60 NS ns\n`,
    );
    for (const name of ['zone.example.', 'ZONE.EXAMPLE.', 'Zone.Example.']) {
      const owners = answersOf(ask(image, query({ name }))).map(({ owner }) => formatName(owner));
      assert.deepEqual(
        new Set(owners),
        new Set(['Zone.Example.', 'NS.Zone.Example.', 'Mixed.zone.EXAMPLE.']),
      );
    }
  });

  test('the root zone', () => {
    const image = emptyImage();
    const apex = hostZone(
      image,
      '.',
      `${soaText(1)}@ 60 NS a.ns.\na.ns 60 A 192.0.2.1\ncom 60 NS a.ns.\n`,
    );
    const records = answersOf(ask(image, query({ name: '.' })));
    assert.deepEqual(sortedLines(records.slice(1)), linesOf(image, apex));
  });

  test('large zones in messages that are full, RRsets parted between them', () => {
    const image = emptyImage();
    const lines = [soaText(1), base];
    for (let i = 0; i < 3000; i++)
      lines.push(`host${i} A 192.0.2.${i & 255}\nhost${i} MX ${i} host${i + 1}.x\n`);
    for (let i = 0; i < 700; i++) lines.push(`mx MX ${i} m${i}.far.away.zone.example.\n`);
    for (let i = 0; i < 200; i++) lines.push(`txt TXT "${String(i).padEnd(250, 'x')}"\n`);
    const apex = hostZone(image, 'zone.example.', lines.join(''));
    const messages = ask(image, query({}));
    assert.ok(messages.length >= 3);
    const records = answersOf(messages);
    assert.deepEqual(sortedLines(records.slice(1)), linesOf(image, apex));
  });

  test('a zone of so many names that they are not sorted any more', () => {
    const image = emptyImage();
    const lines = [soaText(1), base];
    for (let i = 0; i < 25_000; i++) lines.push(`host${i} A 192.0.2.${i & 255}\n`);
    const apex = hostZone(image, 'zone.example.', lines.join(''));
    const records = answersOf(ask(image, query({})));
    assert.deepEqual(sortedLines(records.slice(1)), linesOf(image, apex));
  });

  test('messages leave room for their signatures', () => {
    const image = emptyImage();
    const lines = [soaText(1), base];
    for (let i = 0; i < 5000; i++) lines.push(`host${i} TXT "${i}${'x'.repeat(i % 200)}"\n`);
    hostZone(image, 'zone.example.', lines.join(''));
    const sizes: number[] = [];
    const sign = (message: Uint8Array): Uint8Array => {
      sizes.push(message.length);
      return message;
    };
    ask(image, query({}), { signer: { maxOctets: 1000, sign } });
    assert.ok(sizes.length > 5 && sizes.every((size) => size <= 64535));
    assert.ok(
      sizes.slice(0, -1).every((size) => size > 64000),
      'and are full besides',
    );
  });

  test('shows one version, whatever is committed meanwhile', () => {
    const image = emptyImage();
    const lines = [soaText(1), base];
    for (let i = 0; i < 6000; i++) lines.push(`host${i} A 192.0.2.1\n`);
    const apex = hostZone(image, 'zone.example.', lines.join(''));
    const before = linesOf(image, apex);
    using held = new HeldVersions(image.arena).hold(0)!;
    const seen: Message[] = [];
    let serial = 1;
    for (const octets of transferOut(image.arena, held, query({}), { transport: 'tcp' })) {
      const decoded = decodeMessage(octets.slice());
      assert.ok(decoded.ok);
      seen.push(decoded.value);
      const [from] = recordsOf('zone.example.', soaText(serial));
      const [to] = recordsOf('zone.example.', soaText(++serial));
      const gone = recordsOf(
        'zone.example.',
        `host${serial} 60 A 192.0.2.1\nhost${5000 + serial} 60 A 192.0.2.1\n`,
      );
      const come = recordsOf('zone.example.', `new${serial} 60 A 192.0.2.9\n`);
      assert.ok(commitChanges(image, apex, [from!, ...gone], [to!, ...come], sha1).ok);
    }
    assert.ok(seen.length > 1);
    assert.deepEqual(sortedLines(answersOf(seen).slice(1)), before);
    assert.notDeepEqual(linesOf(image, apex), before);
  });

  test('ends when its version is not kept any longer', () => {
    const image = emptyImage();
    const lines = [soaText(1), base];
    for (let i = 0; i < 6000; i++) lines.push(`host${i} A 192.0.2.1\n`);
    hostZone(image, 'zone.example.', lines.join(''));
    const holds = new HeldVersions(image.arena, 1000);
    const held = holds.hold(5)!;
    assert.equal(holds.nextDeadline, 1005);
    const messages = transferOut(image.arena, held, query({}), { transport: 'tcp' });
    assert.equal(messages.next().done, false);
    holds.expire(1005);
    assert.throws(
      () => messages.next(),
      (error) => error instanceof TransferAborted && error.code === 'transfer.too-slow',
    );
  });

  for (const [why, asked, options, rcode] of [
    ['over UDP (RFC 5936 §4.2)', query({}), { transport: 'udp' }, 5],
    ['of a zone that is not here (RFC 5936 §2.2.1)', query({ name: 'other.example.' }), {}, 9],
    ['of a name below the apex', query({ name: 'www.zone.example.' }), {}, 9],
  ] as const) {
    test(`refused: ${why}`, () => {
      const image = emptyImage();
      hostZone(image, 'zone.example.', soaText(1) + base);
      let signed = 0;
      const sign = (message: Uint8Array): Uint8Array => {
        signed++;
        return message;
      };
      const [message] = ask(image, asked, { ...options, signer: { maxOctets: 0, sign } });
      assert.deepEqual([message?.rcode, message?.answers.length, signed], [rcode, 0, 1]);
    });
  }

  test('refused: of a copy that has expired, until it is confirmed', () => {
    const image = emptyImage();
    const apex = hostZone(image, 'zone.example.', soaText(1) + base);
    const rcodeNow = (): number | undefined => ask(image, query({}))[0]?.rcode;
    assert.ok(image.withhold(apex, true) && image.withhold(apex, true));
    assert.equal(rcodeNow(), 2);
    const [from, to] = [1, 2].map((serial) => recordsOf('zone.example.', soaText(serial))[0]!);
    assert.ok(commitChanges(image, apex, [from!], [to!], sha1).ok);
    assert.equal(rcodeNow(), 2, 'a commit alone confirms nothing');
    assert.ok(image.withhold(apex, false));
    assert.equal(rcodeNow(), 0);
    assert.ok(!image.withhold(parseName('nowhere.'), true));
    assert.ok(image.reclaim());
  });

  test('EDNS is answered in the first message, with EXPIRE if it was asked for (RFC 7314)', () => {
    const image = emptyImage();
    const lines = [soaText(1), base];
    for (let i = 0; i < 6000; i++) lines.push(`host${i} A 192.0.2.1\n`);
    hostZone(image, 'zone.example.', lines.join(''));
    const edns = {
      udpPayloadOctets: 1400,
      version: 0,
      dnssecOk: true,
      options: [{ code: 9, octets: new Uint8Array(0) }],
    };
    const messages = ask(image, query({ edns }), { expireSeconds: 777 });
    assert.deepEqual(
      messages.map((message) => message.edns?.dnssecOk),
      [true, undefined, undefined].slice(0, messages.length),
    );
    assert.equal(expire.find(messages[0]?.edns)?.seconds, 777);
    assert.equal(
      expire.find(
        ask(image, query({ edns: { ...edns, options: [] } }), { expireSeconds: 777 })[0]?.edns,
      ),
      undefined,
    );
  });
});

test('queries that cannot be answered', () => {
  const asked = query({ serial: 1 }).message;
  for (const [why, changes, expected] of [
    ['IXFR without a SOA', { authorities: [] }, { rcode: 1 }],
    ['another class', { questions: [{ ...asked.questions[0]!, class: 3 }] }, { rcode: 9 }],
    [
      'EDNS of another version',
      { edns: { udpPayloadOctets: 512, version: 1, dnssecOk: false, options: [] } },
      { rcode: 16 },
    ],
    ['an answer', { flags: { ...noFlags, qr: true } }, undefined],
    ['another type', { questions: [{ ...asked.questions[0]!, type: 6 }] }, undefined],
    ['another opcode', { opcode: 4 }, undefined],
  ] as const) {
    assert.deepEqual(readTransferQuery({ ...asked, ...changes }), expected, why);
  }
});

describe('IXFR out', () => {
  /** A zone with serial `to` and the history of how it came from 1. */
  function changed(
    to: number,
    perStep: (serial: number) => [string, string],
  ): { image: ZoneImage; history: MemoryHistory } {
    const image = emptyImage();
    const apex = hostZone(image, 'zone.example.', soaText(1) + base);
    const history = new MemoryHistory();
    for (let serial = 1; serial < to; serial++) {
      const [gone, come] = perStep(serial);
      const change: ZoneChange = {
        fromSerial: serial,
        toSerial: serial + 1,
        removals: recordsOf('zone.example.', soaText(serial) + gone),
        additions: recordsOf('zone.example.', soaText(serial + 1) + come),
      };
      assert.ok(commitChanges(image, apex, change.removals, change.additions, sha1).ok);
      history.add(change, 1e9);
    }
    return { image, history };
  }

  const steps = (serial: number): [string, string] =>
    serial === 1
      ? ['alias 60 CNAME www\n', 'alias 60 CNAME mail\n']
      : [`t${serial - 1} 60 TXT x\n`.repeat(serial > 2 ? 1 : 0), `t${serial} 60 TXT x\n`];

  test('a changed CNAME is in the difference, and what came and went is not', () => {
    const { image, history } = changed(5, steps);
    const [message] = ask(image, query({ serial: 1 }), { history });
    const expected = recordsOf(
      'zone.example.',
      `${soaText(5)}${soaText(1)}alias 60 CNAME www\n${soaText(5)}alias 60 CNAME mail\nt4 60 TXT x\n${soaText(5)}`,
    );
    assert.deepEqual(message?.answers.map(lineOf), expected.map(lineOf));
  });

  for (const [why, serial, kind] of [
    ['up to date', 5, 'soa'],
    ['ahead of us', 6, 'soa'],
    ['as far from ours as serials can be: no order, so the whole zone', 5 + 2 ** 31, 'zone'],
    ['a serial that is not known', 5 + 2 ** 31 + 1, 'zone'],
    ['one step behind', 4, 'difference'],
  ] as const) {
    test(`a secondary that is ${why}`, () => {
      const { image, history } = changed(5, steps);
      const records = answersOf(ask(image, query({ serial }), { history }));
      const second = records[1];
      const seen = records.length === 1 ? 'soa' : second?.type === 6 ? 'difference' : 'zone';
      assert.equal(seen, kind);
    });
  }

  test('a history that is ahead of the version held is not used', () => {
    const { image, history } = changed(5, steps);
    const [from] = recordsOf('zone.example.', soaText(5));
    const [to] = recordsOf('zone.example.', soaText(6));
    history.add({ fromSerial: 5, toSerial: 6, removals: [from!], additions: [to!] }, 1e9);
    const records = answersOf(ask(image, query({ serial: 4 }), { history }));
    assert.notEqual(records[1]?.type, 6);
  });

  const large = (serial: number): [string, string] => {
    let come = '';
    for (let i = 0; i < 400; i++) come += `s${serial}-${i} 60 TXT "${'x'.repeat(200)}"\n`;
    return ['', come];
  };

  test('a difference of a mebibyte arrives, in several messages', () => {
    const { image, history } = changed(14, large);
    const messages = ask(image, query({ serial: 1 }), { history });
    assert.ok(messages.length > 10);
    const records = answersOf(messages);
    assert.equal(records.length, 4 + 13 * 400);
    assert.deepEqual(
      records.map(({ type }, i) => (type === 6 ? i : -1)).filter((i) => i >= 0),
      [0, 1, 2, records.length - 1],
    );
  });

  test('a peer that reads one message only gets the whole zone instead of two', () => {
    for (const [to, kind] of [
      [2, 6],
      [3, 2],
    ] as const) {
      const { image, history } = changed(to, to === 2 ? steps : large);
      const records = answersOf(ask(image, query({ serial: 1 }), { history, oneMessage: true }));
      assert.equal(records[1]?.type === 6, kind === 6);
    }
  });

  for (const [why, to, perStep, edns, kind] of [
    ['fits', 2, steps, undefined, 4 + 2],
    ['fits as EDNS says', 9, steps, 1400, 4 + 3],
    ['does not fit: one SOA, so that TCP is used', 3, large, 1400, 1],
  ] as const) {
    test(`over UDP, when it ${why} (RFC 1995 §2)`, () => {
      const { image, history } = changed(to, perStep);
      const asked = query({
        serial: 1,
        ...(edns && { edns: { udpPayloadOctets: edns, version: 0, dnssecOk: false, options: [] } }),
      });
      const messages = ask(image, asked, { history, transport: 'udp' });
      assert.equal(messages.length, 1);
      assert.equal(messages[0]?.answers.length, kind);
      assert.ok(encodeMessage(messages[0]!).length <= 1232);
    });
  }

  test('over UDP the whole zone is never sent', () => {
    const { image } = changed(2, steps);
    assert.equal(answersOf(ask(image, query({ serial: 1 }), { transport: 'udp' })).length, 1);
  });
});

describe('versions that are held', () => {
  test('share a reader slot, keep memory, and are let go', () => {
    const image = emptyImage();
    const apex = hostZone(image, 'zone.example.', soaText(1) + base);
    const holds = new HeldVersions(image.arena);
    const first = holds.hold(0)!;
    const again = holds.hold(0)!;
    assert.equal(first.version, again.version);
    const step = (serial: number): void => {
      const [from] = recordsOf('zone.example.', soaText(serial));
      const [to] = recordsOf('zone.example.', soaText(serial + 1));
      assert.ok(commitChanges(image, apex, [from!], [to!], sha1).ok);
    };
    step(1);
    assert.equal(image.reclaim(), false, 'somebody still reads what was replaced');
    first.release();
    assert.equal(image.reclaim(), false);
    again.release();
    again.release();
    assert.equal(image.reclaim(), true);
    // One for each of so many versions, and no more.
    const many = [];
    for (let serial = 2; serial < 10; serial++) {
      many.push(holds.hold(0));
      step(serial);
    }
    assert.ok(many.every((held) => held !== undefined));
    assert.equal(holds.hold(0), undefined);
    many[3]?.release();
    assert.ok(holds.hold(0) !== undefined);
  });
});
