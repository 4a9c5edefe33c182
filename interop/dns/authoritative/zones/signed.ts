/**
 * Zones signed with `ldns-signzone`: NSEC, and NSEC3 with and without salt and iterations. Opt-out is
 * BIND's `dnssec-signzone`'s work, for it leaves insecure delegations out of the chain, where ldns
 * only sets the flag.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ServedZone } from '../../../peers/server.ts';
import { peer } from '../../../peers.ts';

export const signer = peer('ldns-signzone');
const keygen = peer('ldns-keygen');

const optOutSigner = peer('dnssec-signzone');

/** For `skip`: false if zones can be signed, or what is missing for it. */
export const missingSigner: false | string =
  signer.missing || keygen.missing || optOutSigner.missing;

/** How names are denied; what the signer is told for it. */
export const denials = {
  nsec: [],
  nsec3: ['-n', '-t', '0'],
  'nsec3-salt': ['-n', '-t', '5', '-s', 'abcd1234'],
  'nsec3-optout': ['-3', '-', '-H', '0', '-A'],
} as const satisfies Record<string, readonly string[]>;

export type Denial = keyof typeof denials;

export function sign(zone: ServedZone, denial: Denial, folder: string): ServedZone {
  mkdirSync(folder, { recursive: true });
  const run = (file: string, args: readonly string[]): string =>
    execFileSync(file, args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  const origin = zone.name === '.' ? '.' : `${zone.name}.`;
  // One key for both purposes would do, but most zones have two (RFC 6781 §3.1).
  const zoneKey = run(keygen.file, ['-a', 'ECDSAP256SHA256', '-r', '/dev/urandom', origin]).trim();
  const signingKey = run(keygen.file, [
    '-k',
    '-a',
    'ECDSAP256SHA256',
    '-r',
    '/dev/urandom',
    origin,
  ]).trim();
  const plain = join(folder, `${zoneKey}.zone`);
  const out = join(folder, `${zoneKey}.signed`);
  writeFileSync(plain, zone.text);
  if (denial === 'nsec3-optout') {
    const keys = [zoneKey, signingKey];
    const published = keys.map((key) => readFileSync(join(folder, `${key}.key`), 'utf8'));
    writeFileSync(plain, `${String(zone.text)}\n${published.join('\n')}`);
    // `-P`: it need not check its own work, the peers and the literal reading do.
    const when = ['-s', '20260101000000', '-e', '20360101000000'];
    run(optOutSigner.file, [
      ...['-q', '-P', '-o', origin, '-f', out],
      ...when,
      ...denials[denial],
      plain,
      ...keys,
    ]);
    return { name: zone.name, text: readFileSync(out) };
  }
  run(signer.file, [
    '-i',
    '20260101',
    '-e',
    '20360101',
    '-o',
    origin,
    '-f',
    out,
    ...denials[denial],
    plain,
    zoneKey,
    signingKey,
  ]);
  return { name: zone.name, text: readFileSync(out) };
}

const lines = (count: number, line: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => line(i)).join('\n');

/** Something of everything that has a proof of its own. */
export function zoneToSign(name: string): ServedZone {
  const text = `$TTL 3600
@ SOA ns1 hostmaster 2026112301 7200 900 1209600 300
@ NS ns1
@ NS ns.elsewhere.test.
@ MX 10 mail
@ TXT "apex"
ns1 A 192.0.2.1
ns1 AAAA 2001:db8::1
mail A 192.0.2.2
www A 192.0.2.3
www TXT "www"
a.b.c.ent TXT "deep"
x.ent A 192.0.2.4
*.wild TXT "wild"
*.wild A 192.0.2.5
host.wild A 192.0.2.6
y.host2.wild A 192.0.2.7
*.deep.wild A 192.0.2.8
*.alias CNAME www
*.aliasaway CNAME www.elsewhere.test.
*.aliasnone CNAME none.wild2
chain CNAME chain2
chain2 CNAME www
none CNAME nothing
tocut CNAME www.secure
toalias CNAME q.alias
hosted CNAME www.wild.example.
sub DNAME wild
tosub CNAME q.sub
apexdname DNAME @
secure NS ns.secure
secure DS 12345 13 2 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff
ns.secure A 192.0.2.9
insecure NS ns.insecure
ns.insecure A 192.0.2.10
insecure2 NS ns.elsewhere.test.
deep.insecure3 NS ns.elsewhere.test.
also.deep.insecure4 NS ns1
signed NS ns1
signed DS 1 13 2 ff112233445566778899aabbccddeeff00112233445566778899aabbccddeeff
${lines(12, (i) => `host${i} A 192.0.2.${i + 20}`)}
${lines(6, (i) => `cut${i} NS ns1`)}
${lines(3, (i) => `cut${i} DS ${i} 13 2 ${'ab'.repeat(32)}`)}
${lines(30, (i) => `big TXT "${i} ${'x'.repeat(40)}"`)}
MiXeD TXT "case"
b\\.c TXT "dot"
`;
  return { name, text };
}
