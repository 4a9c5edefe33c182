/** Random zones as text, with all that transfers get wrong: glue, occluded names, wildcards, signatures. */
import type { Random } from '@riad/octets/testing/random';

const labels = [
  'a',
  'b',
  'www',
  'mail',
  '*',
  'ns1',
  'ns2',
  'deep',
  'UPPER',
  'x-y',
  '_tcp',
  'a\\.b',
  '\\000\\255',
];

export type RandomZone = { readonly name: string; readonly text: string };

export function randomZone(random: Random, records: number): RandomZone {
  const name = random.pick(['zone.example.', 'Zone.Example.', '.', 'a.very.deep.zone.of.example.']);
  const suffix = name === '.' ? '' : name;
  const owners = new Set<string>();
  while (owners.size < records / 2 + 1) {
    let owner = suffix;
    for (let depth = random.between(1, 4); depth > 0; depth--) {
      const label = random.chance(0.5) ? random.pick(labels) : `h${random.below(records)}`;
      owner = `${label}.${owner}`;
    }
    owners.add(owner);
  }
  const names = [...owners];
  const target = (): string => (random.chance(0.6) ? random.pick(names) : 'far.elsewhere.test.');
  const lines = [
    `${name} 60 SOA ${target()} ${target()} ${random.uint32()} 1 2 3 4`,
    `${name} 60 NS ${target()}`,
  ];
  const cnames = new Set<string>();
  const signed = random.chance(0.5);
  for (let i = 0; i < records; i++) {
    // Names come again later, so that they are taken apart and put together.
    const owner = random.pick(names);
    const ttl = 60;
    const key = owner.toLowerCase();
    if (cnames.has(key)) continue;
    const data = random.pick([
      () => `A 192.0.2.${random.below(256)}`,
      () => `AAAA 2001:db8::${random.below(65536).toString(16)}`,
      () => `NS ${target()}`,
      () => `MX ${random.below(100)} ${target()}`,
      () => `TXT "${'t'.repeat(random.below(255))}" "${random.below(1000)}"`,
      () => `SRV 0 0 ${random.below(65536)} ${target()}`,
      () => `RP ${target()} ${target()}`,
      () => `TYPE65280 \\# 3 0102${random.below(256).toString(16).padStart(2, '0')}`,
      () => `NAPTR 1 ${random.below(100)} "u" "x" "" ${target()}`,
      () => `DS ${random.below(65536)} 8 2 ${'ab'.repeat(32)}`,
      () => `NSEC ${target()} A RRSIG NSEC`,
    ])();
    lines.push(`${owner} ${ttl} ${data}`);
    if (signed) {
      const type = data.split(' ')[0];
      lines.push(
        `${owner} ${ttl} RRSIG ${type} 8 3 60 20300101000000 20200101000000 ${random.below(65536)} ${name} AAAA`,
      );
    }
  }
  for (let i = 0; i < records / 10; i++) {
    const owner = `alias${i}.${suffix}`;
    cnames.add(owner);
    lines.push(`${owner} 60 ${random.pick(['CNAME', 'DNAME'])} ${target()}`);
  }
  return { name, text: `${lines.join('\n')}\n` };
}
