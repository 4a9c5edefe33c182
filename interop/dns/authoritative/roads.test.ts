/**
 * One answering function over all roads: the answer to every query is the same, octet for octet, by
 * the batched worker, `node:dgram`, TCP and TLS, save for what `rightlyDiffer` lists. With real sockets,
 * and so is the comparison with the peers in `differential.test.ts`.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { transport } from '@riad/dns-server/answer/query-state';
import { formatHex, parseHex } from '@riad/octets/hex';
import { Random, seed } from '@riad/octets/testing/random';
import { askOverTcp, askOverTls, askOverUdp } from './ask.ts';
import { makeQueries, type Query } from './queries.ts';
import { openRoads } from './roads.ts';
import { zoneGroups } from './zones/groups.ts';
import { missingSigner } from './zones/signed.ts';

const queriesPerGroup = 5_500; // of four groups: 22,000

/**
 * All that may differ between roads for one and the same query, and nothing else does:
 *
 * | what                        | where                  | why                                             |
 * | --------------------------- | ---------------------- | ----------------------------------------------- |
 * | edns-tcp-keepalive (11)     | TCP and TLS, if asked  | RFC 7828 §3.2.1: never over UDP                 |
 * | padding (12)                | TLS, if asked          | RFC 8467 §3: over encrypted transports only     |
 * | TC, and what is left out    | UDP, above its limit   | RFC 1035 §4.2.1, RFC 6891 §6.2.5                |
 *
 * The server cookie holds a time and the client's address: the test stops the clock, and all roads
 * begin at one address, so it is not masked but compared.
 */
const rightlyDiffer: ReadonlySet<number> = new Set([11, 12]);

/** The answer without the options that rightly differ; OPT is the last record, its owner the root. */
function masked(answer: Uint8Array, optionsAt: number): Uint8Array {
  if (optionsAt < 0) return answer;
  const kept: number[] = [];
  const view = new DataView(answer.buffer, answer.byteOffset, answer.length);
  for (let at = optionsAt; at < answer.length; ) {
    const end = at + 4 + view.getUint16(at + 2);
    if (!rightlyDiffer.has(view.getUint16(at))) kept.push(...answer.subarray(at, end));
    at = end;
  }
  return Uint8Array.from([
    ...answer.subarray(0, optionsAt - 2),
    kept.length >> 8,
    kept.length & 255,
    ...kept,
  ]);
}

/** Where the options of the OPT record begin, or -1. */
function optionsOf(answer: Uint8Array): number {
  const view = new DataView(answer.buffer, answer.byteOffset, answer.length);
  // From the end: an OPT whose RDLENGTH reaches exactly to the end of the message.
  for (let at = 12; at + 11 <= answer.length; at++) {
    if (answer[at] !== 0 || view.getUint16(at + 1) !== 41 || view.getUint16(at + 3) !== 1232)
      continue;
    if (at + 11 + view.getUint16(at + 9) === answer.length) return at + 11;
  }
  return -1;
}

/** Every third query with EDNS also has options: NSID, a cookie, keepalive, padding. */
function withOptions(query: Query, i: number): Uint8Array {
  if (query.edns === undefined || i % 3 !== 0) return query.octets;
  const options = parseHex(
    ['00030000', '000a00080102030405060708', '000b0000', '000c000400000000']
      .filter((_, option) => ((i / 3) >> option) % 2 === 0)
      .join(''),
  );
  const octets = Uint8Array.from([...query.octets, ...options]);
  new DataView(octets.buffer).setUint16(query.octets.length - 2, options.length);
  return octets;
}

function udpLimit(query: Query): number {
  return query.edns === undefined ? 512 : Math.min(query.edns.udpPayloadSize, 1232);
}

describe(`the same octets over all roads (seed ${seed})`, { skip: missingSigner }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'riad-roads-keys-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const random = new Random();
  const groups = missingSigner === false ? zoneGroups(join(folder, 'keys'), random) : [];

  for (const { name, zones } of groups) {
    test(`zones: ${name}`, { timeout: 120_000 }, async (context) => {
      const queries = makeQueries(zones, queriesPerGroup, random);
      const octets = queries.map(withOptions);
      await using roads = await openRoads(zones);
      const [worker, dgram, tcp, tls] = await Promise.all([
        roads.worker && askOverUdp(roads.worker, octets),
        askOverUdp(roads.dgram, octets),
        askOverTcp(roads.tcp, octets),
        askOverTls(roads.tls, octets),
      ]);
      let cut = 0;
      queries.forEach((query, i) => {
        const direct = (via: number): string => hex(withoutId(roads.direct(octets[i]!, via)));
        const udp = direct(transport.udp);
        assert.equal(hex(withoutId(dgram[i])), udp, `dgram: ${query.text}`);
        if (worker !== undefined)
          assert.equal(hex(withoutId(worker[i])), udp, `worker: ${query.text}`);
        const overTcp = withoutId(tcp[i]);
        const overTls = withoutId(tls[i]);
        assert.equal(hex(overTcp), direct(transport.tcp), `TCP: ${query.text}`);
        assert.equal(hex(overTls), direct(transport.tls), `TLS: ${query.text}`);
        const plain = (answer: Uint8Array): string => hex(masked(answer, optionsOf(answer)));
        assert.equal(plain(overTls!), plain(overTcp!), `TLS and TCP: ${query.text}`);
        if (overTcp!.length > udpLimit(query)) cut++;
        else {
          const overUdp = withoutId(dgram[i])!;
          assert.equal(plain(overUdp), plain(overTcp!), `UDP and TCP: ${query.text}`);
        }
      });
      context.diagnostic(
        `${queries.length} queries, ${cut} of them with more to say than UDP may carry${worker === undefined ? '; no native calls here, so no worker' : ''}`,
      );
      assert.ok(cut < queries.length / 4);
    });
  }
});

function withoutId(answer: Uint8Array | undefined): Uint8Array | undefined {
  return answer?.with(0, 0).with(1, 0);
}

function hex(answer: Uint8Array | undefined): string {
  return answer === undefined ? 'no answer' : formatHex(answer);
}
