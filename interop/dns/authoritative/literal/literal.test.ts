/**
 * Riad's answering function and the literal reading are asked the same. What they say is compared
 * without a limit of size, so nothing is cut: RCODE, AA, and each section as a set.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { RecordTypeCode as Type } from '@riad/dns/iana/record-types';
import type { ResourceRecord } from '@riad/dns/message';
import { appendName, formatName, type Name, nameKey, parseName } from '@riad/dns/name';
import { Random, seed } from '@riad/octets/testing/random';
import { type Normalised, normalise, normaliseSections } from '../compare.ts';
import { encodeQuery, makeQueries, type Query } from '../queries.ts';
import { riadAnswering } from '../riad.ts';
import { zoneGroups } from '../zones/groups.ts';
import { missingSigner } from '../zones/signed.ts';
import { readLiterally } from './reading.ts';
import { type LiteralZone, literalZone } from './zone.ts';

const queriesPerGroup = 5_500; // of four groups: 22,000
const tcp = 1;

/** Besides what chance picks, every name that is there, and one below each, is asked for these. */
const askedOfAll = [Type.A, Type.NS, Type.CNAME, Type.DS, Type.TXT, Type.DNAME, 255];

describe(`the literal reading of RFC 1034 §4.3.2 (seed ${seed})`, { skip: missingSigner }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'riad-literal-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const random = new Random();
  const groups = missingSigner === false ? zoneGroups(join(folder, 'keys'), random) : [];

  for (const { name, zones } of groups) {
    test(`zones: ${name}`, { timeout: 120_000 }, async (context) => {
      const literal = zones.map(literalZone);
      const queries = [...makeQueries(zones, queriesPerGroup, random), ...everyName(literal)];
      const riad = await riadAnswering(zones);
      const different: [string, Normalised, Normalised][] = [];
      for (const query of queries) {
        const { name: asked, type, edns } = query;
        const dnssecOk = edns?.do ?? false;
        const reading = readLiterally(literal, { name: asked, type, dnssecOk });
        const own = normalise(riad.answer(query.octets, tcp));
        const wanted: Normalised = {
          rcode: String(reading.rcode),
          aa: String(reading.aa),
          tc: 'false',
          ...normaliseSections(reading.answer, reading.authority, reading.additional),
        };
        if (JSON.stringify(own) !== JSON.stringify(wanted))
          different.push([query.text, own, wanted]);
      }
      context.diagnostic(
        `${queries.length} queries, ${different.length} answers unlike the literal reading`,
      );
      assert.deepEqual(different.slice(0, 3), []);
    });
  }
});

function everyName(zones: readonly LiteralZone[]): Query[] {
  const names = new Map<string, Name>();
  for (const { records } of zones) {
    for (const [{ owner, type }] of records.values() as Iterable<[ResourceRecord]>) {
      names.set(nameKey(owner), owner);
      if (type === Type.NSEC3) continue;
      const below = appendName(parseName('q.'), owner);
      if (below !== undefined) names.set(nameKey(below), below);
    }
  }
  const edns = { udpPayloadSize: 1232, do: true };
  return [...names.values()].flatMap((name) =>
    askedOfAll.map((type) => ({
      octets: encodeQuery(name, type, edns, false),
      ...{ name, type, edns, rd: false, about: 'every name' },
      text: `${formatName(name)} ${type}, DO`,
    })),
  );
}
