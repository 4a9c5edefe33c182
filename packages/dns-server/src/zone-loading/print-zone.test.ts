/** What is loaded is printed as a zone that loads again, with nothing for the check to refuse. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseName } from '@riad/dns/name';
import { Random } from '@riad/octets/testing/random';
import { encodeUtf8 } from '@riad/octets/utf8';
import { emptyImage, linesOf, sha1 } from '../testing/built-zone.ts';
import { randomZone } from '../testing/random-zone.ts';
import type { ZoneImage } from '../zone-image/zone-image.ts';
import { type LoadOutcome, loadZone } from './load-zone.ts';
import { printZone } from './print-zone.ts';

function load(name: string, text: Uint8Array): { image: ZoneImage; outcome: LoadOutcome } {
  const image = emptyImage();
  const apexName = parseName(name);
  const request = { apexName, text, file: name, before: undefined, confirmed: true };
  return { image, outcome: loadZone(image, { ...request, include: () => undefined }, sha1) };
}

test('printing what was loaded and loading what was printed changes nothing', () => {
  let loaded = 0;
  for (let seed = 1; seed <= 60; seed++) {
    const { name, text } = randomZone(new Random(seed), 60);
    const glue =
      name === '.' ? '' : 'far.elsewhere.test. 60 A 192.0.2.1\nFAR.elsewhere.test. 60 AAAA ::1\n';
    const first = load(name, encodeUtf8(`${text}${name} 60 NS far.elsewhere.test.\n${glue}`));
    if (first.outcome.kind !== 'loaded') continue;
    loaded++;
    const apexName = parseName(name);
    const printed = printZone(first.image, apexName);
    const second = load(name, printed);
    assert.equal(second.outcome.kind, 'loaded', `seed ${seed}: ${JSON.stringify(second.outcome)}`);
    assert.deepEqual(linesOf(second.image, apexName), linesOf(first.image, apexName), `${seed}`);
  }
  assert.ok(loaded > 20, `${loaded} of 60 zones are loadable`);
});

describe('addresses outside the zone', () => {
  const head = '$TTL 60\n@ SOA ns h 1 2 3 4 5\n@ NS ns.elsewhere.test.\nsub NS NS.far.test.\n';
  for (const [why, lines, expected] of [
    ['of its name server: left out', 'ns.elsewhere.test. A 192.0.2.1\n', []],
    ['of that of a delegation', 'ns.FAR.test. AAAA 2001:db8::1\n', []],
    ['of nobody', 'www.elsewhere.test. A 192.0.2.1\n', [5]],
    ['and something else', 'ns.elsewhere.test. A 192.0.2.1\nns.elsewhere.test. TXT x\n', [6]],
    ['more than name servers have', 'ns.elsewhere.test. A 192.0.2.1\n'.repeat(1001), [1005]],
  ] as const) {
    test(why, () => {
      const { image, outcome } = load('zone.test.', encodeUtf8(head + lines));
      const faults = outcome.kind === 'refused' ? outcome.faults : [];
      assert.deepEqual(
        faults.map(({ code, line }) => [code, line]),
        expected.map((line) => ['zone.out-of-zone', line]),
      );
      if (outcome.kind !== 'loaded') return;
      assert.equal(outcome.text.regular, false, 'an edit is read as a whole');
      assert.ok(
        linesOf(image, parseName('zone.test.')).every((line) => line.includes('zone.test.')),
      );
    });
  }

  test('whose name server goes: the edited text is refused, as if it were new', () => {
    const text = encodeUtf8(`${head}ns.elsewhere.test. A 192.0.2.1\n`);
    const { image, outcome } = load('zone.test.', text);
    assert.ok(outcome.kind === 'loaded');
    const edited = encodeUtf8(
      `${head.replace('ns.elsewhere.test.', 'ns.other.test.')}ns.elsewhere.test. A 192.0.2.1\n`,
    );
    const again = loadZone(
      image,
      {
        apexName: parseName('zone.test.'),
        text: edited,
        file: 'zone.test',
        before: outcome.text,
        confirmed: true,
        include: () => undefined,
      },
      sha1,
    );
    assert.equal(again.kind, 'refused');
  });
});
