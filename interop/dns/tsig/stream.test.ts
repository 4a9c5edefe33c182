/**
 * Transfers of several messages (RFC 8945 §5.3.1): what BIND, NSD and Knot sign is verified here, whole
 * and not otherwise; what is signed here, dig and kdig take.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { decodeMessage, type Message, noFlags, type ResourceRecord } from '@riad/dns/message';
import { encodeMessage } from '@riad/dns/message-writer';
import { appendName, type Name, parseName } from '@riad/dns/name';
import { signRequest } from '@riad/dns/tsig/sign';
import { type StreamStyle, signNext, streamSigner } from '@riad/dns/tsig/sign-stream';
import { findTsig } from '@riad/dns/tsig/tsig-record';
import { verifyRequest } from '@riad/dns/tsig/verify-request';
import { mayEnd, streamVerifier, verifyNext } from '@riad/dns/tsig/verify-stream';
import { hmac } from '@riad/net/ciphers/hmac';
import type { UnixSeconds } from '@riad/octets/engine';
import { loopback, type RunningServer } from '../../peers/server.ts';
import { peer } from '../../peers.ts';
import { argumentOf, lookupIn, type SharedKey, sharedKeys } from './keys.ts';
import { askForStream, listenWith } from './listening.ts';
import { run } from './program.ts';
import {
  becomesServed,
  comesTrue,
  isServed,
  startSecondary,
  startTransferPeer,
  transferPeers,
} from './transfer-peers.ts';

const typeAxfr = 252;
const typeIxfr = 251;
const typeSoa = 6;
const apex = parseName('tsig.test.');
const keys = sharedKeys();
const folder = mkdtempSync(join(tmpdir(), 'riad-tsig-'));
after(() => rmSync(folder, { recursive: true }));
const nowSeconds = (): UnixSeconds => Math.floor(Date.now() / 1000) as UnixSeconds;

/** A zone whose transfer takes so many octets, more or less. */
function zoneOf(octets: number): string {
  const lines = [
    '$TTL 3600',
    '@ SOA ns hostmaster 1 3600 900 2419200 300',
    '@ NS ns',
    'ns A 192.0.2.1',
  ];
  const text = 'x'.repeat(250);
  for (let i = 0; i * 1050 < octets; i++) {
    lines.push(`host-${i} TXT "${text}" "${text}" "${text}" "${text}"`);
  }
  return `${lines.join('\n')}\n`;
}

function question(change: Partial<Message> = {}): Message {
  return {
    id: 0x1234,
    opcode: 0,
    rcode: 0,
    flags: noFlags,
    questions: [{ name: apex, type: typeAxfr, class: 1 }],
    answers: [],
    authorities: [],
    additionals: [],
    ...change,
  };
}

const answersOf = (octets: Uint8Array): readonly ResourceRecord[] => {
  const decoded = decodeMessage(octets);
  assert.ok(decoded.ok);
  assert.equal(decoded.value.rcode, 0);
  return decoded.value.answers;
};

type Transfer = { readonly mac: Uint8Array; readonly messages: readonly Uint8Array[] };

async function transfer({ port }: RunningServer, { key }: SharedKey): Promise<Transfer> {
  const { octets, mac } = signRequest(encodeMessage(question()), key, nowSeconds(), hmac);
  let soas = 0;
  let counted = 0;
  const messages = await askForStream(port, octets, (all) => {
    for (; counted < all.length; counted++) {
      soas += answersOf(all[counted]!).filter(({ type }) => type === typeSoa).length;
    }
    return soas === 2;
  });
  assert.equal(soas, 2, 'the whole zone has come');
  return { mac, messages };
}

/** What is said of each message, and whether the stream may end behind the last. */
function judge(
  { key }: SharedKey,
  mac: Uint8Array,
  messages: readonly Uint8Array[],
): { told: string[]; end: boolean } {
  let verifier = streamVerifier({ key, mac });
  const told = messages.map((octets) => {
    const next = verifyNext(verifier, octets, nowSeconds(), hmac);
    verifier = next.verifier;
    return next.verdict.kind;
  });
  return { told, end: mayEnd(verifier) };
}

for (const known of transferPeers) {
  describe(known.name, { skip: known.peer.missing, timeout: 120_000 }, () => {
    let server: RunningServer;
    before(async () => {
      const zone = { name: 'tsig.test', text: zoneOf(160_000) };
      server = await startTransferPeer(known, zone, keys, join(folder, known.name));
    });
    after(() => server?.stop());

    for (const key of keys) {
      test(`${key.algorithm}: verified whole; tampered with, reordered, without its middle: refused`, async () => {
        const { mac, messages } = await transfer(server, key);
        assert.ok(messages.length >= 3, `${messages.length} messages`);
        const whole = judge(key, mac, messages);
        assert.equal(whole.told[0], 'verified');
        assert.equal(whole.told.at(-1), 'verified');
        assert.equal(whole.end, true, whole.told.join(' '));
        assert.ok(whole.told.every((kind) => kind === 'verified' || kind === 'pending'));

        const middle = messages[1]!;
        for (const [why, changed] of [
          ['one bit in the middle', messages.with(1, middle.with(200, middle[200]! ^ 1))],
          ['without the middle', messages.toSpliced(1, 1)],
          ['the middle twice', messages.toSpliced(1, 0, middle)],
          ['two swapped', messages.with(1, messages[2]!).with(2, middle)],
          ['without the first', messages.slice(1)],
        ] as const) {
          const { told, end } = judge(key, mac, changed);
          assert.equal(end, false, `${why}: ${told.join(' ')}`);
        }
        assert.equal(judge(key, mac.toReversed(), messages).end, false, 'of another request');
      });
    }
  });
}

/** Three messages of a zone as they answer a request for it; other questions get its SOA. */
function streamFor(request: Uint8Array, style: StreamStyle, broken: boolean): Uint8Array[] {
  const verdict = verifyRequest(request, lookupIn(keys), nowSeconds(), hmac);
  assert.ok(verdict.kind === 'verified', verdict.kind);
  const decoded = decodeMessage(verdict.message);
  assert.ok(decoded.ok);
  const { id, questions } = decoded.value;
  const zone = questions[0]!.name;
  const within = (label: string): Name => appendName(parseName(`${label}.`), zone)!;
  const record = (owner: Name, type: number, rdata: Uint8Array): ResourceRecord => ({
    owner,
    type,
    class: 1,
    ttlSeconds: 3600,
    rdata,
  });
  const numbers = [1, 3600, 900, 2_419_200, 300].flatMap((n) => [
    0,
    n >> 16,
    (n >> 8) & 255,
    n & 255,
  ]);
  const names = [...within('ns'), ...within('hostmaster')];
  const soa = record(zone, typeSoa, Uint8Array.from([...names, ...numbers]));
  const address = (label: string, number: number): ResourceRecord =>
    record(within(label), 1, Uint8Array.of(192, 0, 2, number));
  const asked = questions[0]!.type;
  const parts =
    asked === typeAxfr || asked === typeIxfr
      ? [
          [soa, record(zone, 2, within('ns'))],
          [address('ns', 1), address('host-2', 2)],
          [address('host-3', 3), soa],
        ]
      : [[soa]];
  let signer = streamSigner(verdict.request, style);
  const messages = parts.map((answers) => {
    const flags = { ...noFlags, qr: true, aa: true };
    const message = encodeMessage(question({ id, flags, questions, answers }));
    const next = signNext(signer, message, nowSeconds(), hmac);
    signer = next.signer;
    return next.octets;
  });
  if (broken && messages.length > 1) {
    const found = findTsig(messages[1]!);
    assert.ok(found.ok && found.value !== undefined);
    found.value.mac[0]! ^= 1; // a view into the message
  }
  return messages;
}

// kdig prints what it is sent in a transfer and verifies none of it, so that only dig is asked.
describe('dig takes what is signed here', { skip: peer('dig').missing, timeout: 60_000 }, () => {
  const ask = async (key: SharedKey, style: StreamStyle, broken: boolean): Promise<string> => {
    await using listening = await listenWith((request) => streamFor(request, style, broken));
    const to = [`@${loopback}`, '-p', String(listening.port), '+tries=1', '+time=5'];
    const words = ['-y', argumentOf(key), 'tsig.test', 'AXFR'];
    return (await run(peer('dig').file, [...to, ...words])).output;
  };
  const complaint = /verify|failed|validated/i;

  for (const key of keys) {
    test(key.algorithm, async () => {
      const output = await ask(key, 'chained', false);
      assert.match(output, /host-3/);
      assert.doesNotMatch(output, complaint);
    });
  }

  test('one bit of the middle MAC, and it complains', async () => {
    assert.match(await ask(keys[2]!, 'chained', true), complaint);
  });

  test('in the style of ocaml-dns it complains, which is why there is a switch', async () => {
    assert.match(await ask(keys[2]!, 'each-alone', false), complaint);
  });
});

for (const known of transferPeers) {
  describe(`${known.name} as a secondary`, { skip: known.peer.missing, timeout: 120_000 }, () => {
    /** One zone for each key, transferred from here. */
    const zones = keys.map((key) => ({ name: `${key.algorithm}.test`, key }));
    const within = async (
      name: string,
      style: StreamStyle,
      broken: boolean,
      body: (server: RunningServer) => Promise<void>,
    ): Promise<void> => {
      await using primary = await listenWith((request) => streamFor(request, style, broken));
      const place = join(folder, `${known.name}-${name}`);
      const server = await startSecondary(known, zones, primary.port, place);
      try {
        await body(server);
      } finally {
        await server.stop();
      }
    };

    test('serves what was signed here, for each algorithm', async () => {
      await within('whole', 'chained', false, async (server) => {
        for (const { name } of zones) {
          assert.ok(await becomesServed(server, name), `${name}:\n${server.log()}`);
        }
      });
    });

    for (const [why, style, broken] of [
      ['one bit of the middle MAC', 'chained', true],
      ['the style of ocaml-dns', 'each-alone', false],
    ] as const) {
      test(`${why}: serves nothing`, async () => {
        await within(`${style}-${broken}`, style, broken, async (server) => {
          for (const { name } of zones) {
            assert.ok(
              await comesTrue(() => known.refusal(name).test(server.log())),
              `${name}:\n${server.log()}`,
            );
            assert.equal(await isServed(server, name), false, name);
          }
        });
      });
    }
  });
}
