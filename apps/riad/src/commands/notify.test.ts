/** `riad notify` against the service itself, and against servers that go wrong. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { decodeMessage, type Message, noFlags } from '@riad/dns/message';
import { encodeMessage } from '@riad/dns/message-writer';
import { formatName } from '@riad/dns/name';
import { House, type Running, zoneText } from '@riad/service-dns-primary/testing/running-service';
import { CollectedOutput } from '../testing/collected-output.ts';
import { fakeServer } from '../testing/fake-server.ts';
import { type NotifyOptions, run } from './notify.ts';

const secret = 'c2VjcmV0IHRoYXQgaXMgbG9uZyBlbm91Z2ggZm9yIGFueWJvZHk=';
const house = new House();
let server: Running;
before(async () => {
  house.write('example.com', zoneText(1, '192.0.2.80'));
  house.write('_keys', `k._notify.example.com. DNSKEY 0 3 165 ${secret}\n`);
  server = await house.run();
  await server.untilZone('example.com.', (status) => status?.serial === 1);
});
after(async () => {
  await server.stop();
  house.remove();
});

async function notify(
  zone: string,
  servers: readonly string[],
  options: Partial<NotifyOptions> = {},
): Promise<{ status: number; text: string; errors: string }> {
  const output = new CollectedOutput();
  const status = await run(zone, servers, { timeout: '0.5', ...options }, output);
  return { status, text: output.text, errors: output.errors };
}

const key = `k._notify.example.com:SHA512:${secret}`;

describe('riad notify', { timeout: 60_000 }, () => {
  for (const tcp of [false, true]) {
    test(`signed, over ${tcp ? 'TCP' : 'UDP'}: the signature of the answer is checked`, async () => {
      const { status, errors } = await notify('example.com', [`127.0.0.1#${server.port}`], {
        key,
        tcp,
        serial: '5',
      });
      assert.equal(status, 0, errors);
      assert.match(errors, /example\.com\. acknowledged, signed by k\._notify\.example\.com/);
    });
  }

  test('a stranger hears that he is one', async () => {
    const place = `@127.0.0.1#${server.port}`;
    const bare = await notify('example.com', [place]);
    assert.deepEqual([bare.status, /REFUSED; it may want a key/.test(bare.errors)], [1, true]);
    const unknown = await notify('example.com', [place], { key: `x${key}` });
    assert.match(unknown.errors, /does not know the key xk\._notify.*BADKEY/);
    const wrong = await notify('example.com', [place], { key: key.replace('c2Vj', 'c2Vk') });
    assert.match(wrong.errors, /has another secret.*BADSIG/);
    const elsewhere = await notify('example.net', [place], { key, json: true });
    assert.equal(elsewhere.status, 1);
    assert.equal(JSON.parse(elsewhere.text)[0].good, false);
  });

  test('every server is told, and one that is silent makes the status 1', async () => {
    const seen: Message[] = [];
    await using fake = await fakeServer((octets) => {
      const decoded = decodeMessage(octets);
      assert.ok(decoded.ok);
      seen.push(decoded.value);
      const { answers: _, ...request } = decoded.value;
      return [
        encodeMessage({ ...request, answers: [], flags: { ...noFlags, qr: true, aa: true } }),
      ];
    });
    await using silent = await fakeServer(() => []);
    const servers = [`127.0.0.1#${fake.port}`, `127.0.0.1#${silent.port}`];
    const { status, errors } = await notify('example.com', servers, {
      serial: '4294967295',
      timeout: '0.05',
    });
    assert.equal(status, 1);
    assert.match(errors, /example\.com\. acknowledged$/m);
    assert.match(errors, /not acknowledged: 127\.0\.0\.1: no answer over UDP/);
    const [request] = seen;
    assert.deepEqual(
      [request?.opcode, request?.flags.aa, formatName(request!.answers[0]!.owner)],
      [4, true, 'example.com.'],
    );
    assert.equal(request!.answers[0]!.rdata.toHex().includes('ffffffff'), true);
  });

  test('an answer that nobody signed proves nothing', async () => {
    await using fake = await fakeServer((octets) => {
      const decoded = decodeMessage(octets);
      assert.ok(decoded.ok);
      const { tsig: _, ...request } = decoded.value;
      return [encodeMessage({ ...request, flags: { ...noFlags, qr: true } })];
    });
    for (const tcp of [false, true]) {
      const { status, errors } = await notify('example.com', [`127.0.0.1#${fake.port}`], {
        key,
        tcp,
        timeout: '0.1',
      });
      assert.equal(status, 1);
      assert.match(errors, /is not signed \(NOERROR\), so that it proves nothing/);
    }
  });

  test('what cannot be told is refused before anybody is', async () => {
    for (const [zone, servers, options] of [
      ['a..b', ['127.0.0.1'], {}],
      ['example.com', ['ns.example'], {}],
      ['example.com', ['127.0.0.1'], { serial: 'x' }],
      ['example.com', ['127.0.0.1#0'], {}],
    ] as const) {
      await assert.rejects(notify(zone, servers, options), { name: 'Refusal' });
    }
  });
});
