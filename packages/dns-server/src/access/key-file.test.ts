/** Key files: what is a key, what is refused where, and that no complaint tells a secret. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { formatName, parseName, root } from '@riad/dns/name';
import { encodeUtf8 } from '@riad/octets/utf8';
import { type KeyFileReading, readKeyFile } from './key-file.ts';

const secret = 'c2VjcmV0IG9mIDE2IG9jdGV0cw=='; // "secret of 16 octets"
const other = 'YW5vdGhlciBzZWNyZXQgb2YgMTY=';

function read(text: string, zone = '.', origin = zone): KeyFileReading {
  return readKeyFile({
    file: 'zones/_keys',
    text: encodeUtf8(text),
    zone: parseName(zone),
    origin: parseName(origin),
  });
}

const names = ({ keys }: KeyFileReading): string[] => keys.map(({ name }) => formatName(name));
const places = (list: KeyFileReading['faults']): string[] =>
  list.map(({ line, column, code }) => `${line}:${column} ${code}`);

describe('keys', () => {
  test('one of each algorithm, the secret as octets', () => {
    const lines = [161, 162, 163, 164, 165].map(
      (number) => `k${number}._update. DNSKEY 0 3 ${number} ${secret}`,
    );
    const reading = read(lines.join('\n'));
    assert.deepEqual(places([...reading.faults, ...reading.warnings]), []);
    assert.deepEqual(
      reading.keys.map(({ secrets }) => secrets[0]?.algorithm),
      ['hmac-sha1', 'hmac-sha224', 'hmac-sha256', 'hmac-sha384', 'hmac-sha512'],
    );
    for (const { secrets } of reading.keys) {
      assert.equal(Buffer.from(secrets[0]!.secret).toString(), 'secret of 16 octets');
    }
  });

  test('a file of the reference system: comments, TTLs, classes, parentheses, base64 in parts', () => {
    const reading = read(
      `; keys of the house
$TTL 3600
client._update.           300 IN DNSKEY 0 3 163 ${secret}
1.2.3.4.5.6.7.8._transfer. DNSKEY ( 257 3
    165 c2VjcmV0IG9m
    IDE2IG9jdGV0cw== ) ; two parts
$ORIGIN example.com.
laptop._update            DNSKEY 0 3 161 ${secret}
`,
    );
    assert.deepEqual(places([...reading.faults, ...reading.warnings]), []);
    assert.deepEqual(names(reading), [
      'client._update.',
      '1.2.3.4.5.6.7.8._transfer.',
      'laptop._update.example.com.',
    ]);
    assert.deepEqual(reading.keys[0]?.secrets[0]?.secret, reading.keys[1]?.secrets[0]?.secret);
    assert.equal(reading.keys[1]?.line, 4);
  });

  test('the origin completes relative names: the zone’s, or the root’s', () => {
    const line = `k._update DNSKEY 0 3 163 ${secret}`;
    assert.deepEqual(names(read(line, 'example.com.')), ['k._update.example.com.']);
    const asBefore = read(line, 'example.com.', '.');
    assert.deepEqual(names(asBefore), []);
    assert.deepEqual(places(asBefore.faults), ['1:1 key.outside']);
    assert.deepEqual(names(read(line, '.')), ['k._update.']);
  });

  test('at the zone, below it, and elsewhere', () => {
    const reading = read(
      `_update.example.com. DNSKEY 0 3 163 ${secret}
k._transfer.sub.EXAMPLE.com. DNSKEY 0 3 163 ${secret}
k._update.com. DNSKEY 0 3 163 ${secret}
k._update.notexample.com. DNSKEY 0 3 163 ${secret}
`,
      'example.com.',
    );
    assert.deepEqual(names(reading), ['_update.example.com.', 'k._transfer.sub.example.com.']);
    assert.deepEqual(places(reading.faults), ['3:1 key.outside', '4:1 key.outside']);
  });

  test('names without a meaning are loaded and warned of', () => {
    const reading = read(
      `k.example. DNSKEY 0 3 163 ${secret}\nx._update._or.foo.com. DNSKEY 0 3 163 ${secret}\n`,
    );
    assert.equal(reading.keys.length, 2);
    assert.deepEqual(
      reading.keys.map(({ grant }) => grant),
      [undefined, undefined],
    );
    assert.deepEqual(places(reading.warnings), [
      '1:1 key.no-operation',
      '2:1 key.zone-no-host-name',
    ]);
  });

  test('a short secret is loaded and warned of', () => {
    const reading = read('k._update. DNSKEY 0 3 163 c2hvcnQ=');
    assert.equal(reading.keys.length, 1);
    assert.deepEqual(places(reading.warnings), ['1:1 key.short']);
  });
});

describe('several secrets of one name', () => {
  const one = `k._update. DNSKEY 0 3 163 ${secret}`;
  const two = `k._update. DNSKEY 0 3 163 ${other}`;
  const old = `k._update. DNSKEY 128 3 163 ${other}`;
  const algorithms = ({ keys }: KeyFileReading): unknown =>
    keys.map(({ secrets }) => secrets.map(({ secret }) => Buffer.from(secret).toString()));
  const rest = `rest._update. DNSKEY 0 3 163 ${secret}`;
  for (const [why, text, secrets, complaints] of [
    ['two: nobody knows which', [one, two], [], ['2:1 key.several']],
    ['one is being replaced', [one, old], ['secret of 16 octets', 'another secret of 16'], []],
    ['the order says nothing', [old, one], ['secret of 16 octets', 'another secret of 16'], []],
    ['both are being replaced', [old, one.replace(' 0 ', ' 128 ')], [], ['2:1 key.several']],
    ['three', [old, one, one.replace('163', '165')], [], ['3:1 key.several']],
    ['the same twice', [one, one], ['secret of 16 octets'], ['2:1 key.repeated']],
    ['only the old one', [old], ['another secret of 16'], ['1:1 key.replaced-alone']],
    [
      'the name in capitals',
      [one, two.toUpperCase().replace(other.toUpperCase(), other)],
      [],
      ['2:1 key.several'],
    ],
  ] as const) {
    test(why, () => {
      const reading = read([...text, rest].join('\n'));
      const expected = secrets.length === 0 ? [] : [[...secrets]];
      assert.deepEqual(algorithms(reading), [...expected, ['secret of 16 octets']]);
      assert.deepEqual(places([...reading.faults, ...reading.warnings]), [...complaints]);
    });
  }

  test('a new algorithm, too', () => {
    const reading = read([one.replace('163', '165'), old].join('\n'));
    assert.deepEqual(
      reading.keys[0]?.secrets.map(({ algorithm }) => algorithm),
      ['hmac-sha512', 'hmac-sha256'],
    );
  });
});

describe('a wrong line takes nothing with it but its own key', () => {
  const good = `good._update. DNSKEY 0 3 163 ${secret}`;
  for (const [why, line, place] of [
    ['base64', 'k._update. DNSKEY 0 3 163 c2Vj!', '2:27 text.base64'],
    ['base64 that ends inside a group', 'k._update. DNSKEY 0 3 163 c2Vjc', '2:27 text.base64'],
    ['no secret', 'k._update. DNSKEY 0 3 163', '2:26 text.missing'],
    ['MD5', `k._update. DNSKEY 0 3 157 ${secret}`, '2:23 key.md5'],
    ['an algorithm of DNSSEC', `k._update. 60 IN DNSKEY 0 3 8 ${secret}`, '2:29 key.algorithm'],
    ['an algorithm of nobody', `k._update. DNSKEY 0 3 166 ${secret}`, '2:23 key.algorithm'],
    ['another protocol', `k._update. DNSKEY 0 2 163 ${secret}`, '2:21 key.protocol'],
    ['other flags', `k._update. DNSKEY 2 3 163 ${secret}`, '2:19 key.flags'],
    ['another type', 'k._update. 60 IN TXT "x"', '2:18 key.type'],
    ['another type behind a blank', '  60 IN TXT "x"', '2:9 key.type'],
    ['another type and nothing before it', ' TXT "x"', '2:2 key.type'],
    ['MD5 for the name before', ` DNSKEY 0 3 157 ${secret}`, '2:13 key.md5'],
    ['an owner called like the type', `dnskey 60 IN TXT "x"`, '2:14 key.type'],
    ['no type', `k._update. DNSKEYS 0 3 163 ${secret}`, '2:12 zonefile.type'],
    [
      'a label that is too long',
      `${'a'.repeat(64)}._update. DNSKEY 0 3 163 ${secret}`,
      '2:1 name.label-length',
    ],
    ['$INCLUDE', '$INCLUDE other', '2:10 zonefile.include-missing'],
    [
      '$GENERATE',
      `$GENERATE 1-9 k$._update. DNSKEY 0 3 163 ${secret}`,
      '2:11 zonefile.generate-count',
    ],
  ] as const) {
    test(why, () => {
      const reading = read(`${good}\n${line}\nlast._notify. DNSKEY 0 3 163 ${other}\n`);
      assert.deepEqual(places(reading.faults), [place]);
      assert.deepEqual(names(reading), ['good._update.', 'last._notify.']);
      assert.equal(reading.faults[0]?.file, 'zones/_keys');
    });
  }

  test('no complaint tells a secret', () => {
    const text = `k._update. DNSKEY 0 3 163 ${secret}!
k2._update. DNSKEY 0 3 157 ${secret}
k._notify. DNSKEY 0 3 163 ${secret}
k._notify. DNSKEY 0 3 163 ${other}
`;
    const { faults } = read(text);
    assert.equal(faults.length, 3);
    assert.doesNotMatch(JSON.stringify(faults), /c2Vj|YW5v/);
  });

  test('an empty file, and one of zeros as a crash leaves it', () => {
    assert.deepEqual(read(''), { keys: [], faults: [], warnings: [] });
    const { keys, faults } = readKeyFile({
      file: '_keys',
      text: new Uint8Array(100),
      zone: root,
      origin: root,
    });
    assert.equal(keys.length, 0);
    assert.equal(faults[0]?.code, 'zonefile.nul');
  });
});
