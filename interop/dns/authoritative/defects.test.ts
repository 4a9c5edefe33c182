/**
 * A differential test is worth what it notices. Each deliberate defect is put into a copy of the sources,
 * and the answers of that copy are compared with what BIND, NSD and Knot said.
 */
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { Random, seed } from '@riad/octets/testing/random';
import { missingPeers, withPeers } from '../../peers/all.ts';
import type { ServedZone } from '../../peers/server.ts';
import { type Comparison, compare, departures, normalise } from './compare.ts';
import { defects } from './defects.ts';
import { excuseOf } from './excuses.ts';
import { makeQueries } from './queries.ts';
import { riadAnswering } from './riad.ts';
import { zoneGroups } from './zones/groups.ts';
import { missingSigner } from './zones/signed.ts';

const skip = missingPeers || missingSigner;
const queriesPerGroup = 5_500;
const sources = new URL('../../../packages/dns-server/src', import.meta.url).pathname;

describe(`defects in the answering function (seed ${seed})`, { skip }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'riad-defects-'));
  // Inside the repository, so that the copies find the packages they import.
  const copies = new URL('./defective-copies/', import.meta.url).pathname;
  after(() => {
    rmSync(folder, { recursive: true, force: true });
    rmSync(copies, { recursive: true, force: true });
  });
  const asked: { zones: readonly ServedZone[]; comparisons: Comparison[] }[] = [];

  test('the peers are asked', { timeout: 240_000 }, async () => {
    const random = new Random();
    for (const { name, zones } of zoneGroups(join(folder, 'keys'), random)) {
      const queries = makeQueries(zones, queriesPerGroup, random);
      await withPeers(zones, join(folder, name.replaceAll(' ', '-')), async (peers) => {
        asked.push({ zones, comparisons: await compare(peers, queries) });
      });
    }
  });

  test('there are at least 30', () => assert.ok(defects.length >= 30));

  defects.forEach(({ file, from, to, what }, index) => {
    test(what, { timeout: 60_000 }, async () => {
      const copy = join(copies, String(index));
      mkdirSync(copy, { recursive: true });
      cpSync(sources, copy, { recursive: true });
      const path = join(copy, file);
      const text = readFileSync(path, 'utf8');
      assert.equal(text.split(from).length, 2, `${file} has exactly one: ${from}`);
      writeFileSync(
        path,
        text.replace(from, () => to),
      );
      assert.ok(await isNoticed(pathToFileURL(`${copy}/`)), 'nobody noticed');
      rmSync(copy, { recursive: true, force: true });
    });
  });

  async function isNoticed(base: URL): Promise<boolean> {
    const targets = ['bind', 'nsd', 'knot', 'riad'].map((name) => ({ name, address: '', port: 0 }));
    for (const { zones, comparisons } of asked) {
      const riad = await riadAnswering(zones, base);
      for (let at = 0; at < comparisons.length; at += 500) {
        const some = comparisons.slice(at, at + 500).map(({ query, answers }) => ({
          query,
          answers: [...answers, normalise(riad.answer(query.octets))],
        }));
        if (
          departures(targets, some, 'riad').some((departure) => excuseOf(departure) === undefined)
        )
          return true;
      }
    }
    return false;
  }
});
