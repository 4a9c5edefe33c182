/** `riad transfer` against the service itself, and against servers that go wrong. */
import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { decodeMessage, type Message, noFlags, type ResourceRecord } from '@riad/dns/message';
import { encodeMessage } from '@riad/dns/message-writer';
import { parseName } from '@riad/dns/name';
import { readRecords } from '@riad/dns/testing/zone-records';
import { House, type Running, zoneText } from '@riad/service-dns-primary/testing/running-service';
import { CollectedOutput } from '../testing/collected-output.ts';
import { fakeServer } from '../testing/fake-server.ts';
import { run, type TransferOptions } from './transfer.ts';

const secret = 'c2VjcmV0IHRoYXQgaXMgbG9uZyBlbm91Z2ggZm9yIGFueWJvZHk=';
const name = 'k._transfer.example.com';
const key = `${name}:SHA256:${secret}`;
const house = new House();
let server: Running;
let port = '';
before(async () => {
  house.write('example.com', zoneText(1, '192.0.2.80', 'sub NS ns.sub\nns.sub A 192.0.2.9\n'));
  house.write(
    '_keys',
    ['SHA1 161', 'SHA224 162', 'SHA256 163', 'SHA384 164', 'SHA512 165']
      .map((line) => line.split(' '))
      .map(([word, number]) => `${word}._transfer.example.com. DNSKEY 0 3 ${number} ${secret}\n`)
      .join('')
      .concat(`${name}. DNSKEY 0 3 163 ${secret}\n`),
  );
  server = await house.run();
  port = String(server.port);
  await server.untilZone('example.com.', (status) => status?.serial === 1);
});
after(async () => {
  await server.stop();
  house.remove();
});

async function transfer(
  options: Partial<TransferOptions>,
  words: readonly string[] = ['example.com'],
): Promise<CollectedOutput> {
  const output = new CollectedOutput();
  assert.equal(await run(words, { timeout: '5', port, ...options }, output), 0);
  return output;
}

describe('riad transfer', { timeout: 60_000 }, () => {
  test('prints a zone file that has every record, glue among them', async () => {
    const { text, errors } = await transfer({ key });
    const { records } = readRecords(text, { origin: parseName('example.com.') });
    const types = records.map(({ type }) => type).toSorted((a, b) => a - b);
    assert.deepEqual(types, [1, 1, 1, 2, 2, 6]);
    assert.match(text, /^\$ORIGIN example\.com\.\n/);
    assert.match(text, /^ns\.sub +A 192\.0\.2\.9$/m);
    assert.match(errors, /^example\.com\.: serial 1, 6 records$/m);
  });

  for (const algorithm of ['SHA1', 'SHA224', 'SHA256', 'SHA384', 'SHA512']) {
    test(`signs and verifies with ${algorithm}`, async () => {
      const { text } = await transfer({
        key: `${algorithm}._transfer.example.com:${algorithm}:${secret}`,
      });
      assert.match(text, /www/);
    });
  }

  test('takes the key from a file: in a word, as BIND has it, as it lies beside zones', async () => {
    const file = join(house.folder, 'some.key');
    const other = 'other._transfer.example.com';
    for (const text of [
      `${key}\n`,
      `hmac-sha256:${name}:${secret}\n`,
      `// mine\nkey "${name}" {\n  algorithm hmac-sha256;\n  secret "${secret}";\n};\n`,
      `${name}. DNSKEY 0 3 163 ${secret}\n`,
    ]) {
      writeFileSync(file, text);
      chmodSync(file, 0o600);
      const { errors } = await transfer({ keyFile: file });
      assert.doesNotMatch(errors, /chmod/);
    }
    writeFileSync(file, `${name}. DNSKEY 0 3 163 ${secret}\n${other}. DNSKEY 0 3 163 ${secret}\n`);
    await assert.rejects(transfer({ keyFile: file }), /which key\? --key is one of: k\._transfer/);
    chmodSync(file, 0o644);
    assert.match((await transfer({ keyFile: file, key: name })).errors, /chmod 600/);
    for (const [text, expected] of [
      ['', /there is no key in it/],
      [`key x { algorithm hmac-sha256; }`, /some\.key:1: a key clause has an algorithm/],
      [`\nkey x { algorithm hmac-md5; secret "${secret}"; };`, /some\.key:2: /],
      [`${name}. DNSKEY 0 3 8 ${secret}\n`, /some\.key:1:\d+: .*161 to 165/],
      [`${name}:SHA257:${secret}`, /some\.key: /],
    ] as const) {
      writeFileSync(file, text);
      await assert.rejects(transfer({ keyFile: file }), (error: Error) => {
        assert.match(error.message, expected);
        assert.ok(!error.message.includes(secret), 'a complaint does not repeat the secret');
        return true;
      });
    }
  });

  test('takes a key by its name from the state folder', async () => {
    const cwd = process.cwd();
    process.chdir(house.folder);
    try {
      const keys = join(house.folder, 'state', 'names', 'keys');
      mkdirSync(keys, { recursive: true });
      writeFileSync(join(keys, `${name}.key`), `${name}. DNSKEY 0 3 163 ${secret}\n`);
      assert.match((await transfer({ key: name })).text, /www/);
      await assert.rejects(transfer({ key: 'x._transfer.example.com' }), /is not kept in .*keys/);
    } finally {
      process.chdir(cwd);
    }
  });

  test('IXFR: nothing newer, a difference, and the whole zone when the past is not known', async () => {
    const none = await transfer({ key, ixfr: '1' });
    assert.equal(none.text, '');
    assert.match(none.errors, /nothing newer than 1/);
    house.write('example.com', zoneText(2, '192.0.2.81', 'sub NS ns.sub\nns.sub A 192.0.2.9\n'));
    await server.untilZone('example.com.', (status) => status?.serial === 2);
    const { text } = await transfer({ key, ixfr: '1' });
    assert.match(text, /^-example\.com\.\t60\tIN\tSOA\t.* 1 3600/m);
    assert.match(text, /^-www\.example\.com\.\t60\tIN\tA\t192\.0\.2\.80$/m);
    assert.match(text, /^\+www\.example\.com\.\t60\tIN\tA\t192\.0\.2\.81$/m);
    assert.equal(text.trim().split('\n').length, 4);
    const json = JSON.parse((await transfer({ key, ixfr: '1', json: true })).text);
    assert.deepEqual([json.kind, json.fromSerial, json.toSerial], ['changes', 1, 2]);
    assert.equal(json.additions[1].rdataA, '192.0.2.81');
    const whole = await transfer({ key, ixfr: String(2 ** 32 - 5) });
    assert.match(whole.errors, /serial 2, 6 records, whole, for what changed/);
  });

  test('writes a file, or JSON', async () => {
    const file = join(house.folder, 'copy');
    assert.equal((await transfer({ key, output: file })).text, '');
    assert.match(readFileSync(file, 'utf8'), /^\$ORIGIN example\.com\./);
    const json = JSON.parse((await transfer({ key, json: true })).text);
    assert.equal(json.records.length, 6);
    assert.equal(json.records[0].TYPEname, 'SOA');
  });

  test('refusals are sentences', async () => {
    const refusals: readonly [Partial<TransferOptions>, string[], RegExp][] = [
      [{}, ['example.com'], /REFUSED: this needs a key/],
      [{ key }, ['example.net'], /NOTAUTH|REFUSED/],
      [{ key: `other${key}` }, ['example.com'], /refused: TSIG error 17|BADKEY/],
      [{ key: key.replace('c2Vj', 'c2Vk') }, ['example.com'], /TSIG error 16|BADSIG/],
      [{ ixfr: '-1' }, ['example.com'], /--ixfr -1: a serial/],
      [{}, ['a', 'b'], /one zone/],
      [{}, ['a', '@ns.example'], /not an IP address/],
      [{ key: 'k:SHA256' }, ['a'], /--key: /],
      [{ key, keyFile: 'x' }, ['a'], /not both/],
    ];
    for (const [options, words, expected] of refusals) {
      await assert.rejects(transfer(options, words), (error: Error) => {
        assert.equal(error.name, 'Refusal', String(error.stack));
        assert.match(error.message, expected);
        return true;
      });
    }
  });
});

describe('a transfer that goes wrong', { timeout: 60_000 }, () => {
  const { records } = readRecords(zoneText(7, '192.0.2.1'), { origin: parseName('example.com.') });
  const rows = records.map(
    ({ owner, type, ttlSeconds, rdata }): ResourceRecord => ({
      owner,
      type,
      class: 1,
      ttlSeconds,
      rdata,
    }),
  );
  const message = (request: Uint8Array, answers: ResourceRecord[], rcode: number = 0) => {
    const decoded = decodeMessage(request);
    assert.ok(decoded.ok);
    const asked: Message = decoded.value;
    return encodeMessage({
      ...asked,
      rcode,
      flags: { ...noFlags, qr: true, aa: true },
      answers,
      authorities: [],
    });
  };
  for (const [why, parts, expected] of [
    ['cut short', [rows], /ended before its last record/],
    ['nothing at all', [], /ended before its last record/],
    ['an error behind the first message', [rows, []], /has no records|ended before/],
    ['no SOA first', [rows.slice(1)], /does not begin with the SOA/],
  ] as const) {
    test(`${why}: no output, no file, a sentence`, async () => {
      await using fake = await fakeServer((request) =>
        parts.map((part) => message(request, [...part])),
      );
      const output = new CollectedOutput();
      const file = join(house.folder, 'never');
      await assert.rejects(
        run(['example.com'], { timeout: '5', port: String(fake.port), output: file }, output),
        { name: 'Refusal', message: expected },
      );
      assert.equal(output.text, '');
      assert.ok(!existsSync(file));
    });
  }

  test('unsigned messages are not taken from whom we asked with a key', async () => {
    await using fake = await fakeServer((request) => {
      const decoded = decodeMessage(request);
      assert.ok(decoded.ok);
      const { tsig: _, ...bare } = decoded.value;
      return [message(encodeMessage(bare), [...rows, rows[0]!])];
    });
    const output = new CollectedOutput();
    await assert.rejects(
      run(['example.com'], { timeout: '5', port: String(fake.port), key }, output),
      /not signed as it has to be: unsigned/,
    );
    assert.equal(output.text, '');
    const unsigned = { timeout: '5', port: String(fake.port) };
    assert.equal(await run(['example.com'], unsigned, output), 0);
  });
});
