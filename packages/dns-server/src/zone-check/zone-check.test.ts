import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseName } from '@riad/dns/name';
import { readZoneFile } from '@riad/dns/zonefile/reader';
import { CheckedZone } from './checked-zone.ts';
import { checkZone, maxZoneWarnings, warnings } from './zone-check.ts';

const head = `$TTL 3600
@ SOA ns1 hostmaster 1 7200 3600 1209600 300
@ NS ns1
@ NS ns.elsewhere.example.
ns1 A 192.0.2.1
`;

function check(text: string): string[] {
  const origin = parseName('zone.example.');
  const zone = new CheckedZone(origin);
  const errors = readZoneFile(new TextEncoder().encode(text), { file: 'x', origin }, zone);
  assert.deepEqual(errors, []);
  return checkZone(zone).map(({ code, line }) => `${line} ${code.slice('check.'.length)}`);
}

describe('the check of a zone', () => {
  const cases: readonly [about: string, text: string, expected: readonly string[]][] = [
    ['nothing', '', []],
    ['glue that is there', 'sub NS ns.sub\nns.sub A 192.0.2.2\n', []],
    ['glue that is not', 'sub NS ns.sub\n', ['6 glue-missing']],
    ['a server of another delegation', 'a NS ns.b\nb NS ns.b\nns.b AAAA 2001:db8::1\n', []],
    ['a delegation to a host of the zone', 'sub NS ns1\n', []],
    ['a delegation to nobody', 'sub NS nobody\n', ['6 target-missing']],
    ['mail to nobody', '@ MX 10 mail\n', ['6 target-missing']],
    ['mail through a wildcard', '@ MX 10 mail\n* A 192.0.2.3\n', []],
    ['mail to a wildcard without addresses', '@ MX 10 mail\n* TXT x\n', ['6 target-address']],
    ['mail to an alias', '@ MX 10 mail\nmail CNAME ns1\n', ['6 target-alias']],
    ['mail to a host without address', '@ MX 10 mail\nmail TXT x\n', ['6 target-address']],
    ['mail to an empty non-terminal', '@ MX 10 mail\nx.mail A 192.0.2.3\n', ['6 target-address']],
    ['an address outside', 'ns.elsewhere.example. A 192.0.2.3\n', ['6 outside-glue']],
    ['a missing final dot', 'www.zone.example A 192.0.2.3\n', ['6 name-twice']],
    ['one in a target', '@ MX 10 mail.zone.example\n', ['6 name-twice']],
    ['one in an alias', 'www CNAME mail.zone.example\n', ['6 name-twice']],
    ['no mail (RFC 7505)', '@ MX 0 .\n', []],
    ['mail to an address', '@ MX 10 192.0.2.1.\n', ['6 ns-address']],
    ['a service at nobody', '_x._tcp SRV 0 0 80 nobody\n', ['6 target-missing']],
    ['an alias of nobody', 'www CNAME nobody\n', ['6 target-missing']],
    [
      'an alias of a name elsewhere or below a cut',
      'a CNAME x.example.\nb CNAME c.sub\nsub NS ns1\n',
      [],
    ],
    ['data below a cut', 'sub NS ns1\nx.sub TXT lost\ny.sub A 192.0.2.1\n', ['7 occluded']],
    ['data below a DNAME', 'sub DNAME x.example.\ny.sub A 192.0.2.1\n', ['7 occluded']],
    ['different TTLs', 'x 60 A 192.0.2.1\nx 61 A 192.0.2.2\n', ['7 ttl-differs']],
    [
      'two SPF records',
      'x TXT "v=spf1 -all"\nx TXT "v=spf1 mx -all"\nx TXT "v=spf10"\n',
      ['7 spf-twice'],
    ],
    ['a label with a dot', 'a\\.b A 192.0.2.1\nwww CNAME a\\.b\n', []],
  ];
  for (const [about, text, expected] of cases)
    test(about, () => assert.deepEqual(check(head + text), expected));

  test('one name server, and times of the SOA', () => {
    const text =
      '$TTL 2d\n@ SOA ns1 hostmaster 1 7200 3600 9000 172800\n@ NS ns1\nns1 A 192.0.2.1\n';
    assert.deepEqual(check(text), ['2 soa-expire', '2 soa-negative', '3 single-ns']);
  });

  test('the root zone', () => {
    const zone = new CheckedZone(parseName('.'));
    const text =
      '$TTL 60\n@ SOA a.b. c. 1 7200 3600 1209600 60\n@ NS a.b.\n@ NS c.d.\nb. NS a.b.\na.b. A 192.0.2.1\n';
    readZoneFile(new TextEncoder().encode(text), { file: 'x', origin: parseName('.') }, zone);
    assert.deepEqual(
      checkZone(zone).map(({ code }) => code),
      ['check.target-missing'],
    );
  });

  test('no more are told than are read, and each code has its sentence', () => {
    const many = Array.from({ length: 500 }, (_, i) => `x${i} CNAME none${i}\n`).join('');
    assert.equal(check(head + many).length, maxZoneWarnings);
    for (const sentence of Object.values(warnings)) assert.match(sentence, /^[a-zA-Z].*[a-z]$/);
  });
});
