/** The grammar of key names, row by row. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { formatName, nameFromLabels, parseName } from '@riad/dns/name';
import { Random, seed } from '@riad/octets/testing/random';
import { readKeyName } from './key-name.ts';

/** `right zone primary>secondary self`, or why nothing is granted. */
function told(name: string): string {
  const reading = readKeyName(parseName(name));
  if (!reading.grants) return reading.why;
  const { right, zone, peers, self } = reading.grant;
  const words = [right, formatName(zone)];
  if (peers !== undefined) words.push(`${peers.primary}>${peers.secondary ?? '?'}`);
  if (self !== undefined) words.push(`self ${formatName(self)}`);
  return words.join(' ');
}

const six1 = '20010db8000000000000000000000001';
const six2 = '20010DB8000000000000000000000002';

for (const [title, rows] of Object.entries({
  'right and zone': [
    ['client._update.', 'update . self client.'],
    ['foo._notify.example.com.', 'notify example.com. self foo.example.com.'],
    ['_transfer.example.com.', 'transfer example.com.'],
    ['_update.', 'update .'],
    ['a.b._UpDate.EXAMPLE.', 'update example. self a.b.example.'],
  ],
  'the rightmost word wins': [
    ['_update.foo._transfer.com.', 'transfer com. self _update.foo.com.'],
    ['_update._transfer.', 'transfer . self _update.'],
    ['_transfer._update.example.', 'update example. self _transfer.example.'],
  ],
  'the zone is a host name': [
    ['x._update._or.foo.com.', 'zone-no-host-name'],
    ['x._update._tcp.', 'zone-no-host-name'],
    ['x._update.-a.example.', 'zone-no-host-name'],
    ['x._update.a-.example.', 'update a-.example. self x.a-.example.'],
    ['x._update.example.123.', 'zone-no-host-name'],
    [
      'x._update.2.0.192.in-addr.arpa.',
      'update 2.0.192.in-addr.arpa. self x.2.0.192.in-addr.arpa.',
    ],
    ['x._update.a\\.b.example.', 'zone-no-host-name'],
    ['x._update.\\195\\164.example.', 'zone-no-host-name'],
    ['x._update.*.example.', 'zone-no-host-name'],
  ],
  'no operation': [
    ['.', 'no-operation'],
    ['key.example.com.', 'no-operation'],
    ['update.example.com.', 'no-operation'],
    ['_updates.example.com.', 'no-operation'],
    ['\\095notify\\.x.example.', 'no-operation'],
  ],
  peers: [
    [
      '1.2.3.4.5.6.7.8._transfer.one.com.',
      'transfer one.com. 1.2.3.4>5.6.7.8 self 1.2.3.4.5.6.7.8.one.com.',
    ],
    ['1.2.3.4.5.6.7.8._transfer.', 'transfer . 1.2.3.4>5.6.7.8 self 1.2.3.4.5.6.7.8.'],
    [
      'laptop.1.2.3.4._transfer.one.com.',
      'transfer one.com. 1.2.3.4>? self laptop.1.2.3.4.one.com.',
    ],
    [
      '10.0.42.2.10.0.42.4._transfer.mirage.',
      'transfer mirage. 10.0.42.2>10.0.42.4 self 10.0.42.2.10.0.42.4.mirage.',
    ],
    ['x.1.2.3.4.5.6.7.8._transfer.a.', 'transfer a. 1.2.3.4>5.6.7.8 self x.1.2.3.4.5.6.7.8.a.'],
    ['2.3.4._transfer.a.', 'transfer a. self 2.3.4.a.'],
    ['1.2.3.256._transfer.a.', 'transfer a. self 1.2.3.256.a.'],
    ['1.2.3.04._transfer.a.', 'transfer a. self 1.2.3.04.a.'],
    ['1.2\\.3.4.5._transfer.a.', 'transfer a. self 1.2\\.3.4.5.a.'],
    ['300.2.3.4.5.6.7.8._transfer.a.', 'transfer a. 5.6.7.8>? self 300.2.3.4.5.6.7.8.a.'],
    ['1.2.3.4._transfer._update.a.', 'update a. 1.2.3.4>? self 1.2.3.4._transfer.a.'],
    [
      '1.2.3.4._transfer.5.6.7.8._transfer.a.',
      'transfer a. 5.6.7.8>? self 1.2.3.4._transfer.5.6.7.8.a.',
    ],
    ['1.2.3.4._update.a.', 'update a. self 1.2.3.4.a.'],
  ],
  'IPv6 peers': [
    [
      `${six1}.${six2}._transfer.a.`,
      `transfer a. 2001:db8::1>2001:db8::2 self ${six1}.${six2.toLowerCase()}.a.`,
    ],
    [`${six1}._transfer.a.`, `transfer a. 2001:db8::1>? self ${six1}.a.`],
    [`1.2.3.4.${six1}._transfer.a.`, `transfer a. 1.2.3.4>2001:db8::1 self 1.2.3.4.${six1}.a.`],
    [`${six1}.1.2.3.4._transfer.a.`, `transfer a. 2001:db8::1>1.2.3.4 self ${six1}.1.2.3.4.a.`],
    [`${six1}0._transfer.a.`, `transfer a. self ${six1}0.a.`],
    [`${six1.slice(1)}._transfer.a.`, `transfer a. self ${six1.slice(1)}.a.`],
    [
      '00000000000000000000ffffc0000201._transfer.a.',
      'transfer a. 192.0.2.1>? self 00000000000000000000ffffc0000201.a.',
    ],
  ],
} as const)) {
  describe(title, () => {
    for (const [name, expected] of rows) {
      test(name, () => assert.equal(told(name), expected));
    }
  });
}

test(`reading a name is total (RIAD_SEED=${seed})`, () => {
  const random = new Random();
  const words = ['_update', '_transfer', '_notify', 'a', '1', '255', '2', six1, '_x', '-'];
  let granting = 0;
  for (let run = 0; run < 5000; run++) {
    const labels = Array.from({ length: random.below(12) }, () =>
      random.chance(0.05)
        ? random.octets(random.between(1, 10))
        : new TextEncoder().encode(random.pick(words)),
    );
    if (labels.reduce((sum, label) => sum + label.length + 1, 1) > 255) continue;
    if (readKeyName(nameFromLabels(labels)).grants) granting++;
  }
  assert.ok(granting > 500, `${granting}`);
});
