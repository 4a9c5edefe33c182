import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { decodeMessage, type Message, noFlags } from '@riad/dns/message';
import { encodeMessage } from '@riad/dns/message-writer';
import { formatName, parseName } from '@riad/dns/name';
import { emptyImage, hostZone, recordsOf } from '../testing/built-zone.ts';
import { notifyAnswer, readNotify } from './notify-message.ts';
import {
  gapsSeconds,
  maxPendingNotifies,
  type NotifyInput,
  type NotifyOutput,
  NotifySender,
  type NotifyTarget,
} from './notify-sender.ts';
import { nameServerAddresses, notifyTargets } from './notify-targets.ts';
import { Registrations } from './registrations.ts';

const zone = parseName('example.');
const soa = (serial: number, name = 'example.') =>
  recordsOf(name, `@ 60 SOA ns h ${serial} 2 3 4 5\n`)[0]!;
const plain: NotifyTarget = {
  via: 'address',
  endpoint: { address: '192.0.2.53', port: 53 },
  key: undefined,
};
const keyed: NotifyTarget = { ...plain, endpoint: { address: '192.0.2.54', port: 53 }, key: 'k' };
const line: NotifyTarget = { via: 'connection', connection: 7, key: 'k' };

function decode(octets: Uint8Array): Message {
  const decoded = decodeMessage(octets);
  assert.ok(decoded.ok);
  return decoded.value;
}

/** A sender whose signatures are one octet that counts up, and whose ids count up as well. */
function sender(gone: () => boolean = () => false): NotifySender {
  let id = 0;
  let copy = 0;
  return new NotifySender(
    (_, message) => {
      if (gone()) return undefined;
      const mark = ++copy & 0xff;
      return {
        octets: Uint8Array.of(...message, mark),
        verify: (answer) =>
          answer[3] === 0 && answer.at(-1) === mark
            ? { ok: true, message: answer }
            : { ok: false, code: 'BADSIG' },
      };
    },
    () => Uint8Array.of(0, ++id),
  );
}

const announce = (targets: readonly NotifyTarget[], serial = 2): NotifyInput => ({
  type: 'announce',
  zone,
  soa: soa(serial),
  targets,
});
const timer: NotifyInput = { type: 'timer' };
const sends = (outputs: readonly NotifyOutput[]) =>
  outputs.flatMap((output) => (output.type === 'send' ? [output] : []));
const settled = (outputs: readonly NotifyOutput[]) =>
  outputs.flatMap((output) => (output.type === 'settled' ? [output.outcome] : []));
const wakes = (outputs: readonly NotifyOutput[]) =>
  outputs.flatMap((output) => (output.type === 'wake' ? [output.at] : []));

function answerTo(octets: Uint8Array, changes: Partial<Message> = {}): Uint8Array {
  const message = decode(octets);
  return encodeMessage({
    ...message,
    answers: [],
    flags: { ...noFlags, qr: true, aa: true },
    ...changes,
  });
}

describe('RFC 1996 §3.6: NOTIFY until it is answered', () => {
  test('the first copy: opcode, AA, question, and the SOA as a hint', () => {
    const [sent] = sends(sender().step(0, announce([plain])));
    const message = decode(sent!.octets);
    assert.deepEqual([message.id, message.opcode, message.flags], [1, 4, { ...noFlags, aa: true }]);
    assert.deepEqual(message.questions, [{ name: zone, type: 6, class: 1 }]);
    assert.equal(message.answers[0]?.type, 6);
    assert.equal(sent?.transport, 'udp');
  });

  test('is repeated at 1, 2, 3, 7, 20, 40 s, 1, 3, 10, 25, 60 min and then given up after a day', () => {
    const engine = sender();
    const at: number[] = [];
    let outputs = engine.step(5000, announce([plain]));
    let now = 5000;
    const transports: string[] = [];
    for (let i = 0; i < 50 && engine.pending > 0; i++) {
      for (const { transport } of sends(outputs)) {
        at.push((now - 5000) / 1000);
        transports.push(transport);
      }
      now = wakes(outputs)[0]!;
      outputs = engine.step(now, timer);
    }
    assert.deepEqual(at, [0, 1, 2, 3, 7, 20, 40, 60, 180, 600, 1500, 3600]);
    assert.deepEqual(transports.slice(3, 6), ['udp', 'tcp', 'tcp']);
    assert.deepEqual([settled(outputs), (now - 5000) / 1000], [['unanswered'], 3600 + 82_800]);
    assert.equal(gapsSeconds.length, at.length);
  });

  const from = { address: '192.0.2.53', port: 53 };
  for (const [why, source, changes, outcome] of [
    ['an answer', from, {}, ['acknowledged']],
    ['an answer without question', from, { questions: [] }, ['acknowledged']],
    ['an answer with an error', from, { rcode: 5 }, ['refused']],
    ['another id', from, { id: 99 }, []],
    ['another address', { ...from, address: '192.0.2.99' }, {}, []],
    ['another port', { ...from, port: 54 }, {}, []],
    ['another zone', from, { questions: [{ name: parseName('other.'), type: 6, class: 1 }] }, []],
    ['another opcode', from, { opcode: 0 }, []],
    ['no answer but a request', from, { flags: noFlags }, []],
  ] as const) {
    test(`${why}: ${outcome[0] ?? 'nothing'}`, () => {
      const engine = sender();
      const [sent] = sends(engine.step(0, announce([plain])));
      const octets = answerTo(sent!.octets, changes);
      assert.deepEqual(settled(engine.step(10, { type: 'answer', from: source, octets })), outcome);
      assert.equal(engine.pending, outcome.length === 0 ? 1 : 0);
    });
  }

  test('octets that are no message, and answers to nothing', () => {
    const engine = sender();
    const octets = Uint8Array.of(1, 2, 3);
    assert.deepEqual(engine.step(0, { type: 'answer', from, octets }), []);
  });

  test('is signed anew each time, and an answer to an earlier copy still ends it', () => {
    for (const [mark, outcome] of [
      [1, ['acknowledged']],
      [2, ['acknowledged']],
      [9, []],
    ] as const) {
      const engine = sender();
      const first: Uint8Array = sends(engine.step(0, announce([keyed])))[0]!.octets;
      const second: Uint8Array = sends(engine.step(1000, timer))[0]!.octets;
      assert.deepEqual([first.at(-1), second.at(-1)], [1, 2]);
      const octets = answerTo(first.subarray(0, -1)).with(-1, mark); // where this signature stands
      const source = { address: '192.0.2.54', port: 53 };
      assert.deepEqual(
        settled(engine.step(1001, { type: 'answer', from: source, octets })),
        outcome,
      );
      assert.equal(engine.pending, 1 - outcome.length);
    }
  });

  test('news replaces what was not answered: one entry for an address and a zone', () => {
    const engine = sender();
    const old = sends(engine.step(0, announce([plain], 2)))[0]!.octets;
    for (let second = 1; second <= 20; second++) engine.step(second * 1000, timer);
    const fresh = sends(engine.step(30_000, announce([plain], 3)))[0]!.octets;
    assert.equal(engine.pending, 1);
    assert.deepEqual(
      settled(engine.step(30_001, { type: 'answer', from, octets: answerTo(old) })),
      [],
    );
    assert.equal(sends(engine.step(31_000, timer)).length, 1, 'from the first gap on');
    assert.deepEqual(
      settled(engine.step(31_001, { type: 'answer', from, octets: answerTo(fresh) })),
      ['acknowledged'],
    );
    for (let second = 32; second <= 200; second++)
      assert.deepEqual(sends(engine.step(second * 1000, timer)), [], 'the old news is gone');
  });

  test('a thousand zones at once leave at a pace, each once before any leaves again', () => {
    const engine = sender();
    let outputs: NotifyOutput[] = [];
    for (let i = 0; i < 1000; i++) {
      const name = parseName(`z${i}.example.`);
      const input = { type: 'announce', zone: name, soa: soa(1), targets: [line] } as const;
      outputs.push(...engine.step(0, input));
    }
    const perSecond: number[] = [];
    const seen = new Set<string>();
    let now = 0;
    while (seen.size < 1000) {
      for (const { octets, transport } of sends(outputs)) {
        assert.equal(transport, 'connection');
        const name = formatName(decode(octets.subarray(0, -1)).questions[0]!.name);
        assert.ok(!seen.has(name), `${name} once`);
        seen.add(name);
        const second = Math.floor(now / 1000);
        perSecond[second] = (perSecond[second] ?? 0) + 1;
      }
      now = Math.max(now + 1, wakes(outputs).at(-1) ?? 0);
      outputs = engine.step(now, timer);
    }
    assert.ok(Math.max(...perSecond) <= 225, String(perSecond));
    assert.ok(now <= 5100 && now >= 4000, `${now} ms`);
  });

  test('closing a connection, losing a key, or losing the zone ends what waits for them', () => {
    for (const [input, left] of [
      [{ type: 'closed', connection: 7 }, 2],
      [{ type: 'closed', connection: 8 }, 3],
      [{ type: 'key-removed', key: 'k' }, 1],
      [{ type: 'zone-removed', zone: parseName('EXAMPLE.') }, 0],
    ] as const) {
      const engine = sender();
      engine.step(0, announce([plain, keyed, line]));
      engine.step(1, input);
      assert.equal(engine.pending, left);
    }
    let gone = false;
    const engine = sender(() => gone);
    engine.step(0, announce([keyed]));
    gone = true;
    assert.deepEqual(settled(engine.step(1000, timer)), ['key-gone']);
  });

  test('the table is bounded, and says so', () => {
    const engine = sender();
    const targets = Array.from(
      { length: maxPendingNotifies + 1 },
      (_, connection): NotifyTarget => ({ via: 'connection', connection, key: 'k' }),
    );
    assert.deepEqual(settled(engine.step(0, announce(targets))), ['full']);
    assert.equal(engine.pending, maxPendingNotifies);
  });
});

describe('registrations', () => {
  const root = parseName('.');
  const connections = (registrations: Registrations, name: string) =>
    registrations
      .targetsOf(parseName(name))
      .map((target) => (target.via === 'connection' ? [target.connection, target.key] : []));

  test('two connections from one address do not share theirs; closing one ends its own', () => {
    const registrations = new Registrations();
    assert.ok(registrations.register(1, zone, 'a'));
    assert.ok(registrations.register(2, zone, 'b'));
    assert.deepEqual(connections(registrations, 'EXAMPLE.'), [
      [1, 'a'],
      [2, 'b'],
    ]);
    assert.ok(registrations.closed(1));
    assert.ok(!registrations.closed(1));
    assert.deepEqual(connections(registrations, 'example.'), [[2, 'b']]);
    assert.equal(registrations.count, 1);
  });

  test('the root is every zone, also those that come later, and is told once', () => {
    const registrations = new Registrations();
    assert.ok(registrations.register(1, root, 'a'));
    assert.ok(!registrations.register(1, root, 'a'), 'a repeated query is no news');
    assert.deepEqual(connections(registrations, 'created.later.'), [[1, 'a']]);
    assert.ok(registrations.register(1, root, 'b'), 'another key is');
    assert.ok(registrations.register(1, zone, 'c'));
    assert.deepEqual(connections(registrations, 'example.'), [[1, 'c']], 'once, with its own key');
    assert.deepEqual(connections(registrations, 'sub.example.'), [[1, 'b']]);
  });

  test('a key that goes takes its registrations along', () => {
    const registrations = new Registrations();
    registrations.register(1, root, 'a');
    registrations.register(1, zone, 'b');
    registrations.register(2, zone, 'a');
    registrations.keyRemoved('a');
    assert.deepEqual(connections(registrations, 'example.'), [[1, 'b']]);
    assert.deepEqual(connections(registrations, 'other.'), []);
    registrations.keyRemoved('b');
    assert.equal(registrations.count, 0);
  });

  test('are bounded', () => {
    const registrations = new Registrations();
    for (let i = 0; i < 1000; i++) assert.ok(registrations.register(1, parseName(`z${i}.`), 'a'));
    assert.ok(!registrations.register(1, zone, 'a'));
    for (let i = 2; i < 19_002; i++) assert.ok(registrations.register(i, zone, 'a'));
    assert.ok(!registrations.register(20_000, zone, 'a'));
    assert.equal(registrations.count, 20_000);
  });
});

describe('who is told (RFC 1996 §2.1)', () => {
  test('name servers without the primary, by the addresses we know, glue too', () => {
    const image = emptyImage();
    const top = '@ 60 SOA ns1 h 1 2 3 4 5\n';
    hostZone(
      image,
      'example.',
      `${top}@ 60 NS NS1\n@ 60 NS ns2\n@ 60 NS ns.sub\n@ 60 NS ns.other.test.\n@ 60 NS ns.unknown.\n@ 60 NS ns.hosted
ns1 60 A 192.0.2.1\nns2 60 A 192.0.2.2\nns2 60 AAAA 2001:db8::2\nsub 60 NS ns.sub\nns.sub 60 A 192.0.2.3\nhosted 60 NS x.unknown.\n`,
    );
    hostZone(image, 'other.test.', `${top}@ 60 NS ns\nns 60 A 192.0.2.4\n`);
    hostZone(image, 'hosted.example.', `${top}@ 60 NS ns\n`);
    hostZone(image, 'ns.hosted.example.', `${top}@ 60 NS ns\n@ 60 A 192.0.2.5\n`);
    const addresses = nameServerAddresses(image, zone);
    assert.deepEqual(addresses, [
      '192.0.2.2',
      '2001:db8::2',
      '192.0.2.3',
      '192.0.2.4',
      '192.0.2.5',
    ]);
    assert.deepEqual(nameServerAddresses(image, parseName('nowhere.')), []);
  });

  test('each once: with its key if it has one, never we ourselves', () => {
    const peers = [
      { address: '192.0.2.3', port: 5353, key: 'k' },
      { address: '127.0.0.1', port: 53, key: 'k' },
    ];
    const targets = notifyTargets(
      ['192.0.2.2', '192.0.2.3', '192.0.2.9'],
      peers,
      [line],
      new Set(['192.0.2.9', '127.0.0.1']),
    );
    assert.deepEqual(targets, [
      { via: 'address', endpoint: { address: '192.0.2.3', port: 5353 }, key: 'k' },
      { via: 'address', endpoint: { address: '192.0.2.2', port: 53 }, key: undefined },
      line,
    ]);
  });
});

describe('NOTIFY received', () => {
  const [sent] = sends(sender().step(0, announce([plain], 77)));
  const request = decode(sent!.octets);

  test('its SOA is a hint (RFC 1996 §3.7)', () => {
    assert.deepEqual(readNotify(request), { zone, serial: 77 });
    assert.deepEqual(readNotify({ ...request, answers: [] }), { zone, serial: undefined });
    const other = [{ ...soa(1, 'other.'), class: 1 }];
    assert.deepEqual(readNotify({ ...request, answers: other }), { zone, serial: undefined });
  });

  for (const [why, changes, expected] of [
    ['an answer', { flags: { ...noFlags, qr: true } }, undefined],
    ['another opcode', { opcode: 0 }, undefined],
    ['no question', { questions: [] }, { rcode: 1 }],
    ['two questions', { questions: [request.questions[0]!, request.questions[0]!] }, { rcode: 1 }],
    ['another type', { questions: [{ ...request.questions[0]!, type: 1 }] }, { rcode: 1 }],
    ['another class', { questions: [{ ...request.questions[0]!, class: 3 }] }, { rcode: 9 }],
  ] as const) {
    test(why, () => assert.deepEqual(readNotify({ ...request, ...changes }), expected));
  }

  test('is answered with its id, opcode and question, and AA (RFC 1996 §4.7)', () => {
    const answer = decode(notifyAnswer(request));
    assert.deepEqual([answer.id, answer.opcode, answer.rcode], [request.id, 4, 0]);
    assert.deepEqual(answer.flags, { ...noFlags, qr: true, aa: true });
    assert.deepEqual(answer.questions, request.questions);
    assert.equal(answer.answers.length, 0);
    assert.equal(decode(notifyAnswer(request, 5)).rcode, 5);
  });
});
