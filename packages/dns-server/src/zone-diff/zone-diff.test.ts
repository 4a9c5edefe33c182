/** What two versions of a zone answer differently, and that nothing which differs stays unseen. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseRecordType } from '@riad/dns/iana/record-types';
import { isSubdomain, isWildcard, type Name, nameKey, parentName, parseName } from '@riad/dns/name';
import { Arena } from '@riad/octets/arena';
import type { UnixSeconds } from '@riad/octets/engine';
import { Random } from '@riad/octets/testing/random';
import { hostZone, sha1 } from '../testing/built-zone.ts';
import { ZoneImage } from '../zone-image/zone-image.ts';
import { AskedImage, askedTailOctets } from './asked-image.ts';
import { formatDifference } from './difference-text.ts';
import { typeOfNothing } from './questions.ts';
import { meaningOf, readAnswer } from './seen-answer.ts';
import { diffZones, type ZoneDiff } from './zone-diff.ts';

const apex = 'example.com.';
const now2026 = 1_795_000_000 as UnixSeconds; // 2026-11-18
const head = (serial: number): string => `$TTL 60
@ SOA ns1 hostmaster ${serial} 3600 900 2419200 300
@ NS ns1
ns1 A 192.0.2.1
`;

function imageOf(text: string): ZoneImage {
  const image = ZoneImage.create(Arena.reserve(4 << 20, askedTailOctets), 0x5eed);
  hostZone(image, apex, text);
  return image;
}

function diff(before: string, after: string): ZoneDiff {
  return diffZones(imageOf(before), imageOf(after), parseName(apex), sha1, now2026);
}

/** Of lines behind the same head. */
function told(before: string, after: string): { differences: string[]; warnings: string[] } {
  const { differences, warnings } = diff(head(1) + before, head(2) + after);
  return {
    differences: differences.map(formatDifference),
    warnings: warnings.map(({ code, message }) => `${code} ${message}`),
  };
}

describe('what is answered differently', () => {
  const cases: readonly [
    why: string,
    before: string,
    after: string,
    expected: readonly string[],
  ][] = [
    ['nothing', 'www A 192.0.2.2\n', 'WWW A 192.0.2.2 ; spelled otherwise\n', []],
    ['another order', 'a A 192.0.2.2\na A 192.0.2.3\n', 'a A 192.0.2.3\na A 192.0.2.2\n', []],
    [
      'an address',
      'www A 192.0.2.2\n',
      'www A 192.0.2.3\n',
      ['www.example.com. A: 192.0.2.2, now 192.0.2.3'],
    ],
    [
      'a TTL',
      'www A 192.0.2.2\n',
      'www 90 A 192.0.2.2\n',
      ['www.example.com. A: kept for 60 s, now for 90 s'],
    ],
    ['a new name', '', 'www A 192.0.2.2\n', ['www.example.com. A: no such name, now 192.0.2.2']],
    [
      'a name that goes',
      'www A 192.0.2.2\n',
      '',
      ['www.example.com. A: 192.0.2.2, now no such name'],
    ],
    [
      'a type that goes',
      'x A 192.0.2.2\nx TXT t\n',
      'x TXT t\n',
      ['x.example.com. A: 192.0.2.2, now no such data'],
    ],
    [
      'an empty non-terminal',
      '',
      'a.b A 192.0.2.2\n',
      [
        'b.example.com.: does not exist, now exists',
        'a.b.example.com. A: no such name, now 192.0.2.2',
      ],
    ],
    [
      'an alias and what it leads to',
      'www CNAME a\na A 192.0.2.2\nb A 192.0.2.3\n',
      'www CNAME b\na A 192.0.2.2\nb A 192.0.2.3\n',
      [
        'www.example.com. A: CNAME a.example.com., a.example.com. 192.0.2.2, now CNAME b.example.com., b.example.com. 192.0.2.3',
        'www.example.com. CNAME: CNAME a.example.com., now CNAME b.example.com.',
        'www.example.com. AAAA: CNAME a.example.com., which leads to nothing, now CNAME b.example.com., which leads to nothing',
      ],
    ],
    [
      'a wildcard',
      '* A 192.0.2.2\n',
      '* A 192.0.2.3\n',
      [
        '*.example.com. A: 192.0.2.2, now 192.0.2.3',
        'any other name below example.com. A: 192.0.2.2 (wildcard), now 192.0.2.3 (wildcard)',
      ],
    ],
    [
      'a new name under a wildcard',
      '*.w A 192.0.2.2\n*.w MX 10 ns1\n',
      '*.w A 192.0.2.2\n*.w MX 10 ns1\nx.w A 192.0.2.9\n',
      [
        'x.w.example.com. A: 192.0.2.2 (wildcard), now 192.0.2.9',
        'x.w.example.com. MX: 10 ns1.example.com. (wildcard), now no such data',
        'any other name below x.w.example.com. A: 192.0.2.2 (wildcard), now no such name',
        'any other name below x.w.example.com. MX: 10 ns1.example.com. (wildcard), now no such name',
      ],
    ],
    [
      'a delegation',
      'sub A 192.0.2.2\nwww.sub A 192.0.2.3\n',
      'sub NS ns.sub\nns.sub A 192.0.2.4\nwww.sub A 192.0.2.3\n',
      [
        'sub.example.com. A: 192.0.2.2, now referral to sub.example.com. at ns.sub.example.com., glue ns.sub.example.com. 192.0.2.4',
        'sub.example.com. NS: no such data, now referral to sub.example.com. at ns.sub.example.com., glue ns.sub.example.com. 192.0.2.4',
        'any other name below sub.example.com.: does not exist, now belongs to a delegation',
        'ns.sub.example.com. A: no such name, now referral to sub.example.com. at ns.sub.example.com., glue ns.sub.example.com. 192.0.2.4',
        'www.sub.example.com. A: 192.0.2.3, now referral to sub.example.com. at ns.sub.example.com., glue ns.sub.example.com. 192.0.2.4',
      ],
    ],
    [
      'glue',
      'sub NS ns.sub\nns.sub A 192.0.2.4\n',
      'sub NS ns.sub\nns.sub A 192.0.2.5\n',
      [
        'sub.example.com. NS: referral to sub.example.com. at ns.sub.example.com., glue ns.sub.example.com. 192.0.2.4, now referral to sub.example.com. at ns.sub.example.com., glue ns.sub.example.com. 192.0.2.5',
        'ns.sub.example.com. A: referral to sub.example.com. at ns.sub.example.com., glue ns.sub.example.com. 192.0.2.4, now referral to sub.example.com. at ns.sub.example.com., glue ns.sub.example.com. 192.0.2.5',
      ],
    ],
    [
      'DS, which is the parent’s to answer',
      `sub NS ns1\nsub DS 1 8 2 ${'ab'.repeat(32)}\n`,
      'sub NS ns1\n',
      [`sub.example.com. DS: 1 8 2 ${'AB'.repeat(32)}, now no such data`],
    ],
    [
      'DNAME',
      'd DNAME a\na A 192.0.2.2\n',
      'd DNAME b\na A 192.0.2.2\n',
      [
        'd.example.com. DNAME: DNAME a.example.com., now DNAME b.example.com.',
        'any other name below d.example.com. A: d.example.com. DNAME a.example.com., CNAME any-other.a.example.com., which leads to nothing, now d.example.com. DNAME b.example.com., CNAME any-other.b.example.com., which leads to nothing',
      ],
    ],
  ];
  for (const [why, before, after, expected] of cases) {
    test(why, () => assert.deepEqual(told(before, after).differences, [...expected]));
  }

  test('the SOA beside its serial', () => {
    const { differences, warnings } = diff(head(1), head(2).replace('hostmaster', 'other'));
    assert.match(formatDifference(differences[0]!), /^example\.com\. SOA: /);
    assert.deepEqual(
      warnings.map(({ code }) => code),
      ['diff.soa'],
    );
  });

  test('a zone that comes or goes is told as a whole', () => {
    const image = imageOf(head(1));
    const gone = diffZones(image, undefined, parseName(apex), sha1, now2026);
    assert.deepEqual(
      [gone.serials, gone.records, gone.differences, gone.warnings.map(({ code }) => code)],
      [[1, undefined], [3, 0], [], ['diff.zone-gone']],
    );
    const come = diffZones(undefined, image, parseName(apex), sha1, now2026);
    assert.deepEqual([come.serials, come.warnings], [[undefined, 1], []]);
  });

  test('an image without room for answers is the caller’s fault', () => {
    const image = ZoneImage.create(Arena.reserve(1 << 20), 1);
    hostZone(image, apex, head(1));
    assert.throws(() => diffZones(image, image, parseName(apex), sha1, now2026), RangeError);
  });
});

describe('warnings', () => {
  const dkim = 'x._domainkey TXT "v=DKIM1; k=rsa; p=MIGf" "MA0G"\n';
  const cases: readonly [
    why: string,
    before: string,
    after: string,
    expected: readonly string[],
  ][] = [
    ['nothing to warn of', 'www A 192.0.2.2\n', 'www A 192.0.2.3\n', []],
    ['MX gone', '@ MX 10 ns1\n', '', ['diff.mail-gone']],
    ['no mail any more', '@ MX 10 ns1\n', '@ MX 0 .\n', ['diff.mail-refused']],
    ['null MX gone', '@ MX 0 .\n', '', []],
    ['SPF gone', '@ TXT "v=spf1 -all"\n@ TXT x\n', '@ TXT x\n', ['diff.spf-gone']],
    ['SPF changed', '@ TXT "v=spf1 -all"\n', '@ TXT "v=spf1 mx -all"\n', []],
    [
      'SPF twice',
      '@ TXT "v=spf1 -all"\n',
      '@ TXT "v=spf1 -all"\n@ TXT "v=spf1 mx"\n',
      ['diff.spf-twice'],
    ],
    ['DKIM gone', dkim, '', ['diff.dkim-gone']],
    ['DKIM revoked', dkim, 'x._domainkey TXT "v=DKIM1; p="\n', ['diff.dkim-gone']],
    ['DKIM changed', dkim, 'x._domainkey TXT "v=DKIM1; p=AAAA"\n', ['diff.dkim-changed']],
    ['DKIM said otherwise', dkim, 'x._domainkey TXT "p=MIGfMA0G"\n', []],
    ['DMARC gone', '_dmarc TXT "v=DMARC1; p=none"\n', '', ['diff.dmarc-gone']],
    ['MTA-STS gone', '_mta-sts TXT "v=STSv1; id=1"\n', '', ['diff.mta-sts-gone']],
    ['MTA-STS host gone', 'mta-sts A 192.0.2.2\n', '', ['diff.mta-sts-host']],
    [
      'MX changed, the id of the policy not',
      '@ MX 10 ns1\n_mta-sts TXT "v=STSv1; id=1"\n',
      '@ MX 10 mx.elsewhere.test.\n_mta-sts TXT "v=STSv1; id=1"\n',
      ['diff.mta-sts-id'],
    ],
    [
      'MX changed, and the id',
      '@ MX 10 ns1\n_mta-sts TXT "v=STSv1; id=1"\n',
      '@ MX 10 mx.elsewhere.test.\n_mta-sts TXT "v=STSv1; id=2"\n',
      [],
    ],
    ['a wildcard hidden', '* A 192.0.2.2\n', '* A 192.0.2.2\nx TXT t\n', ['diff.wildcard-hidden']],
    [
      'a wildcard hidden by a deep name',
      '* A 192.0.2.2\n',
      '* A 192.0.2.2\na.b A 192.0.2.2\n',
      ['diff.wildcard-hidden'],
    ],
    ['a wildcard that goes hides nothing', '* A 192.0.2.2\n', '', []],
    [
      'a new cut over names',
      'a.b A 192.0.2.2\n',
      'a.b A 192.0.2.2\nb NS ns1\n',
      ['diff.delegation-new'],
    ],
    ['a cut gone', 'b NS ns1\n', '', ['diff.delegation-gone']],
    [
      'glue gone',
      'b NS n.b\nb NS m.b\nn.b A 192.0.2.2\nm.b A 192.0.2.3\n',
      'b NS n.b\nb NS m.b\nn.b A 192.0.2.2\n',
      ['diff.glue-gone'],
    ],
    [
      'a server gone with its glue',
      'b NS n.b\nb NS m.b\nn.b A 192.0.2.2\nm.b A 192.0.2.3\n',
      'b NS n.b\nn.b A 192.0.2.2\n',
      [],
    ],
    ['the apex’s servers', '', '@ NS ns2.elsewhere.test.\n', ['diff.apex-ns']],
    ['the apex’s address', '@ A 192.0.2.2\n', '', ['diff.apex-address']],
    ['DS gone', `b NS ns1\nb DS 1 8 2 ${'ab'.repeat(32)}\n`, 'b NS ns1\n', ['diff.ds-gone']],
    [
      'DS changed',
      `b NS ns1\nb DS 1 8 2 ${'ab'.repeat(32)}\n`,
      `b NS ns1\nb DS 2 8 2 ${'cd'.repeat(32)}\n`,
      ['diff.ds-changed'],
    ],
    [
      'DS added',
      `b NS ns1\nb DS 1 8 2 ${'ab'.repeat(32)}\n`,
      `b NS ns1\nb DS 1 8 2 ${'ab'.repeat(32)}\nb DS 2 8 2 ${'cd'.repeat(32)}\n`,
      [],
    ],
    ['unsigned', '@ DNSKEY 257 3 13 AAAA\n', '', ['diff.dnskey-gone']],
    ['other keys', '@ DNSKEY 257 3 13 AAAA\n', '@ DNSKEY 257 3 13 BBBB\n', ['diff.dnskey-changed']],
    [
      'a target gone',
      'a CNAME t\nt A 192.0.2.2\nt AAAA ::1\n',
      'a CNAME t\n',
      ['diff.alias-target-gone'],
    ],
    ['a long TTL, changed', 'a 7200 A 192.0.2.2\n', 'a 60 A 192.0.2.3\n', ['diff.slow-to-undo']],
    ['a long TTL, gone', 'a 7200 A 192.0.2.2\n', '', ['diff.slow-to-undo']],
    ['a long TTL, new', '', 'a 7200 A 192.0.2.2\n', []],
    ['a long TTL, only made short', 'a 7200 A 192.0.2.2\n', 'a 60 A 192.0.2.2\n', []],
  ];
  for (const [why, before, after, expected] of cases) {
    test(why, () => {
      const { warnings } = told(before, after);
      assert.deepEqual(
        [...new Set(warnings.map((line) => line.split(' ')[0]))],
        [...expected],
        warnings.join('\n'),
      );
    });
  }

  test('a serial that is not newer, where there is something to transfer', () => {
    const codes = (before: string, after: string): string[] =>
      diff(before, after).warnings.map(({ code }) => code);
    assert.deepEqual(codes(head(5), `${head(5)}x A 192.0.2.2\n`), ['diff.serial']);
    assert.deepEqual(codes(head(5), `${head(4)}x A 192.0.2.2\n`), ['diff.serial']);
    assert.deepEqual(codes(head(5), head(5)), []);
  });

  test('a long negative TTL keeps a new name unknown', () => {
    const slow = (serial: number): string =>
      head(serial).replace('TTL 60', 'TTL 86400').replace(' 300\n', ' 7200\n');
    const { warnings } = diff(slow(1), `${slow(2)}x A 192.0.2.2\n`);
    assert.deepEqual(
      warnings.map(({ code }) => code),
      ['diff.slow-to-undo'],
    );
    assert.match(warnings[0]!.message, /that there is none for 7200 s/);
  });
});

describe('nothing that differs stays unseen', () => {
  const labels = ['a', 'b', 'c', '*', 'd'];
  const types = ['A', 'MX', 'TXT', 'NS', 'CNAME', 'DNAME', 'DS'];
  const nameFrom = (random: Random): string => {
    let name = apex;
    for (let depth = random.between(1, 3); depth > 0; depth--)
      name = `${random.pick(labels)}.${name}`;
    return name;
  };
  const recordFrom = (random: Random): string => {
    const type = random.pick(types);
    const data = {
      A: `192.0.2.${random.below(3)}`,
      MX: `10 ${nameFrom(random)}`,
      TXT: `t${random.below(2)}`,
      NS: nameFrom(random),
      CNAME: nameFrom(random),
      DNAME: nameFrom(random),
      DS: `${random.below(2)} 8 2 ${'ab'.repeat(32)}`,
    }[type];
    return `${nameFrom(random)} 60 ${type} ${data}`;
  };
  /** As many of the lines as make a zone. */
  const zoneOf = (serial: number, lines: readonly string[]): ZoneImage => {
    const taken: string[] = [];
    for (const line of lines) {
      try {
        imageOf(`${head(serial)}${[...taken, line].join('\n')}\n`);
        taken.push(line);
      } catch {}
    }
    return imageOf(`${head(serial)}${taken.join('\n')}\n`);
  };

  test('in random zones, by asking at random', () => {
    let differing = 0;
    for (let seed = 1; seed <= 120; seed++) {
      const random = new Random(seed);
      const lines = Array.from({ length: 8 }, () => recordFrom(random));
      const edited = lines.filter(() => random.chance(0.8));
      for (let i = random.below(3); i > 0; i--) edited.push(recordFrom(random));
      const [before, after] = [zoneOf(1, lines), zoneOf(2, edited)];
      const { differences } = diffZones(before, after, parseName(apex), sha1, now2026);
      using old = new AskedImage(before, sha1);
      using now = new AskedImage(after, sha1);
      for (let i = 0; i < 200; i++) {
        const name = parseName(random.chance(0.3) ? `zz.${nameFrom(random)}` : nameFrom(random));
        const type = parseRecordType(random.pick(types))!;
        const [first, second] = [old, now].map((image) =>
          meaningOf(readAnswer(image.ask(name, type), type, image.fromWildcard)),
        );
        if (first === second) continue;
        differing++;
        const seen = differences.some((difference) => {
          if (difference.aspect === 'name') {
            // What is told of a name’s existence is told for all types it has not.
            const existence =
              difference.type === typeOfNothing ||
              difference.before.outcome === 'name-error' ||
              difference.after.outcome === 'name-error' ||
              difference.before.outcome === 'referral' ||
              difference.after.outcome === 'referral' ||
              difference.type === 5;
            return (
              nameKey(difference.name) === nameKey(name) && (difference.type === type || existence)
            );
          }
          return isSubdomain(name, parentOf(difference.about));
        });
        assert.ok(
          seen || leadsOn(first!) || leadsOn(second!),
          `seed ${seed}: ${nameKey(name)} ${type}: ${first} | ${second}`,
        );
      }
    }
    assert.ok(differing > 1000, `${differing}`);
  });

  /** Through an alias: its target’s own difference is told. */
  function leadsOn(meaning: string): boolean {
    return / (?:5|39) /.test(meaning);
  }

  function parentOf(about: Name): Name {
    return isWildcard(about) ? parentName(about)! : about;
  }
});
