/**
 * The same queries asked of several servers over the same zones. First the harness proves itself on
 * the peers alone: each answers everything, our decoder understands each answer, and they agree on
 * most. What they disagree on stands in README.md.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { Random, seed } from '@riad/octets/testing/random';
import { missingPeers, withPeers } from '../../peers/all.ts';
import { type Comparison, compare, departures, report, shares } from './compare.ts';
import { excuseOf } from './excuses.ts';
import { makeQueries } from './queries.ts';
import { openRoads } from './roads.ts';
import { zoneGroups } from './zones/groups.ts';
import { missingSigner } from './zones/signed.ts';

const skip = missingPeers || missingSigner;
const queriesPerGroup = 5_500; // of four groups: 22,000

describe(`BIND, NSD, Knot and Riad (seed ${seed})`, { skip }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'riad-differential-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const random = new Random();
  const groups = skip === false ? zoneGroups(join(folder, 'keys'), random) : [];
  const all: Comparison[] = [];

  for (const { name, zones } of groups) {
    test(`zones: ${name}`, { timeout: 120_000 }, async (context) => {
      const queries = makeQueries(zones, queriesPerGroup, random);
      await withPeers(zones, join(folder, name.replaceAll(' ', '-')), async (peers) => {
        const comparisons = await compare(peers, queries);
        all.push(...comparisons);
        context.diagnostic(report(peers, comparisons, 8));
        const odd = comparisons.filter(({ answers }) =>
          answers.some(({ rcode }) => !/^\d+$/.test(rcode)),
        );
        assert.deepEqual(
          odd.map(({ query, answers }) => [query.text, answers.map(({ rcode }) => rcode)]),
          [],
        );
        const share = shares(comparisons);
        assert.ok(
          share.rcode > 0.97 && share.aa > 0.97 && share.answer > 0.94 && share.all > 0.8,
          JSON.stringify(share),
        );

        // Where the three agree, Riad agrees. It is asked through real sockets, as they are.
        await using roads = await openRoads(zones);
        const riad = { ...(roads.worker ?? roads.dgram), name: 'riad' };
        const targets = [...peers, riad];
        const own = await compare([riad], queries);
        const withRiad = comparisons.map(({ query, answers }, i) => ({
          query,
          answers: [...answers, ...own[i]!.answers],
        }));
        const found = departures(targets, withRiad, 'riad');
        const unexcused = found.filter((departure) => excuseOf(departure) === undefined);
        context.diagnostic(
          `${found.length} departures of Riad, ${found.length - unexcused.length} of them excused`,
        );
        assert.deepEqual(
          unexcused.map(({ comparison, section }) => [
            section,
            comparison.query.text,
            comparison.answers.map((answer) => answer[section]),
          ]),
          [],
        );

        // Over TCP nothing is cut, and each says what it said over UDP where it was not cut there.
        const some = queries.slice(0, 400);
        const overTcp = await compare(peers, some, 'tcp');
        const ownOverTcp = await compare([{ ...roads.tcp, name: 'riad' }], some, 'tcp');
        const allOverTcp = overTcp.map(({ query, answers }, i) => ({
          query,
          answers: [...answers, ...ownOverTcp[i]!.answers],
        }));
        assert.deepEqual(
          departures(targets, allOverTcp, 'riad').filter(
            (departure) => excuseOf(departure) === undefined,
          ),
          [],
        );
        overTcp.forEach(({ answers }, i) => {
          answers.forEach((answer, peer) => {
            assert.equal(answer.tc, 'false', some[i]!.text);
            const overUdp = comparisons[i]!.answers[peer]!;
            if (overUdp.tc === 'false' && some[i]!.type !== 255) {
              assert.deepEqual(
                [answer.rcode, answer.answer],
                [overUdp.rcode, overUdp.answer],
                some[i]!.text,
              );
            }
          });
        });
      });
    });
  }

  test('altogether', (context) => {
    assert.ok(all.length >= 20_000);
    const lines = Object.entries(shares(all)).map(
      ([section, share]) => `${section} ${(share * 100).toFixed(2)} %`,
    );
    context.diagnostic(`${all.length} queries; BIND, NSD and Knot agree on: ${lines.join(', ')}`);
  });
});

test('a server that says something else than all others is found out, section by section', () => {
  const targets = ['riad', 'bind', 'nsd'].map((name) => ({ name, address: '127.0.0.1', port: 1 }));
  const good = {
    rcode: '0',
    aa: 'true',
    tc: 'false',
    answer: 'a',
    authority: 'b',
    additional: 'c',
  };
  const query = makeQueries(
    [{ name: 'x.test', text: '@ 1 SOA a b 1 2 3 4 5\n' }],
    1,
    new Random(),
  )[0]!;
  const bad = {
    query,
    answers: [{ ...good, aa: 'false', additional: 'd' }, good, { ...good, additional: 'e' }],
  };
  const found = departures(targets, [{ query, answers: [good, good, good] }, bad], 'riad');
  assert.deepEqual(found, [{ comparison: bad, section: 'aa' }]);
  assert.throws(() => departures(targets, [], 'knot'), RangeError);
});
