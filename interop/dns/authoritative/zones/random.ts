/**
 * Random zones from a small set of labels, so that names meet: wildcards, empty non-terminals,
 * delegations, aliases and DNAMEs above, below and beside each other. No RRset has two TTLs, and no
 * owner has an alias and other data, for those are no zones.
 */
import type { Random } from '@riad/octets/testing/random';
import type { ServedZone } from '../../../peers/server.ts';

const labels = ['a', 'b', 'c', 'www', '*', 'x', 'ent', 'Sub', 'ns', 'mail'];

export function randomZone(
  name: string,
  records: number,
  random: Random,
  otherZones: readonly string[],
): ServedZone {
  const lines = new Set<string>();
  const alone = new Set<string>(); // owners of a CNAME
  const redirections: string[] = []; // owners of a DNAME
  const taken = new Set<string>(['@']);
  const ttls = new Map<string, number>();
  const owner = (): string =>
    Array.from({ length: random.between(1, 4) }, () => random.pick(labels)).join('.');
  const target = (): string => {
    const dice = random.below(10);
    if (dice < 1 && redirections.length > 0) return `${owner()}.${random.pick(redirections)}`;
    if (dice < 7) return owner();
    if (dice < 9) return `${owner()}.${random.pick(otherZones)}.`;
    return 'far.elsewhere.test.';
  };
  const add = (at: string, type: string, data: string): void => {
    const key = `${at.toLowerCase()} ${type}`;
    const ttl = ttls.get(key) ?? random.pick([60, 300, 3600]);
    ttls.set(key, ttl);
    lines.add(`${at} ${ttl} ${type} ${data}`);
  };
  add('@', 'NS', 'ns');
  add('@', 'NS', 'ns.elsewhere.test.');
  taken.add('ns');
  add('ns', 'A', '192.0.2.1');
  for (let i = 0; i < records; i++) {
    const at = owner();
    const key = at.toLowerCase();
    const kind = random.below(20);
    if (kind < 2) {
      if (taken.has(key)) continue;
      alone.add(key);
      taken.add(key);
      add(at, 'CNAME', target());
      continue;
    }
    if (kind < 3) {
      // A label of its own, for nothing may stand below a DNAME (RFC 6672 §2.4).
      const redirected = `dn${i}.${at}`;
      add(redirected, 'DNAME', target());
      redirections.push(redirected);
      continue;
    }
    if (alone.has(key)) continue;
    taken.add(key);
    if (kind < 6) {
      if (at.startsWith('*')) continue; // RFC 4592 §4.2 leaves open what a wildcard NS means
      add(at, 'NS', target());
      if (random.chance(0.6)) {
        const server = `ns.${at}`;
        if (alone.has(server.toLowerCase())) continue;
        taken.add(server.toLowerCase());
        add(at, 'NS', server);
        add(server, random.pick(['A', 'A', 'AAAA']) === 'A' ? 'A' : 'AAAA', '');
      }
      continue;
    }
    if (kind < 11) add(at, 'A', '');
    else if (kind < 13) add(at, 'AAAA', '');
    else if (kind < 15) add(at, 'MX', `${random.below(3) * 10} ${target()}`);
    else if (kind < 17) add(at, 'SRV', `0 0 ${random.below(100)} ${target()}`);
    else add(at, 'TXT', `"${random.below(1000)}"`);
  }
  let address = 0;
  const filled = [...lines].map((line) => {
    if (line.endsWith(' A ')) return `${line}192.0.2.${address++ % 256}`;
    if (line.endsWith(' AAAA ')) return `${line}2001:db8::${(address++).toString(16)}`;
    return line;
  });
  const soa = '@ 3600 SOA ns hostmaster 1 7200 900 1209600 300';
  return { name, text: `${soa}\n${filled.join('\n')}\n` };
}
