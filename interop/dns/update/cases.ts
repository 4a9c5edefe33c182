/**
 * Updates in the words of `nsupdate`, each with its own copy of one zone, which `%` stands for. What
 * the answers and the zones should be is not said here: the peers say it.
 */

export const zoneText = `$TTL 300
@ SOA ns1 hostmaster 10 3600 600 86400 60
@ NS ns1
@ NS ns2
@ MX 10 mail
@ TXT "apex"
ns1 A 192.0.2.1
ns2 A 192.0.2.2
ns3 A 192.0.2.4
ns4 A 192.0.2.5
mail A 192.0.2.3
one A 192.0.2.10
two A 192.0.2.20
two A 192.0.2.21
two TXT "a" "b"
mx MX 10 Mail
Mixed A 192.0.2.25
alias CNAME one
deep.ent A 192.0.2.30
*.wild A 192.0.2.40
*.wild TXT "wildcard"
sub NS ns.sub
sub NS ns1
ns.sub A 192.0.2.50
below.sub TXT "occluded"
old DNAME elsewhere.test.
ptr PTR one
srv SRV 1 2 3 one
unknown TYPE65280 \\# 4 01020304
`;

export type UpdatingPeer = 'bind' | 'knot';

export type UpdateCase = {
  readonly title: string;
  /** Messages, one after the other. */
  readonly messages: readonly (readonly string[])[];
  /** Who does otherwise than Riad in one of them, and why. */
  readonly differs?: Partial<Record<UpdatingPeer, string>>;
  /** Who is not asked, and why. */
  readonly without?: Partial<Record<UpdatingPeer, string>>;
};

const keepsTtl = 'Knot 3.2 leaves a record as it is whose TTL alone is new (RFC 2136 §3.4.2.2)';

/** A message for each prerequisite, with an addition that shows whether it was met. */
function prerequisites(title: string, lines: readonly (string | readonly string[])[]): UpdateCase {
  const messages = lines.map((line, i) => [
    ...[line].flat().map((text) => `prereq ${text}`),
    `update add met${i}.% 60 A 192.0.2.99`,
  ]);
  return { title, messages };
}

const updates = (
  title: string,
  ...messages: readonly (string | readonly string[])[]
): UpdateCase => ({
  title,
  messages: messages.map((lines) => [lines].flat().map((line) => `update ${line}`)),
});

export const prerequisiteCases: readonly UpdateCase[] = [
  prerequisites('a name in use', [
    'yxdomain one.%',
    'yxdomain ONE.%',
    'yxdomain mixed.%',
    'yxdomain %',
    'yxdomain missing.%',
    'yxdomain missing.one.%',
    'yxdomain alias.%',
    'yxdomain old.%',
    'yxdomain below.old.%',
  ]),
  prerequisites('a name not in use', [
    'nxdomain one.%',
    'nxdomain ONE.%',
    'nxdomain %',
    'nxdomain missing.%',
    'nxdomain missing.one.%',
    'nxdomain alias.%',
    'nxdomain below.old.%',
  ]),
  prerequisites('an empty non-terminal', [
    'yxdomain ent.%',
    'nxdomain ent.%',
    'yxrrset ent.% A',
    'nxrrset ent.% A',
    'yxdomain wild.%',
    'nxdomain wild.%',
  ]),
  prerequisites('a wildcard, and names below it', [
    'yxdomain *.wild.%',
    'nxdomain *.wild.%',
    'yxdomain x.wild.%',
    'nxdomain x.wild.%',
    'yxrrset x.wild.% A',
    'nxrrset x.wild.% A',
    'yxrrset x.wild.% A 192.0.2.40',
    'yxrrset *.wild.% A 192.0.2.40',
    'yxrrset *.wild.% TXT wildcard',
  ]),
  prerequisites('a delegation, glue and what it hides', [
    'yxdomain sub.%',
    'nxdomain sub.%',
    'yxdomain ns.sub.%',
    'nxdomain ns.sub.%',
    'yxdomain below.sub.%',
    'nxdomain below.sub.%',
    'nxdomain other.sub.%',
    'yxdomain other.sub.%',
    'yxrrset sub.% NS',
    'nxrrset sub.% NS',
    'yxrrset sub.% A',
    'yxrrset ns.sub.% A 192.0.2.50',
    'yxrrset below.sub.% TXT occluded',
    ['yxrrset sub.% NS ns1.%', 'yxrrset sub.% NS ns.sub.%'],
    'yxrrset sub.% NS ns1.%',
  ]),
  prerequisites('an RRset that exists', [
    'yxrrset one.% A',
    'yxrrset one.% TXT',
    'yxrrset missing.% A',
    'yxrrset alias.% A',
    'yxrrset alias.% CNAME',
    'yxrrset % SOA',
    'yxrrset % NS',
    'yxrrset unknown.% TYPE65280',
    'yxrrset two.% TXT',
  ]),
  prerequisites('an RRset that does not', [
    'nxrrset one.% A',
    'nxrrset one.% TXT',
    'nxrrset missing.% A',
    'nxrrset alias.% A',
    'nxrrset alias.% CNAME',
    'nxrrset % SOA',
  ]),
  prerequisites('values of one record', [
    'yxrrset one.% A 192.0.2.10',
    'yxrrset ONE.% A 192.0.2.10',
    'yxrrset one.% A 192.0.2.11',
    'yxrrset missing.% A 192.0.2.11',
    'yxrrset alias.% CNAME ONE.%',
    'yxrrset alias.% CNAME two.%',
    'yxrrset mx.% MX 10 mail.%',
    'yxrrset mx.% MX 10 MAIL.%',
    'yxrrset mx.% MX 11 mail.%',
    'yxrrset ptr.% PTR oNe.%',
    'yxrrset srv.% SRV 1 2 3 one.%',
    'yxrrset srv.% SRV 1 2 4 one.%',
    'yxrrset two.% TXT "a" "b"',
    'yxrrset two.% TXT "ab"',
    'yxrrset two.% TXT "A" "b"',
    'yxrrset unknown.% TYPE65280 \\# 4 01020304',
    'yxrrset unknown.% TYPE65280 \\# 4 01020305',
  ]),
  prerequisites('values of sets', [
    ['yxrrset two.% A 192.0.2.20', 'yxrrset two.% A 192.0.2.21'],
    ['yxrrset two.% A 192.0.2.21', 'yxrrset two.% A 192.0.2.20'],
    ['yxrrset two.% A 192.0.2.20'],
    ['yxrrset two.% A 192.0.2.20', 'yxrrset two.% A 192.0.2.21', 'yxrrset two.% A 192.0.2.22'],
    ['yxrrset two.% A 192.0.2.20', 'yxrrset two.% A 192.0.2.20'],
    ['yxrrset two.% A 192.0.2.20', 'yxrrset TWO.% A 192.0.2.21'],
    ['yxrrset two.% A 192.0.2.20', 'yxrrset one.% A 192.0.2.10', 'yxrrset two.% A 192.0.2.21'],
    ['yxrrset two.% A 192.0.2.20', 'yxrrset two.% TXT "a" "b"', 'yxrrset two.% A 192.0.2.21'],
    ['yxrrset two.% A 192.0.2.20', 'yxrrset one.% A 192.0.2.11', 'yxrrset two.% A 192.0.2.21'],
  ]),
  prerequisites('several, of which the first that fails decides', [
    ['yxdomain one.%', 'nxdomain missing.%', 'yxrrset one.% A', 'nxrrset one.% TXT'],
    ['yxdomain missing.%', 'nxdomain one.%'],
    ['nxdomain one.%', 'yxdomain missing.%'],
    ['yxrrset one.% TXT', 'nxrrset one.% A'],
    ['nxrrset one.% A', 'yxrrset one.% TXT'],
    ['yxrrset one.% A 192.0.2.11', 'yxdomain missing.%'],
    ['yxdomain one.%', 'yxrrset one.% A 192.0.2.11'],
  ]),
  prerequisites('names outside the zone', [
    'yxdomain one.elsewhere.example.',
    'nxdomain one.elsewhere.example.',
    'yxrrset one.elsewhere.example. A',
    'nxrrset one.elsewhere.example. A',
    'yxrrset one.elsewhere.example. A 192.0.2.1',
    ['yxdomain missing.%', 'yxdomain one.elsewhere.example.'],
  ]),
  {
    title: 'prerequisites alone change nothing',
    messages: [['prereq yxdomain one.%'], ['prereq nxdomain one.%']],
  },
];

export const updateCases: readonly UpdateCase[] = [
  updates(
    'additions',
    'add new.% 60 A 192.0.2.60',
    'add new.% 60 A 192.0.2.61',
    [
      'add new.% 60 AAAA 2001:db8::1',
      'add new.% 60 TXT "x" "y" ""',
      'add a.b.c.new.% 60 A 192.0.2.62',
    ],
    'add % 300 MX 20 mail.elsewhere.test.',
    'add *.% 60 TXT "now everything"',
    'add *.star.% 60 CNAME one.%',
    'add unknown2.% 60 TYPE65281 \\# 3 010203',
    'add odd\\.label.% 60 TXT "x"',
    'add ent.% 60 A 192.0.2.64',
    'add NEW.% 60 A 192.0.2.65',
    'add caa.% 60 CAA 0 issue "ca.example"',
    'add sshfp.% 60 SSHFP 1 1 0102030405060708090a0b0c0d0e0f1011121314',
    'add _443._tcp.% 60 TLSA 3 1 1 0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20',
    'add naptr.% 60 NAPTR 1 2 "u" "E2U+sip" "!^.*$!sip:x@example!" .',
  ),
  updates(
    'additions of what is there',
    'add one.% 300 A 192.0.2.10',
    'add ONE.% 300 A 192.0.2.10',
    'add mx.% 300 MX 10 mail.%',
    'add mx.% 300 MX 10 MAIL.%',
    'add alias.% 300 CNAME one.%',
    'add two.% 300 TXT "ab"',
  ),
  {
    ...updates(
      'another TTL',
      'add one.% 60 A 192.0.2.10',
      'add one.% 0 A 192.0.2.10',
      'add alias.% 60 CNAME one.%',
      'add alias.% 61 CNAME two.%',
      'add ns.sub.% 60 A 192.0.2.50',
    ),
    differs: { knot: keepsTtl },
  },
  {
    ...updates('another TTL of a record of a set is that of the set', 'add two.% 60 A 192.0.2.21'),
    differs: { knot: keepsTtl },
  },
  updates('another TTL with a further record', 'add two.% 60 A 192.0.2.22'),
  {
    ...updates('another TTL of the name servers', 'add % 60 NS ns1.%', 'add % 61 NS ns3.%'),
    differs: { knot: keepsTtl },
  },
  {
    ...updates('two TTLs in one message', [
      'add two.% 60 A 192.0.2.21',
      'add two.% 61 A 192.0.2.20',
    ]),
    differs: { knot: keepsTtl },
  },
  updates(
    'a record taken away',
    'delete two.% A 192.0.2.20',
    'delete two.% A 192.0.2.20',
    'delete TWO.% A 192.0.2.21',
    'delete two.% TXT "ab"',
    'delete two.% TXT "a" "b"',
    'delete missing.% A 192.0.2.1',
    'delete mx.% MX 10 MAIL.%',
    'delete ptr.% PTR two.%',
    'delete ptr.% PTR ONE.%',
    'delete alias.% CNAME two.%',
    'delete alias.% CNAME one.%',
    'delete srv.% SRV 1 2 3 one.%',
    'delete unknown.% TYPE65280 \\# 4 01020304',
    'delete deep.ent.% A 192.0.2.30',
    'delete *.wild.% A 192.0.2.40',
    'delete x.wild.% TXT "wildcard"',
  ),
  updates(
    'an RRset taken away',
    'delete two.% A',
    'delete two.% A',
    'delete missing.% A',
    'delete one.% TXT',
    'delete alias.% A',
    'delete alias.% CNAME',
    'delete MIXED.% A',
    'delete *.wild.% TXT',
    'delete % MX',
    'delete % NS',
    'delete % SOA',
    'delete sub.% NS',
  ),
  updates(
    'a name taken away',
    'delete two.%',
    'delete missing.%',
    'delete ent.%',
    'delete *.wild.%',
    'delete x.wild.%',
    'delete sub.%',
    'delete old.%',
    'delete unknown.%',
    'delete %',
  ),
  updates(
    'the last name server stays',
    'delete % NS ns1.%',
    'delete % NS ns2.%',
    'add % 300 NS ns3.%',
    'delete % NS ns2.%',
    ['delete % NS', 'add % 300 NS ns4.%'],
    ['delete % NS ns3.%', 'delete % NS ns4.%'],
  ),
  updates('name servers exchanged in one message, new ones first', [
    'add % 300 NS ns3.%',
    'delete % NS ns1.%',
    'delete % NS ns2.%',
  ]),
  updates('name servers exchanged in one message, old ones first', [
    'delete % NS ns1.%',
    'delete % NS ns2.%',
    'add % 300 NS ns3.%',
  ]),
  updates(
    'a CNAME beside other data is skipped, and the rest is done',
    'add one.% 60 CNAME two.%',
    ['add one.% 60 CNAME two.%', 'add more.% 60 A 192.0.2.70'],
    'add % 60 CNAME one.%',
    'add sub.% 60 CNAME one.%',
  ),
  updates(
    'other data beside a CNAME is skipped, and the rest is done',
    'add alias.% 60 A 192.0.2.71',
    ['add alias.% 60 TXT "x"', 'add more.% 60 A 192.0.2.72'],
    'add alias.% 60 NS ns1.%',
  ),
  updates(
    'one CNAME takes the place of the other',
    'add alias.% 60 CNAME two.%',
    ['add alias.% 60 CNAME one.%', 'add alias.% 60 CNAME mail.%'],
    ['delete alias.% CNAME mail.%', 'add alias.% 60 A 192.0.2.73'],
    ['delete alias.% A', 'add alias.% 60 CNAME one.%'],
    ['delete alias.%', 'add alias.% 60 A 192.0.2.74'],
    ['add fresh.% 60 A 192.0.2.75', 'add fresh.% 60 CNAME one.%'],
    ['add fresher.% 60 CNAME one.%', 'add fresher.% 60 A 192.0.2.76'],
  ),
  {
    ...updates(
      'one DNAME takes the place of the other',
      'add old.% 60 DNAME new.elsewhere.test.',
      'add old.% 60 TXT "beside it"',
    ),
    without: { knot: 'Knot 3.2.6 ends when an update replaces a DNAME' },
  },
  updates(
    'the SOA: upward only, at the apex only',
    'add % 300 SOA ns1.% hostmaster.% 20 3600 600 86400 60',
    'add % 300 SOA ns2.% root.% 21 7200 601 86401 61',
    'add % 300 SOA ns1.% hostmaster.% 15 3600 600 86400 60',
    'add % 300 SOA ns1.% hostmaster.% 21 3600 600 86400 60',
    'add one.% 300 SOA ns1.% hostmaster.% 90 3600 600 86400 60',
    'add % 60 SOA ns1.% hostmaster.% 30 3600 600 86400 60',
    ['add % 300 SOA ns1.% hostmaster.% 40 3600 600 86400 60', 'add soa.% 60 A 192.0.2.80'],
    ['add soa2.% 60 A 192.0.2.81', 'add % 300 SOA ns1.% hostmaster.% 50 3600 600 86400 60'],
    'add % 300 SOA ns1.% hostmaster.% 2147483697 3600 600 86400 60',
    'add % 300 SOA ns1.% hostmaster.% 2147483698 3600 600 86400 60',
    'delete % SOA ns1.% hostmaster.% 2147483697 3600 600 86400 60',
  ),
  updates(
    'serials wrap past 0',
    'add % 300 SOA ns1.% hostmaster.% 2147483650 3600 600 86400 60',
    'add % 300 SOA ns1.% hostmaster.% 4294967295 3600 600 86400 60',
    'add wrapped.% 60 A 192.0.2.90',
    'add wrapped.% 60 A 192.0.2.91',
  ),
  updates(
    'in the order of the message',
    ['delete one.%', 'add one.% 60 A 192.0.2.92'],
    ['add one.% 60 A 192.0.2.93', 'delete one.%'],
    ['add two.% 60 A 192.0.2.94', 'delete two.% A', 'add two.% 60 A 192.0.2.95'],
    ['add x.% 60 A 192.0.2.96', 'delete x.% A 192.0.2.96'],
    ['delete mail.% A 192.0.2.3', 'add mail.% 300 A 192.0.2.3'],
  ),
  updates(
    'a delegation: its glue, what it hides, and its end',
    'add deeper.ns.sub.% 60 A 192.0.2.97',
    'delete ns.sub.% A 192.0.2.50',
    'add newsub.% 60 NS ns.newsub.%',
    'add ns.newsub.% 60 AAAA 2001:db8::2',
    'delete sub.% NS',
    'delete newsub.%',
  ),
  updates(
    'names outside the zone: nothing is done',
    ['add more.% 60 A 192.0.2.98', 'add one.elsewhere.example. 60 A 192.0.2.98'],
    ['add more.% 60 A 192.0.2.98', 'delete one.elsewhere.example.'],
    ['delete one.elsewhere.example. A'],
    ['delete one.elsewhere.example. A 192.0.2.98'],
  ),
  {
    ...updates(
      'a delegation with a DS, without its name servers',
      'add sub.% 60 DS 1 8 2 0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20',
      'delete sub.% NS',
    ),
    differs: { bind: 'BIND 9.18 takes the DS away with the NS, which RFC 2136 does not ask for' },
  },
  {
    ...updates('records of a signer', 'add one.% 60 NSEC two.% A NSEC', 'delete one.% NSEC'),
    differs: { knot: 'Knot 3.2 takes NSEC that nothing signs; Riad and BIND refuse it' },
  },
];
