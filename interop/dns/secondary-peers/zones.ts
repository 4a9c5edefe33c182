/** The zones that the secondaries keep. */

const head = `$TTL 300
@ SOA ns1 hostmaster 1 3600 600 86400 60
@ NS ns1
ns1 A 192.0.2.1
`;

/** One record besides what every zone has, and one to edit. */
export const smallText: string = `${head}host0 A 10.0.0.0\nhost1 A 10.0.0.1\n`;

export function largeText(hosts: number): string {
  const lines = Array.from(
    { length: hosts },
    (_, i) => `host${i} A 10.${(i >> 16) & 255}.${(i >> 8) & 255}.${i & 255}\n`,
  );
  return head + lines.join('');
}
