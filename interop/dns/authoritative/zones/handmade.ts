/** Zones made by hand, each awkward in a way that RFCs 1034, 2181, 2308, 4592 and 6672 speak of. */
import type { ServedZone } from '../../../peers/server.ts';

const top =
  '$TTL 3600\n@ SOA ns1 hostmaster 2026112301 7200 900 1209600 300\n@ NS ns1\n@ NS ns2.elsewhere.test.\nns1 A 192.0.2.1\nns1 AAAA 2001:db8::1\n';

/** Wildcards: deep, above empty non-terminals, beside names, as literal labels in the middle. */
const wildcards = `${top}
* TXT "any"
* MX 10 mail
mail A 192.0.2.2
sub TXT "hides the wildcard of the apex"
deep.one.two.three A 192.0.2.3
*.one.two.three A 192.0.2.4
*.two.three TXT "two"
host.*.two.three A 192.0.2.5
*.host.*.two.three A 192.0.2.6
a.*.ent TXT "below a star that is no name"
*.ent TXT "a star that is"
b.ent TXT "b"
x.y.ent TXT "y is empty"
*.alias CNAME target.alias
target.alias A 192.0.2.7
*.loop CNAME x.loop
*.away CNAME www.elsewhere.test.
*.both A 192.0.2.8
*.both AAAA 2001:db8::8
*.both MX 1 q.both
*.srv SRV 0 0 53 ns1
_tcp.srv TXT "exists"
**.star TXT "two stars are a common label"
\\042.star TXT "an escaped star is a star"
*.CaSe TXT "case"
www.case TXT "lower"
`;

/** Delegations: glue inside, beside and missing, nested cuts, occluded data, DS, a hosted child. */
const cuts = `${top}
inside NS ns.inside
inside NS ns2.inside
ns.inside A 192.0.2.10
ns2.inside AAAA 2001:db8::10
inside DS 1 13 2 0000000000000000000000000000000000000000000000000000000000000000
beside NS ns.inside
beside NS host
host A 192.0.2.11
far NS ns.far.elsewhere.test.
lame NS ns.lame
nested NS ns.deep.nested
ns.deep.nested A 192.0.2.12
deep.nested NS ns.deep.nested
occluded NS ns1
occluded TXT "occluded at the cut"
www.occluded A 192.0.2.13
a.b.occluded CNAME www
ent.mid.way NS ns1
child NS ns.child
child NS ns1
ns.child A 192.0.2.14
grand.child NS ns1
many NS a.many
many NS b.many
many NS c.many
many NS d.many
a.many A 192.0.2.15
b.many A 192.0.2.16
c.many A 192.0.2.17
d.many A 192.0.2.18
a.many AAAA 2001:db8::15
b.many AAAA 2001:db8::16
c.many AAAA 2001:db8::17
d.many AAAA 2001:db8::18
into CNAME www.inside
intocut CNAME inside
intochild CNAME www.child
toapex CNAME child
*.toapexes CNAME child
toown CNAME @
mx MX 10 mail.inside
mx MX 20 www.child
srv SRV 0 0 80 host
www.wild A 192.0.2.19
`;

/** The child of the zone above on the same server: other data than the parent says, and a grandchild. */
const child = `${top}
@ NS ns
ns A 192.0.2.20
www A 192.0.2.21
grand NS ns.grand
ns.grand A 192.0.2.22
* TXT "child"
`;

const dname = `${top}
short DNAME target
www.target A 192.0.2.30
a.b.target A 192.0.2.31
*.target TXT "wild target"
target MX 10 www.target
chain1 DNAME chain2
chain2 DNAME chain3
chain3 DNAME target
self DNAME deep.self
loop1 DNAME loop2
loop2 DNAME loop1
away DNAME elsewhere.test.
hosted DNAME wild.example.
tochild DNAME child.cuts.example.
tocut DNAME inside.cuts.example.
toolong DNAME ${'a'.repeat(63)}.${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(59)}.
owner DNAME target
owner A 192.0.2.32
*.wilddname TXT "x"
alias CNAME www.short
alias2 CNAME www.chain1
toself CNAME short
long DNAME ${'x'.repeat(60)}.${'y'.repeat(60)}.${'z'.repeat(50)}
root DNAME .
hop DNAME landing
*.landing CNAME second.hop
second.landing A 192.0.2.33
`;

const apexDname = `$TTL 3600
@ SOA ns1.elsewhere.test. hostmaster 1 7200 900 1209600 300
@ NS ns1.elsewhere.test.
@ DNAME dname.example.
@ TXT "beside"
`;

const aliases = `${top}
c1 CNAME c2
c2 CNAME c3
c3 CNAME c4
c4 A 192.0.2.40
loop CNAME loop
loop1 CNAME loop2
loop2 CNAME loop3
loop3 CNAME loop1
${Array.from({ length: 25 }, (_, i) => `long${i} CNAME long${i + 1}`).join('\n')}
long25 A 192.0.2.41
missing CNAME nothing
nodata CNAME c4
ent CNAME empty
x.empty TXT "x"
wild CNAME any.wild.example.
wildent CNAME q.two.three.wild.example.
hosted CNAME www.child.cuts.example.
tocut CNAME www.inside.cuts.example.
tofar CNAME far.cuts.example.
todname CNAME www.short.dname.example.
away CNAME www.elsewhere.test.
selfzone CNAME @
Mixed CNAME C4
back CNAME back.other.example.
zig CNAME zig.other.example.
*.w CNAME c1
mx MX 10 c1
mx MX 20 c4
mx MX 30 nothing
signedtarget CNAME www.nsec.example.
`;

/** Its aliases lead back into the zone above. */
const other = `${top}
back CNAME back.alias.example.
zig CNAME zag.alias.example.
www A 192.0.2.50
`;

const lines = (count: number, line: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => line(i)).join('\n');

const big = `${top}
addresses 300 A 192.0.2.0
${lines(90, (i) => `addresses 300 A 198.51.100.${i}`)}
${lines(30, (i) => `just TXT "${String(i).padStart(3, '0')}${'t'.repeat(13)}"`)}
${lines(60, (i) => `texts TXT "${i} ${'x'.repeat(200)}"`)}
${lines(12, (i) => `mx MX ${i} mail${i}`)}
${lines(12, (i) => `mail${i} A 203.0.113.${i}\nmail${i} AAAA 2001:db8::${i}`)}
one TXT ${lines(8, () => `"${'y'.repeat(250)}"`).replaceAll('\n', ' ')}
${lines(13, (i) => `cut NS ${'n'.repeat(20)}${i}.cut\n${'n'.repeat(20)}${i}.cut A 192.0.2.${i}\n${'n'.repeat(20)}${i}.cut AAAA 2001:db8::${i}`)}
${lines(40, (i) => `wide NS ns${i}.${'w'.repeat(40)}.elsewhere.test.`)}
alias CNAME texts
*.wild TXT ${lines(5, () => `"${'z'.repeat(250)}"`).replaceAll('\n', ' ')}
${lines(25, (i) => `srv SRV 0 0 ${i} mail${i % 12}`)}
`;

const label63 = 'l'.repeat(63);
const odd = `${top}
WWW A 192.0.2.60
mIxEd.CaSe.NaMe TXT "Case"
MIXED.case.name A 192.0.2.61
\\000 TXT "zero"
a\\.b TXT "dot"
\\255\\254 TXT "high"
\\032 TXT "space"
\\"quoted\\" TXT "quotes"
sub.\\000\\001 TXT "below binary"
${label63} TXT "63"
${label63}.${label63}.${label63}.${'m'.repeat(40)} TXT "long"
*.${label63}.${label63}.${label63} TXT "long wild"
_sip._tcp SRV 1 2 5060 sip
sip A 192.0.2.62
unknown TYPE65280 \\# 4 01020304
svc HTTPS 1 . alpn=h2 ipv4hint=192.0.2.63
svc0 HTTPS 0 www
caa CAA 0 issue "ca.test"
naptr NAPTR 10 20 "u" "E2U+sip" "!^.*$!sip:x@y!" .
hinfo HINFO "a" "b"
loc LOC 52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000m 10m
zero 0 A 192.0.2.64
`;

const only = `$TTL 60
@ SOA ns.elsewhere.test. hostmaster.elsewhere.test. 1 1 1 1 60
@ NS ns.elsewhere.test.
`;

/** RFC 2317: a delegation for less than 256 addresses. */
const reverse4 = `$TTL 3600
@ SOA ns1.wild.example. hostmaster.wild.example. 1 7200 900 1209600 300
@ NS ns1.wild.example.
1 PTR www.wild.example.
0/25 NS ns.elsewhere.test.
128-255 NS ns1.cuts.example.
${lines(20, (i) => `${i + 10} CNAME ${i + 10}.0/25`)}
${lines(20, (i) => `${i + 130} CNAME ${i + 130}.128-255`)}
`;

const nibble = (value: number): string => value.toString(16).split('').reverse().join('.');
const reverse6 = `$TTL 3600
@ SOA ns1.wild.example. hostmaster.wild.example. 1 7200 900 1209600 300
@ NS ns1.wild.example.
${lines(20, (i) => `${nibble(0x1000 + i * 77)}.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0 PTR host${i}.wild.example.`)}
1.0.0.0 NS ns.elsewhere.test.
*.2.0.0.0 PTR dynamic.wild.example.
`;

export const handmadeZones: readonly ServedZone[] = [
  { name: 'wild.example', text: wildcards },
  { name: 'cuts.example', text: cuts },
  { name: 'child.cuts.example', text: child },
  { name: 'dname.example', text: dname },
  { name: 'apexdname.test', text: apexDname },
  { name: 'alias.example', text: aliases },
  { name: 'other.example', text: other },
  { name: 'big.example', text: big },
  { name: 'odd.example', text: odd },
  { name: 'only.test', text: only },
  { name: '2.0.192.in-addr.arpa', text: reverse4 },
  { name: '8.b.d.0.1.0.0.2.ip6.arpa', text: reverse6 },
];

/** Like the root: little but delegations, some of them of one server each, and some signed. */
export const rootZone: ServedZone = {
  name: '.',
  text: `$TTL 86400
@ SOA a.root-servers.test. nstld.test. 2026112301 1800 900 604800 86400
${lines(4, (i) => `@ NS ${'abcd'[i]}.root-servers.test.\n${'abcd'[i]}.root-servers.test. A 198.51.100.${i}\n${'abcd'[i]}.root-servers.test. AAAA 2001:db8:1::${i}`)}
${lines(40, (i) => {
  const tld = `tld${i}`;
  const ds = i % 2 === 0 ? `\n${tld} DS ${i} 13 2 ${String(i).padStart(2, '0').repeat(32)}` : '';
  return `${tld} NS a.nic.${tld}\n${tld} NS b.nic.tld${(i + 1) % 40}\na.nic.${tld} A 203.0.113.${i}\nb.nic.${tld} AAAA 2001:db8:2::${i}${ds}`;
})}
arpa NS a.root-servers.test.
in-addr.arpa NS b.root-servers.test.
test NS a.root-servers.test.
example NS ns1.wild.example.
`,
};
