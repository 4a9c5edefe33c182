import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { decodeMessage } from '@riad/dns/message';
import { encodeMessage } from '@riad/dns/message-writer';
import { formatName, parseName } from '@riad/dns/name';
import { formatMessage } from '@riad/dns/presentation';
import { encodeUtf8 } from '@riad/octets/utf8';
import fc from 'fast-check';
import { addRecord, fitsOneMessage, updateMessage } from './update-request.ts';
import { readUpdateScript, type ScriptStep, type ScriptUpdate } from './update-script.ts';

const read = (text: string) => readUpdateScript(encodeUtf8(text), 'script');

function steps(text: string): readonly ScriptStep[] {
  const script = read(text);
  assert.deepEqual(script.errors.map(String), []);
  return script.steps;
}

function sent(text: string): ScriptUpdate[] {
  return steps(text).flatMap((step) => (step.kind === 'send' ? [step.update] : []));
}

/** The prerequisites and updates of one message as dig prints them, through the wire. */
function printed(text: string): string[] {
  const [update, ...more] = sent(text);
  assert.equal(more.length, 0);
  const message = updateMessage(update!.zone ?? parseName('example.'), update!, 1);
  const decoded = decodeMessage(encodeMessage(message));
  assert.ok(decoded.ok);
  return formatMessage(decoded.value)
    .split('\n')
    .filter((line) => /^[^;]/.test(line))
    .map((line) => line.replaceAll('\t', ' '));
}

describe('RFC 2136 §2.4, §2.5: each form of the wire', () => {
  for (const [line, expected] of [
    ['prereq yxdomain www.example.', 'www.example. 0 ANY ANY'],
    ['prereq nxdomain www.example', 'www.example. 0 NONE ANY'],
    ['prereq yxrrset www.example. A', 'www.example. 0 ANY A'],
    ['prereq yxrrset www.example. IN A 192.0.2.1', 'www.example. 0 IN A 192.0.2.1'],
    ['prereq nxrrset www.example. in aaaa', 'www.example. 0 NONE AAAA'],
    ['nxrrset www.example. TYPE65280', 'www.example. 0 NONE TYPE65280'],
    ['update add www.example. 300 A 192.0.2.1', 'www.example. 300 IN A 192.0.2.1'],
    ['update add www.example. 1h IN A 192.0.2.1', 'www.example. 3600 IN A 192.0.2.1'],
    ['add x.example. 60 TXT "a ; b" c', 'x.example. 60 IN TXT "a ; b" "c"'],
    ['add x.example. 60 MX 10 mail.example ; why', 'x.example. 60 IN MX 10 mail.example.'],
    ['add x.example. 60 TYPE65280 \\# 2 abcd', 'x.example. 60 IN TYPE65280 \\# 2 abcd'],
    ['UPDATE DELETE www.example.', 'www.example. 0 ANY ANY'],
    ['update delete www.example. ANY', 'www.example. 0 ANY ANY'],
    ['update delete www.example. IN ANY', 'www.example. 0 ANY ANY'],
    ['update delete www.example. 300', 'www.example. 0 ANY ANY'],
    ['update delete www.example. 300 IN A', 'www.example. 0 ANY A'],
    ['update del www.example. A', 'www.example. 0 ANY A'],
    ['update delete www.example. A 192.0.2.1', 'www.example. 0 NONE A 192.0.2.1'],
    ['delete www.example. NONE CNAME x.example', 'www.example. 0 NONE CNAME x.example.'],
  ] as const) {
    test(line, () => assert.deepEqual(printed(`${line}\n`), [expected]));
  }
});

describe('messages', () => {
  test('order is kept, and prerequisites stand before', () => {
    const lines = printed(
      'add b.example. 1 A 192.0.2.1\nprereq nxdomain a.example.\ndelete a.example. A\nadd a.example. 2 A 192.0.2.2',
    );
    assert.deepEqual(lines, [
      'a.example. 0 NONE ANY',
      'b.example. 1 IN A 192.0.2.1',
      'a.example. 0 ANY A',
      'a.example. 2 IN A 192.0.2.2',
    ]);
  });

  test('send, an empty line and the end of the script end one; a comment does not; nothing makes none', () => {
    const update = 'add a.example. 1 A 192.0.2.1\n';
    assert.equal(sent(`${update}send\n${update}\n${update}`).length, 3);
    assert.equal(sent(`${update}; still the same\r\n${update}`).length, 1);
    assert.equal(sent('send\n\nsend\n').length, 0);
    assert.deepEqual(
      sent(`${update}send\n${update}\r\n`).map(({ line }) => line),
      [2, 4],
    );
  });

  test('zone, ttl, server and key hold for what follows', () => {
    const script = `server 192.0.2.53 5300
key hmac-sha512:k._update.example c2VjcmV0
zone example.
ttl 5m
add a.example. A 192.0.2.1
send
key other._update.example c2VjcmV0
update add b.example. IN A 192.0.2.1
show
answer
quit
add never.example. 1 A 192.0.2.1
`;
    const found = steps(script);
    assert.deepEqual(
      found.map(({ kind }) => kind),
      ['server', 'key', 'send', 'key', 'show', 'answer'],
    );
    const [server, key, first, second] = found;
    assert.deepEqual(server, { kind: 'server', address: '192.0.2.53', port: '5300' });
    assert.equal(key?.kind === 'key' && key.key.algorithm, 'hmac-sha512');
    assert.equal(second?.kind === 'key' && second.key.algorithm, 'hmac-sha256');
    assert.ok(first?.kind === 'send');
    assert.equal(formatName(first.update.zone!), 'example.');
    assert.equal(first.update.updates[0]!.ttlSeconds, 300);
  });
});

describe('what is refused, with its place', () => {
  for (const [line, column, code] of [
    ['frobnicate x', 1, 'update.command'],
    ['gsstsig', 1, 'update.command'],
    ['update replace www.example. A', 8, 'update.command'],
    ['zone', 5, 'text.missing'],
    ['zone a..b', 6, 'name.empty-label'],
    ['zone a b', 8, 'update.trailing'],
    ['class CH', 7, 'update.class'],
    ['update add www.example. A 192.0.2.1', 25, 'update.no-ttl'],
    ['update add www.example. 60 CH A 192.0.2.1', 28, 'update.class'],
    ['update add www.example. 60 AAAAA ::1', 28, 'update.type'],
    ['update add www.example. 60 AXFR', 28, 'update.type'],
    ['update add www.example. 60 A', 29, 'text.missing'],
    ['update add www.example. 60 A 192.0.2.300', 30, 'text.address'],
    ['update add www.example. 60 A 192.0.2.3 x', 40, 'text.extra'],
    ['update add www.example. 99999999999 A 192.0.2.3', 25, 'text.ttl'],
    ['prereq nxrrset www.example.', 28, 'text.missing'],
    ['server 192.0.2.1 http', 18, 'update.word'],
    ['key name', 9, 'text.missing'],
    ['key name !!', 10, 'update.key'],
    ['key hmac-md5:name c2VjcmV0', 19, 'update.key'],
    ['update add x. 60 TXT "open', 22, 'zonefile.open-quote'],
  ] as const) {
    test(line, () => {
      const { errors } = read(`; first\n${line}\n`);
      assert.deepEqual(
        errors.map((error) => [error.code, error.line, error.column]),
        [[code, 2, column]],
      );
      assert.ok(!errors[0]!.message.includes('c2VjcmV0'));
    });
  }

  test('every wrong line is told, up to a limit', () => {
    assert.equal(read('bad\nupdate add a.example. 1 A 192.0.2.1\nbad\n').errors.length, 2);
    assert.equal(read('bad\n'.repeat(500)).errors.length, 100);
  });

  test('reading is total', () => {
    const word = fc.constantFrom(
      'update',
      'add',
      'delete',
      'x.',
      '60',
      'A',
      'IN',
      '(',
      '"',
      '\\',
      '\n',
      ' ',
      '192.0.2.1',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(word, fc.string())), (words) => {
        read(words.join(' '));
      }),
      { seed: 2136 },
    );
  });
});

test('an update that does not fit into one message is told before it is sent', () => {
  const large = (count: number) => {
    const updates = Array.from({ length: count }, (_, i) =>
      addRecord(parseName(`host${i}.example.`), 16, 60, new Uint8Array(201).fill(200, 0, 1)),
    );
    return updateMessage(parseName('example.'), { prerequisites: [], updates }, 1);
  };
  assert.ok(fitsOneMessage(large(200), 100));
  assert.ok(!fitsOneMessage(large(400), 100));
});
