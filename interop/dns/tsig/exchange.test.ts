/**
 * Requests that BIND's and Knot's programs sign are verified here, and what is signed here is taken by
 * them: answers, refusals, truncated answers. Each program is also shown answers that are wrong by one
 * bit, so that its being content means something.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { decodeMessage, type Message, noFlags } from '@riad/dns/message';
import { encodeMessage } from '@riad/dns/message-writer';
import { refuseRequest } from '@riad/dns/tsig/refusal';
import { signResponse } from '@riad/dns/tsig/sign';
import type { KeyLookup } from '@riad/dns/tsig/tsig-key';
import { findTsig } from '@riad/dns/tsig/tsig-record';
import { type MacPolicy, type RequestVerdict, verifyRequest } from '@riad/dns/tsig/verify-request';
import { hmac } from '@riad/net/ciphers/hmac';
import type { UnixSeconds } from '@riad/octets/engine';
import { loopback } from '../../peers/server.ts';
import { type PeerName, peer } from '../../peers.ts';
import { argumentOf, lookupIn, type SharedKey, sharedKeys } from './keys.ts';
import { listenWith } from './listening.ts';
import { type Ended, run } from './program.ts';

const keys = sharedKeys();
const update = (port: number): string =>
  `server ${loopback} ${port}\nzone tsig.test.\nupdate add www.tsig.test. 60 A 192.0.2.1\nsend\n`;

type Program = {
  readonly name: PeerName;
  /** Sends one request signed with the key. */
  ask(file: string, port: number, key: SharedKey): Promise<Ended>;
  /** Whether it took the answer. */
  content(ended: Ended): boolean;
};

const programs: readonly Program[] = [
  {
    name: 'dig',
    ask: (file, port, key) => {
      const to = [`@${loopback}`, '-p', String(port), '+tries=1', '+time=5'];
      return run(file, [...to, '-y', argumentOf(key), 'www.tsig.test', 'A']);
    },
    content: ({ status, output }) =>
      status === 0 && /status: NOERROR/.test(output) && !/verify|validated/.test(output),
  },
  {
    name: 'kdig',
    ask: (file, port, key) => {
      const to = [`@${loopback}`, '-p', String(port), '+retry=0', '+time=5'];
      return run(file, [...to, '-y', argumentOf(key), 'www.tsig.test', 'A']);
    },
    content: ({ status, output }) =>
      status === 0 && /status: NOERROR/.test(output) && !/reply verification/.test(output),
  },
  {
    name: 'nsupdate',
    ask: (file, port, key) =>
      run(file, ['-t', '5', '-u', '5', '-r', '0', '-y', argumentOf(key)], update(port)),
    content: ({ status, output }) => status === 0 && output === '',
  },
  {
    name: 'knsupdate',
    ask: (file, port, key) =>
      run(file, ['-t', '5', '-r', '0', '-y', argumentOf(key)], update(port)),
    content: ({ status, output }) => status === 0 && output === '',
  },
];

type Answering = {
  readonly keys?: KeyLookup;
  readonly aheadSeconds?: number;
  readonly policy?: MacPolicy;
  /** Most octets over UDP. */
  readonly limitOctets?: number;
  readonly change?: (response: Uint8Array) => void;
};

/** One exchange; what was made of the request, over which transport, and what the program said. */
async function exchange(
  program: Program,
  key: SharedKey,
  given: Answering = {},
): Promise<{ seen: string[]; ended: Ended }> {
  const seen: string[] = [];
  await using listening = await listenWith((request, over) => {
    const now = (Math.floor(Date.now() / 1000) + (given.aheadSeconds ?? 0)) as UnixSeconds;
    const lookup = given.keys ?? lookupIn(keys);
    const verdict = verifyRequest(request, lookup, now, hmac, given.policy);
    seen.push(`${over} ${verdict.kind}`);
    const limit = over === 'udp' ? given.limitOctets : undefined;
    const response = answerTo(request, verdict, now, limit);
    given.change?.(response);
    return [response];
  });
  const ended = await program.ask(peer(program.name).file, listening.port, key);
  return { seen, ended };
}

function answerTo(
  request: Uint8Array,
  verdict: RequestVerdict,
  now: UnixSeconds,
  limitOctets: number | undefined,
): Uint8Array {
  const decoded = decodeMessage(request);
  assert.ok(decoded.ok);
  const { id, opcode, questions } = decoded.value;
  const [question] = questions;
  assert.ok(question);
  const address = {
    owner: question.name,
    type: 1,
    class: 1,
    ttlSeconds: 60,
    rdata: Uint8Array.of(192, 0, 2, 1),
  };
  const response: Message = {
    id,
    opcode,
    rcode: 0,
    flags: { ...noFlags, qr: true },
    questions,
    answers: opcode === 0 && verdict.kind === 'verified' ? [address] : [],
    authorities: [],
    additionals: [],
  };
  const octets = encodeMessage(response);
  if (verdict.kind === 'verified') {
    return signResponse(octets, verdict.request, now, hmac, limitOctets).octets;
  }
  assert.ok(verdict.kind === 'refused', verdict.kind);
  return refuseRequest(octets, verdict.refusal, now, hmac);
}

const wrongSecret: KeyLookup = (name, algorithm) =>
  lookupIn(keys)(name, algorithm).map((key) => ({ ...key, secret: new Uint8Array(32) }));

for (const program of programs) {
  const { missing } = peer(program.name);
  describe(program.name, { skip: missing, timeout: 60_000 }, () => {
    for (const key of keys) {
      test(key.algorithm, async () => {
        const { seen, ended } = await exchange(program, key);
        assert.deepEqual(seen, ['udp verified']);
        assert.ok(program.content(ended), ended.output);
      });
    }

    const [key] = keys as [SharedKey];
    test('one bit of the MAC, and it is not content', async () => {
      const { ended } = await exchange(program, key, {
        change: (response) => {
          const found = findTsig(response);
          assert.ok(found.ok && found.value !== undefined);
          found.value.mac[0]! ^= 1; // a view into the response
        },
      });
      assert.equal(program.content(ended), false);
    });

    test('during a rotation: signed with the older secret, answered with it', async () => {
      const newer = { ...key.key, secret: new Uint8Array(20).fill(1) };
      const { seen, ended } = await exchange(program, key, { keys: () => [newer, key.key] });
      assert.deepEqual(seen, ['udp verified']);
      assert.ok(program.content(ended), ended.output);
    });

    test('an answer that does not fit is asked for over TCP', async () => {
      // The answer to an UPDATE has nothing to leave out and fits.
      const { seen, ended } = await exchange(program, key, { limitOctets: 125 });
      const cut = program.name.includes('dig');
      assert.deepEqual(seen, cut ? ['udp verified', 'tcp verified'] : ['udp verified']);
      assert.ok(program.content(ended), ended.output);
    });

    for (const [why, given, words] of [
      ['BADKEY', { keys: () => [] }, /BADKEY/],
      ['BADSIG', { keys: wrongSecret }, /BADSIG/],
      ['BADTIME', { aheadSeconds: 1000 }, /BADTIME/],
      ['BADTRUNC', { policy: () => 100 }, /BADTRUNC/],
    ] as const) {
      test(`${why} is understood`, async () => {
        const { seen, ended } = await exchange(program, key, given);
        assert.deepEqual(seen, ['udp refused']);
        assert.match(ended.output, words);
        assert.equal(program.content(ended), false);
        if (why === 'BADTIME' || why === 'BADTRUNC') {
          // Signed, and they have checked it: BIND and Knot say so in other words than for a wrong MAC.
          assert.doesNotMatch(ended.output, /tsig verify failure|failed to verify TSIG/);
        }
      });
    }
  });
}

describe('nsupdate with MACs of 128 bits', {
  skip: peer('nsupdate').missing,
  timeout: 60_000,
}, () => {
  const short: Program = {
    ...programs[2]!,
    ask: (file, port, { text, base64 }) => {
      const folder = mkdtempSync(join(tmpdir(), 'riad-short-'));
      const path = join(folder, 'key');
      writeFileSync(path, `key "${text}" { algorithm hmac-sha256-128; secret "${base64}"; };\n`);
      const words = ['-t', '5', '-u', '5', '-r', '0', '-k', path];
      return run(file, words, update(port)).finally(() => rmSync(folder, { recursive: true }));
    },
  };
  const key = keys.find(({ algorithm }) => algorithm === 'hmac-sha256')!;

  test('are taken where the policy takes them, and answered with whole ones', async () => {
    const { seen, ended } = await exchange(short, key, { policy: () => 16 });
    assert.deepEqual(seen, ['udp verified']);
    assert.ok(short.content(ended), ended.output);
  });

  test('are BADTRUNC otherwise', async () => {
    const { seen, ended } = await exchange(short, key);
    assert.deepEqual(seen, ['udp refused']);
    assert.match(ended.output, /BADTRUNC/);
  });
});
