/** The zones that are measured, made from nothing but a size: every run serves the same ones. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const plainZone = 'plain.example';
export const mixedZone = 'mixed.example';

const head = (zone: string): string =>
  `$ORIGIN ${zone}.
$TTL 3600
@ SOA ns1 hostmaster 1 7200 3600 1209600 300
@ NS ns1
@ NS ns2
ns1 A 192.0.2.1
ns2 A 192.0.2.2
`;

/** `host0` … each with one address. */
export function plainText(names: number): string {
  const parts = [head(plainZone)];
  for (let i = 0; i < names; i++) parts.push(`host${i} A ${hostAddress(i)}\n`);
  return parts.join('');
}

export function hostAddress(i: number): string {
  return `10.${(i >>> 16) & 255}.${(i >>> 8) & 255}.${i & 255}`;
}

/** Names under `mixed.example` by kind; see `mixedText` for what each is. */
export const mixedCounts = { hosts: 8000, aliases: 400, cuts: 800, deep: 400, wildcards: 400 };

/** Hosts with addresses of both families, mail and text; aliases, delegations, deep names, wildcards. */
function mixedText(): string {
  const parts = [head(mixedZone)];
  for (let i = 0; i < mixedCounts.hosts; i++) {
    parts.push(`host${i} A ${hostAddress(i)}\n AAAA 2001:db8::${(i + 1).toString(16)}\n`);
    if (i % 4 === 0) parts.push(` MX 10 host${(i * 7) % mixedCounts.hosts}\n`);
    if (i % 5 === 0) parts.push(` TXT "v=spf1 mx -all" "of host ${i}"\n`);
  }
  for (let i = 0; i < mixedCounts.aliases; i++) parts.push(`alias${i} CNAME host${i * 3}\n`);
  for (let i = 0; i < mixedCounts.cuts; i++)
    parts.push(`cut${i} NS ns.cut${i}\n NS ns2\nns.cut${i} A ${hostAddress(i)}\n`);
  for (let i = 0; i < mixedCounts.deep; i++) parts.push(`a.b.deep${i} A ${hostAddress(i)}\n`);
  for (let i = 0; i < mixedCounts.wildcards; i++)
    parts.push(`*.wild${i} A ${hostAddress(i)}\nwild${i} TXT "a wildcard below"\n`);
  return parts.join('');
}

/** The mixed zone, signed with NSEC or with NSEC3 of no iterations and no salt (RFC 9276 §3.1). */
export function mixedSigned(folder: string, denial: 'nsec' | 'nsec3'): Uint8Array {
  const input = join(folder, 'mixed.unsigned');
  writeFileSync(input, mixedText());
  const options = { cwd: folder, encoding: 'utf8' } as const;
  const keygen = ['-a', 'ECDSAP256SHA256', mixedZone];
  const zsk = execFileSync('ldns-keygen', keygen, options).trim();
  const ksk = execFileSync('ldns-keygen', ['-k', ...keygen], options).trim();
  const output = join(folder, `mixed.${denial}`);
  const nsec3 = denial === 'nsec3' ? ['-n', '-t', '0', '-s', ''] : [];
  const times = ['-i', '20200101000000', '-e', '20370101000000'];
  execFileSync(
    'ldns-signzone',
    [...nsec3, ...times, '-o', mixedZone, '-f', output, input, zsk, ksk],
    options,
  );
  return readFileSync(output);
}
